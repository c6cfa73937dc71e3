namespace HardwareChat.Mls;

// RFC 9420 §7.8
//
//   struct {
//     NodeType node_type;
//     select (TreeHashInput.node_type) {
//       case leaf:   LeafNodeHashInput leaf_node;
//       case parent: ParentNodeHashInput parent_node;
//     };
//   } TreeHashInput;
//
//   struct {
//     uint32 leaf_index;
//     optional<LeafNode> leaf_node;
//   } LeafNodeHashInput;
//
//   struct {
//     optional<ParentNode> parent_node;
//     opaque left_hash<V>;
//     opaque right_hash<V>;
//   } ParentNodeHashInput;

/// <summary>The hashes of single nodes, given those of their children.</summary>
internal static class TreeHashes
{
    // Room for a usual leaf, or for a parent and two hashes.
    private const int StackSize = 512;

    public static byte[] OfLeaf(CipherSuite suite, LeafIndex index, LeafNode? leaf)
    {
        var input = new ScratchBytes(stackalloc byte[StackSize]);
        input.AppendUInt8((byte)NodeType.Leaf);
        input.AppendUInt32(index.Value);
        input.AppendUInt8(leaf is null ? (byte)0 : (byte)1);
        if (leaf is not null)
            input.Append(leaf.Encoded);
        byte[] hash = suite.Hash(input.Written);
        input.Dispose();
        return hash;
    }

    /// <param name="suite">Whose hash.</param>
    /// <param name="parent">The node, or null if it is blank.</param>
    /// <param name="without">Leaves to be left out of unmerged_leaves, in increasing order.</param>
    /// <param name="left">left_hash.</param>
    /// <param name="right">right_hash.</param>
    public static byte[] OfParent(
        CipherSuite suite, ParentNode? parent, ReadOnlySpan<LeafIndex> without, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var input = new ScratchBytes(stackalloc byte[StackSize]);
        input.AppendUInt8((byte)NodeType.Parent);
        input.AppendUInt8(parent is null ? (byte)0 : (byte)1);
        if (parent is not null)
        {
            input.AppendOpaque(parent.EncryptionKey.Span);
            input.AppendOpaque(parent.ParentHash);
            AppendUnmerged(ref input, parent.UnmergedLeaves, without);
        }

        input.AppendOpaque(left);
        input.AppendOpaque(right);
        byte[] hash = suite.Hash(input.Written);
        input.Dispose();
        return hash;
    }

    private static void AppendUnmerged(ref ScratchBytes input, ReadOnlySpan<LeafIndex> leaves, ReadOnlySpan<LeafIndex> without)
    {
        int count = leaves.Length;
        foreach (LeafIndex leaf in leaves)
        {
            if (Unmerged.Contains(without, leaf))
                count--;
        }

        input.AppendLength(count * sizeof(uint));
        foreach (LeafIndex leaf in leaves)
        {
            if (!Unmerged.Contains(without, leaf))
                input.AppendUInt32(leaf.Value);
        }
    }
}
