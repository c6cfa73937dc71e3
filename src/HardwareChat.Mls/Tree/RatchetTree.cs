namespace HardwareChat.Mls;

// RFC 9420 §4.1, §7.1, §7.7. The tree is a handle on an immutable Subtree: Copy costs nothing, each change log N.

/// <summary>The ratchet tree of one epoch: who is in the group, and the public keys that reach parts of it.</summary>
public sealed partial class RatchetTree
{
    private Subtree _root;
    private KeyCounts<HpkePublicKey>? _encryptionKeys;
    private KeyCounts<SignaturePublicKey>? _signatureKeys;

    /// <summary>A tree with room for one leaf, which is blank.</summary>
    internal RatchetTree(CipherSuite suite)
        : this(suite, Subtree.Blank(), 1)
    {
    }

    private RatchetTree(CipherSuite suite, Subtree root, uint leafCount)
    {
        Suite = suite;
        _root = root;
        LeafCount = leafCount;
    }

    /// <summary>Whose keys and hashes these are.</summary>
    public CipherSuite Suite { get; }

    /// <summary>Leaves that the tree has room for, blank ones included: a power of two.</summary>
    public uint LeafCount { get; private set; }

    /// <summary>Leaves that are not blank.</summary>
    public int MemberCount => _root.MemberCount;

    /// <summary>The leaves that are not blank, from the left.</summary>
    public IEnumerable<(LeafIndex Index, LeafNode Leaf)> Members => MembersOf(_root, RootIndex);

    internal NodeIndex RootIndex => TreeMath.Root(LeafCount);

    internal Subtree RootSubtree => _root;

    /// <summary>The member at a place, or null if the leaf is blank or the tree does not reach so far.</summary>
    public LeafNode? Leaf(LeafIndex index) => index.Value < LeafCount ? _root.Find(RootIndex, index.ToNodeIndex()).Leaf : null;

    /// <summary>The tree hash of the root (RFC 9420 §7.8).</summary>
    public byte[] TreeHash() => (byte[])_root.TreeHash(Suite, RootIndex).Clone();

    /// <summary>A tree of its own, with the same content.</summary>
    /// <remarks>The keys are counted once, in the original: counted in a copy, they would be counted again for each commit that is refused.</remarks>
    internal RatchetTree Copy() => new(Suite, _root, LeafCount) { _encryptionKeys = EncryptionKeys, _signatureKeys = SignatureKeys };

    /// <summary>The parent node at a place, or null if it is blank or the tree does not reach so far.</summary>
    internal ParentNode? Parent(NodeIndex index) => SubtreeAt(index).Parent;

    /// <summary>The key of the node at a place, or null if it is blank or the tree does not reach so far.</summary>
    internal HpkePublicKey? Key(NodeIndex index) => index.Value < TreeMath.NodeCount(LeafCount) ? SubtreeAt(index).Key : null;

    /// <summary>The tree hash of the subtree below a node.</summary>
    internal byte[] TreeHash(NodeIndex index) => SubtreeAt(index).TreeHash(Suite, index);

    /// <summary>How many nodes have the key.</summary>
    internal int CountOf(HpkePublicKey key) => EncryptionKeys[key];

    /// <summary>How many members have the key.</summary>
    internal int CountOf(SignaturePublicKey key) => SignatureKeys[key];

    /// <summary>The resolution of a node, left to right (RFC 9420 §4.1.1).</summary>
    internal List<ResolvedNode> Resolution(NodeIndex index)
    {
        var resolution = new List<ResolvedNode>();
        SubtreeAt(index).Resolve(index, resolution);
        return resolution;
    }

    /// <summary>The resolution of a node without leaves that the current commit adds (RFC 9420 §7.6).</summary>
    internal List<ResolvedNode> Resolution(NodeIndex index, IReadOnlySet<LeafIndex> newLeaves)
    {
        List<ResolvedNode> resolution = Resolution(index);
        if (newLeaves.Count > 0)
            resolution.RemoveAll(node => node.Index.IsLeaf && newLeaves.Contains(node.Index.ToLeafIndex()));
        return resolution;
    }

    // RFC 9420 §4.1.2: "The filtered direct path of a leaf node L is the node's direct path, with any node removed whose child on the
    // copath of L has an empty resolution".

    /// <summary>The filtered direct path of a leaf, from the leaf to the root.</summary>
    internal PathStep[] FilteredDirectPath(LeafIndex leaf)
    {
        var path = new List<PathStep>();
        Subtree subtree = _root;
        NodeIndex node = RootIndex;
        while (!node.IsLeaf)
        {
            bool left = leaf.Value < TreeMath.MiddleLeaf(node).Value;
            if (!(left ? subtree.Right : subtree.Left).IsBlank)
                path.Add(new PathStep(node, left ? TreeMath.Right(node) : TreeMath.Left(node)));
            subtree = left ? subtree.Left : subtree.Right;
            node = left ? TreeMath.Left(node) : TreeMath.Right(node);
        }

        path.Reverse();
        return [.. path];
    }

    // RFC 9420 §12.1.1: "Identify the leaf L for the new member: if there are empty leaves in the tree, L is the leftmost empty leaf.
    // Otherwise, the tree is extended to the right [...]. For each non-blank intermediate node along the path from the leaf L to the root
    // of the tree, add L's leaf index to the unmerged_leaves list for the node."

