using System.Numerics;
using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.4.3.3
//
//   struct {
//       NodeType node_type;
//       select (Node.node_type) {
//           case leaf:   LeafNode leaf_node;
//           case parent: ParentNode parent_node;
//       };
//   } Node;
//
//   optional<Node> ratchet_tree<V>;

public sealed partial class RatchetTree : ITlsSerializable
{
    /// <summary>Reads a tree that ends where the bytes do. Its content is not yet validated.</summary>
    /// <exception cref="DecodeException">The bytes are malformed.</exception>
    /// <exception cref="ValidationException">The nodes do not form a tree, or blank ones follow the last.</exception>
    public static RatchetTree Decode(CipherSuite suite, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(suite);
        var reader = new TlsReader(bytes);
        RatchetTree tree = ReadFrom(suite, ref reader);
        reader.ThrowIfNotEmpty();
        return tree;
    }

    internal static RatchetTree ReadFrom(CipherSuite suite, ref TlsReader reader)
    {
        TlsReader body = reader.ReadVector(VectorLength.Max);
        var nodes = new List<ITlsSerializable?>();
        while (!body.IsEmpty)
            nodes.Add(body.ReadOptional() ? ReadNode(ref body, nodes.Count) : null);

        // RFC 9420 §12.4.3.3: "The receiver MUST check that the last node in ratchet_tree is non-blank, and then extend the tree to the
        // right until it has a length of the form 2^(d+1) - 1, adding the minimum number of blank values possible."
        if (nodes.Count == 0)
            throw new ValidationException(ValidationRule.TreeShape, "the tree has no nodes");
        if (nodes[^1] is null)
            throw new ValidationException(ValidationRule.TreeTrailingBlanks, "a blank node follows the last node of the tree");
        uint leafCount = BitOperations.RoundUpToPowerOf2(((uint)nodes.Count / 2) + 1);
        if (leafCount > TreeMath.MaxLeafCount)
            throw new ValidationException(ValidationRule.TreeShape, "the tree has too many nodes");
        return new RatchetTree(suite, Build(nodes, TreeMath.Root(leafCount)), leafCount);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        if (_root.IsBlank)
            throw new InvalidOperationException("a tree without members has no encoding");
        writer.WriteVector(this, static (ref writer, tree) => WriteNodes(ref writer, tree._root, tree.RootIndex, isLast: true));
    }

    internal static void Fuzz(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RatchetTree tree = Decode(CipherSuite.X25519Aes128GcmSha256Ed25519, bytes);
            TreeValidation.ValidateStructure(tree);
        }
        catch (Exception exception) when (exception is DecodeException or ValidationException)
        {
            // The two ways in which untrusted bytes may end.
        }
    }

    private static ITlsSerializable ReadNode(ref TlsReader reader, int index)
    {
        var type = (NodeType)reader.ReadUInt8();
        if (type is not (NodeType.Leaf or NodeType.Parent))
            throw reader.Malformed("no such node type");

        // RFC 9420 §12.4.3.3: "The leaves of the tree are stored in even-numbered entries in the array".
        if ((type == NodeType.Leaf) != (index % 2 == 0))
            throw new ValidationException(ValidationRule.TreeShape, $"node {index} is of the wrong type");
        return type == NodeType.Leaf ? LeafNode.ReadFrom(ref reader) : ParentNode.ReadFrom(ref reader);
    }

    private static Subtree Build(List<ITlsSerializable?> nodes, NodeIndex head)
    {
        // All beyond the last node is blank.
        if (TreeMath.FirstLeaf(head).ToNodeIndex().Value >= nodes.Count)
            return Subtree.Blank();
        if (head.IsLeaf)
            return Subtree.OfLeaf((LeafNode?)nodes[(int)head.Value]);
        Subtree left = Build(nodes, TreeMath.Left(head));
        Subtree right = Build(nodes, TreeMath.Right(head));
        ParentNode? parent = head.Value < nodes.Count ? (ParentNode?)nodes[(int)head.Value] : null;
        return Subtree.OfParent(parent, left, right);
    }

    // In order, and up to the last non-blank node: what follows is left out where the subtree is the tree's last.
    private static void WriteNodes(ref TlsWriter writer, Subtree subtree, NodeIndex head, bool isLast)
    {
        if (subtree.IsBlank)
        {
            for (uint i = 0; i < TreeMath.NodeCount(TreeMath.Capacity(head)); i++)
                writer.WriteOptional(false);
            return;
        }

        if (subtree.Leaf is { } leaf)
        {
            writer.WriteOptional(true);
            writer.WriteUInt8((byte)NodeType.Leaf);
            leaf.WriteTo(ref writer);
            return;
        }

        bool rightIsOmitted = isLast && subtree.Right.IsBlank;
        WriteNodes(ref writer, subtree.Left, TreeMath.Left(head), isLast: rightIsOmitted && subtree.Parent is null);
        if (rightIsOmitted && subtree.Parent is null)
            return;
        writer.WriteOptional(subtree.Parent is not null);
        if (subtree.Parent is { } parent)
        {
            writer.WriteUInt8((byte)NodeType.Parent);
            parent.WriteTo(ref writer);
        }

        if (!rightIsOmitted)
            WriteNodes(ref writer, subtree.Right, TreeMath.Right(head), isLast);
    }
}
