using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §7.6
//
//   struct {
//       LeafNode leaf_node;
//       UpdatePathNode nodes<V>;
//   } UpdatePath;

/// <summary>The part of a commit that gives the committer a new leaf and new keys to its filtered direct path.</summary>
internal sealed class UpdatePath : ITlsSerializable
{
    private readonly UpdatePathNode[] _nodes;

    /// <summary>Takes over the array, which nobody changes afterwards.</summary>
    internal UpdatePath(LeafNode leafNode, UpdatePathNode[] nodes)
    {
        LeafNode = leafNode;
        _nodes = nodes;
    }

    /// <summary>leaf_node.</summary>
    public LeafNode LeafNode { get; }

    /// <summary>nodes, from the leaf to the root.</summary>
    public IReadOnlyList<UpdatePathNode> Nodes => _nodes;

    /// <summary>Reads a path that ends where the bytes do.</summary>
    /// <exception cref="DecodeException">The bytes are malformed.</exception>
    public static UpdatePath Decode(ReadOnlySpan<byte> bytes) => TlsVector.Decode(bytes, ReadFrom);

    internal static UpdatePath ReadFrom(ref TlsReader reader)
        => new(LeafNode.ReadFrom(ref reader), TlsVector.Read(ref reader, UpdatePathNode.ReadFrom));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        LeafNode.WriteTo(ref writer);
        writer.WriteVector<UpdatePathNode>(_nodes);
    }

    internal static void Fuzz(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Decode(bytes);
        }
        catch (Exception exception) when (exception is DecodeException or ValidationException)
        {
            // The two ways in which untrusted bytes may end.
        }
    }
}
