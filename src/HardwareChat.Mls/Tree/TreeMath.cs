using System.Numerics;

namespace HardwareChat.Mls;

// RFC 9420 Appendix C: the nodes of a full binary tree in an array, leaves at even places, a parent between its two subtrees.
//
//           3                  level 2
//       1       5              level 1
//     0   2   4   6            level 0: leaves 0, 1, 2, 3

/// <summary>Relations of nodes in the array representation of a full tree (RFC 9420 Appendix C).</summary>
internal static class TreeMath
{
    /// <summary>More leaves than any tree here may have room for; indices stay clear of the last bit.</summary>
    public const uint MaxLeafCount = 1u << 30;

    /// <summary>Leaves are level 0, the level of a parent is one more than its children's.</summary>
    public static int Level(NodeIndex node) => BitOperations.TrailingZeroCount(~node.Value);

    /// <summary>Nodes of a tree with room for <paramref name="leafCount"/> leaves.</summary>
    public static uint NodeCount(uint leafCount) => leafCount == 0 ? 0 : (2 * leafCount) - 1;

    /// <summary>The root of a tree with room for <paramref name="leafCount"/> leaves, a power of two.</summary>
    public static NodeIndex Root(uint leafCount) => new(leafCount - 1);

    /// <exception cref="InvalidOperationException">A leaf has no children.</exception>
    public static NodeIndex Left(NodeIndex parent) => new(parent.Value ^ (1u << (ParentLevel(parent) - 1)));

    /// <exception cref="InvalidOperationException">A leaf has no children.</exception>
    public static NodeIndex Right(NodeIndex parent) => new(parent.Value ^ (3u << (ParentLevel(parent) - 1)));

    /// <summary>The parent, whether or not a given tree reaches so far up.</summary>
    public static NodeIndex Parent(NodeIndex node)
    {
        int level = Level(node);
        return new((node.Value | (1u << level)) & ~(1u << (level + 1)));
    }

    /// <summary>The other child of the parent.</summary>
    public static NodeIndex Sibling(NodeIndex node)
    {
        NodeIndex parent = Parent(node);
        return node.Value < parent.Value ? Right(parent) : Left(parent);
    }

    /// <summary>Leaves that a subtree has room for.</summary>
    public static uint Capacity(NodeIndex head) => 1u << Level(head);

    /// <summary>The leftmost leaf of a subtree.</summary>
    public static LeafIndex FirstLeaf(NodeIndex head) => new((head.Value + 1 - Capacity(head)) / 2);

    /// <summary>The first leaf right of a subtree.</summary>
    public static LeafIndex EndLeaf(NodeIndex head) => new(FirstLeaf(head).Value + Capacity(head));

    /// <summary>The first leaf of a parent's right subtree.</summary>
    public static LeafIndex MiddleLeaf(NodeIndex parent) => new((parent.Value + 1) / 2);

    /// <summary>Whether the leaf is in the subtree.</summary>
    public static bool Contains(NodeIndex head, LeafIndex leaf)
        => leaf.Value >= FirstLeaf(head).Value && leaf.Value < EndLeaf(head).Value;

    /// <summary>The lowest node that has both leaves below it, or is both.</summary>
    public static NodeIndex CommonAncestor(LeafIndex left, LeafIndex right)
    {
        NodeIndex node = left.ToNodeIndex();
        while (!Contains(node, right))
            node = Parent(node);
        return node;
    }

    private static int ParentLevel(NodeIndex parent)
        => parent.IsLeaf ? throw new InvalidOperationException("a leaf has no children") : Level(parent);
}