    /// <summary>The leaf that an Add takes next; in a full tree it is the first beyond.</summary>
    internal LeafIndex NextLeaf()
    {
        Subtree subtree = _root;
        NodeIndex node = RootIndex;
        if (subtree.MemberCount == LeafCount)
            return new LeafIndex(LeafCount);
        while (!node.IsLeaf)
        {
            bool left = subtree.Left.MemberCount < TreeMath.Capacity(TreeMath.Left(node));
            subtree = left ? subtree.Left : subtree.Right;
            node = left ? TreeMath.Left(node) : TreeMath.Right(node);
        }

        return node.ToLeafIndex();
    }

    /// <summary>The leaf that an Add takes next, for which the tree is extended if it is full: an external joiner's.</summary>
    internal LeafIndex ReserveLeaf()
    {
        LeafIndex index = NextLeaf();
        if (index.Value < LeafCount)
            return index;
        if (LeafCount >= TreeMath.MaxLeafCount)
            throw new InvalidOperationException("the tree is full");
        _root = Subtree.OfParent(null, _root, Subtree.Blank());
        LeafCount *= 2;
        return index;
    }

    internal LeafIndex Add(LeafNode leaf)
    {
        LeafIndex index = ReserveLeaf();
        Replace(index, leaf, (_, parent) => parent is null ? null : Unmerged.Insert(parent, index));
        return index;
    }

    // RFC 9420 §12.1.2: "Replace the sender's LeafNode with the one contained in the Update proposal. Blank the intermediate nodes along
    // the path from the sender's leaf to the root."

    internal void Update(LeafIndex index, LeafNode leaf)
    {
        RequireMember(index);
        Replace(index, leaf, static (_, _) => null);
    }

    // RFC 9420 §12.1.3: "Replace the leaf node L with a blank node. Blank the intermediate nodes on the path from L to the root. Truncate
    // the tree by reducing the size of tree until either the tree has only one leaf or the right subtree has at least one non-blank node."

    internal void Remove(LeafIndex index)
    {
        RequireMember(index);
        Replace(index, null, static (_, _) => null);
        while (LeafCount > 1 && _root.Right.IsBlank)
        {
            _root = _root.Left;
            LeafCount /= 2;
        }
    }

    // RFC 9420 §7.5: "Blank all nodes on the direct path of the sender's leaf. For all nodes on the filtered direct path [...] set the
    // public key to the public key in the UpdatePath, set the list of unmerged leaves to the empty list."

    /// <summary>Puts a committer's new leaf and parents in place; the parents are in the order of <paramref name="path"/>.</summary>
    internal void SetPath(LeafIndex index, LeafNode leaf, PathStep[] path, ParentNode[] parents)
    {
        Replace(index, leaf, (node, _) =>
        {
            int at = Array.FindIndex(path, step => step.Node == node);
            return at < 0 ? null : parents[at];
        });
    }

    private KeyCounts<HpkePublicKey> EncryptionKeys => _encryptionKeys ??= KeyCounts<HpkePublicKey>.Of(EncryptionKeysOf(_root));

    private KeyCounts<SignaturePublicKey> SignatureKeys
        => _signatureKeys ??= KeyCounts<SignaturePublicKey>.Of(Members.Select(static member => member.Leaf.SignatureKey));

    private void Replace(LeafIndex index, LeafNode? leaf, Func<NodeIndex, ParentNode?, ParentNode?> replace)
    {
        LeafNode? former = Leaf(index);
        _encryptionKeys = _encryptionKeys?.Replace(former?.EncryptionKey, leaf?.EncryptionKey);
        _signatureKeys = _signatureKeys?.Replace(former?.SignatureKey, leaf?.SignatureKey);
        _root = _root.With(RootIndex, index, leaf, (node, parent) =>
        {
            ParentNode? next = replace(node, parent);
            _encryptionKeys = _encryptionKeys?.Replace(parent?.EncryptionKey, next?.EncryptionKey);
            return next;
        });
    }

    private Subtree SubtreeAt(NodeIndex index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index.Value, TreeMath.NodeCount(LeafCount), nameof(index));
        return _root.Find(RootIndex, index);
    }

    private void RequireMember(LeafIndex index)
    {
        if (Leaf(index) is null)
            throw new InvalidOperationException($"{index} is blank");
    }

    private static IEnumerable<(LeafIndex Index, LeafNode Leaf)> MembersOf(Subtree root, NodeIndex rootIndex)
    {
        var pending = new Stack<(Subtree Subtree, NodeIndex Index)>();
        pending.Push((root, rootIndex));
        while (pending.TryPop(out (Subtree Subtree, NodeIndex Index) next))
        {
            if (next.Subtree.Leaf is { } leaf)
                yield return (next.Index.ToLeafIndex(), leaf);
            if (next.Subtree.IsBlank || next.Index.IsLeaf)
                continue;
            pending.Push((next.Subtree.Right, TreeMath.Right(next.Index)));
            pending.Push((next.Subtree.Left, TreeMath.Left(next.Index)));
        }
    }

    private static IEnumerable<HpkePublicKey> EncryptionKeysOf(Subtree root)
    {
        var pending = new Stack<Subtree>();
        pending.Push(root);
        while (pending.TryPop(out Subtree? next))
        {
            if (next.Key is { } key)
                yield return key;
            if (next.IsBlank || next.Leaf is not null)
                continue;
            pending.Push(next.Right);
            pending.Push(next.Left);
        }
    }
}
