namespace HardwareChat.Mls;

// The tree is persistent: a Subtree never changes, and a changed tree shares with its former self all that has not changed. So
//
//   - a staged commit costs log N new nodes, and refusing it costs nothing;
//   - a tree hash, once computed, stays with its subtree: a change leaves log N hashes to be computed.
//
// A subtree without any non-blank node is one object whatever its height, so that a hostile tree of blanks costs no more memory than bytes.
// Subtrees do not know where they stand: their index is passed along. Recursion goes no deeper than the tree, which has at most 31 levels.

/// <summary>A node of the ratchet tree with all that is below it. Immutable.</summary>
internal sealed class Subtree
{
    public static Subtree OfLeaf(LeafNode? leaf) => new(leaf, null, null, null, leaf is null ? 0 : 1);

    public static Subtree OfParent(ParentNode? parent, Subtree left, Subtree right)
        => parent is null && left.IsBlank && right.IsBlank
            ? Blank()
            : new(null, parent, left, right, left.MemberCount + right.MemberCount);

    /// <summary>A subtree of any height without a non-blank node. Not shared, since its hash depends on where it stands.</summary>
    public static Subtree Blank() => new(null, null, null, null, 0);

    private readonly Subtree? _left;
    private readonly Subtree? _right;
    private byte[]? _treeHash;

    private Subtree(LeafNode? leaf, ParentNode? parent, Subtree? left, Subtree? right, int memberCount)
    {
        Leaf = leaf;
        Parent = parent;
        _left = left;
        _right = right;
        MemberCount = memberCount;
    }

    /// <summary>The leaf, if the head is a leaf and not blank.</summary>
    public LeafNode? Leaf { get; }

    /// <summary>The parent node, if the head is a parent and not blank.</summary>
    public ParentNode? Parent { get; }

    /// <summary>Leaves that are not blank.</summary>
    public int MemberCount { get; }

    /// <summary>Whether no node of it is non-blank.</summary>
    public bool IsBlank => Leaf is null && _left is null;

    /// <summary>The key of the head, if it is not blank.</summary>
    public HpkePublicKey? Key => Leaf?.EncryptionKey ?? Parent?.EncryptionKey;

    public Subtree Left => _left ?? Blank();

    public Subtree Right => _right ?? Blank();

    /// <summary>The subtree below <paramref name="node"/>, which is in the one that stands at <paramref name="head"/>.</summary>
    public Subtree Find(NodeIndex head, NodeIndex node)
    {
        Subtree found = this;
        while (head != node && !found.IsBlank)
        {
            bool left = node.Value < head.Value;
            found = left ? found.Left : found.Right;
            head = left ? TreeMath.Left(head) : TreeMath.Right(head);
        }

        // A blank subtree that is larger than what was asked for has another hash.
        return head == node ? found : Blank();
    }

    /// <summary>The subtree with another leaf, and every parent above that leaf replaced by what <paramref name="replace"/> says.</summary>
    public Subtree With(NodeIndex head, LeafIndex index, LeafNode? leaf, Func<NodeIndex, ParentNode?, ParentNode?> replace)
    {
        if (head.IsLeaf)
            return OfLeaf(leaf);
        bool left = index.Value < TreeMath.MiddleLeaf(head).Value;
        Subtree newLeft = left ? Left.With(TreeMath.Left(head), index, leaf, replace) : Left;
        Subtree newRight = left ? Right : Right.With(TreeMath.Right(head), index, leaf, replace);
        return OfParent(replace(head, Parent), newLeft, newRight);
    }

    // RFC 9420 §4.1.1
    //
    //   - The resolution of a non-blank node comprises the node itself, followed by its list of unmerged leaves, if any.
    //   - The resolution of a blank leaf node is the empty list.
    //   - The resolution of a blank intermediate node is the result of concatenating the resolution of its left child with that of its
    //     right child, in that order.

    /// <summary>Appends the resolution, up to <paramref name="limit"/> nodes in the list.</summary>
    public void Resolve(NodeIndex head, List<ResolvedNode> resolution, int limit = int.MaxValue)
    {
        if (IsBlank || resolution.Count >= limit)
            return;
        if (Key is { } key)
        {
            resolution.Add(new ResolvedNode(head, key));
            foreach (LeafIndex unmerged in Parent is null ? [] : Parent.UnmergedLeaves)
            {
                if (resolution.Count >= limit)
                    return;
                NodeIndex leaf = unmerged.ToNodeIndex();
                if (Find(head, leaf).Leaf is { } leafNode)
                    resolution.Add(new ResolvedNode(leaf, leafNode.EncryptionKey));
            }

            return;
        }

        Left.Resolve(TreeMath.Left(head), resolution, limit);
        Right.Resolve(TreeMath.Right(head), resolution, limit);
    }

    /// <summary>The tree hash (RFC 9420 §7.8), computed once.</summary>
    public byte[] TreeHash(CipherSuite suite, NodeIndex head)
        => _treeHash ??= head.IsLeaf
            ? TreeHashes.OfLeaf(suite, head.ToLeafIndex(), Leaf)
            : TreeHashes.OfParent(suite, Parent, [], Left.TreeHash(suite, TreeMath.Left(head)), Right.TreeHash(suite, TreeMath.Right(head)));

    /// <summary>The tree hash as if some leaves, in increasing order, were blank and unmerged nowhere (RFC 9420 §7.9).</summary>
    public byte[] TreeHashWithout(CipherSuite suite, NodeIndex head, ReadOnlySpan<LeafIndex> leaves)
    {
        if (leaves.IsEmpty || IsBlank)
            return TreeHash(suite, head);
        if (head.IsLeaf)
            return TreeHashes.OfLeaf(suite, head.ToLeafIndex(), null);
        int right = Unmerged.CountBefore(leaves, TreeMath.MiddleLeaf(head));
        return TreeHashes.OfParent(
            suite,
            Parent,
            leaves,
            Left.TreeHashWithout(suite, TreeMath.Left(head), leaves[..right]),
            Right.TreeHashWithout(suite, TreeMath.Right(head), leaves[right..]));
    }
}
