namespace HardwareChat.Mls;

/// <summary>Lists of unmerged leaves: sorted, without duplicates (RFC 9420 §7.1).</summary>
internal static class Unmerged
{
    /// <summary>How many of the leaves stand left of <paramref name="end"/>.</summary>
    public static int CountBefore(ReadOnlySpan<LeafIndex> leaves, LeafIndex end)
    {
        int low = 0;
        int high = leaves.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (leaves[middle].Value < end.Value)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    public static bool Contains(ReadOnlySpan<LeafIndex> leaves, LeafIndex leaf)
    {
        int at = CountBefore(leaves, leaf);
        return at < leaves.Length && leaves[at] == leaf;
    }

    /// <summary>Those of the leaves that are in the subtree.</summary>
    public static ReadOnlySpan<LeafIndex> Below(ReadOnlySpan<LeafIndex> leaves, NodeIndex head)
    {
        int start = CountBefore(leaves, TreeMath.FirstLeaf(head));
        int end = CountBefore(leaves, TreeMath.EndLeaf(head));
        return leaves[start..end];
    }

    /// <summary>The parent with one more unmerged leaf.</summary>
    public static ParentNode Insert(ParentNode parent, LeafIndex leaf)
    {
        ReadOnlySpan<LeafIndex> old = parent.UnmergedLeaves;
        int at = CountBefore(old, leaf);
        return new ParentNode(parent.EncryptionKey, parent.ParentHash.ToArray(), [.. old[..at], leaf, .. old[at..]]);
    }
}
