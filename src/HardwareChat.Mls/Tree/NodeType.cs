namespace HardwareChat.Mls;

// RFC 9420 §7.8
//
//   enum { reserved(0), leaf(1), parent(2), (255) } NodeType;

/// <summary>What a node is, in tree hashes and in a transmitted tree.</summary>
internal enum NodeType
{
    Reserved = 0,
    Leaf = 1,
    Parent = 2,
}
