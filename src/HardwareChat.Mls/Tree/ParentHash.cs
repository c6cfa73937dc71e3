namespace HardwareChat.Mls;

// RFC 9420 §7.9
//
//   struct {
//       HPKEPublicKey encryption_key;
//       opaque parent_hash<V>;
//       opaque original_sibling_tree_hash<V>;
//   } ParentHashInput;

/// <summary>Parent hashes: how they are computed along a path, and how a tree is checked by them.</summary>
internal static class ParentHash
{
    private const int StackSize = 256;

    /// <summary>The parent hash of a node with a key, its own parent_hash, and the original tree hash of the copath child.</summary>
    public static byte[] Compute(
        CipherSuite suite, HpkePublicKey key, ReadOnlySpan<byte> parentHash, ReadOnlySpan<byte> originalSiblingTreeHash)
    {
        var input = new ScratchBytes(stackalloc byte[StackSize]);
        input.AppendOpaque(key.Span);
        input.AppendOpaque(parentHash);
        input.AppendOpaque(originalSiblingTreeHash);
        byte[] hash = suite.Hash(input.Written);
        input.Dispose();
        return hash;
    }

    /// <summary>The parent nodes that an UpdatePath sets, and the parent_hash of its leaf.</summary>
    /// <param name="tree">The tree before the path; only its copath matters.</param>
    /// <param name="path">The filtered direct path of the sender's leaf.</param>
    /// <param name="keys">The new key of each step.</param>
    public static (ParentNode[] Parents, byte[] LeafParentHash) AlongPath(RatchetTree tree, PathStep[] path, IReadOnlyList<HpkePublicKey> keys)
    {
        // "these hashes are computed from root to leaf, so that each hash incorporates all the non-blank nodes above it. The root node
        // always has a zero-length hash for its parent hash" (§7.5). No leaf is unmerged at a node just set, so the sibling's hash is
        // the current one.
        var parents = new ParentNode[path.Length];
        byte[] parentHash = [];
        for (int i = path.Length - 1; i >= 0; i--)
        {
            parents[i] = new ParentNode(keys[i], parentHash, []);
            parentHash = Compute(tree.Suite, keys[i], parentHash, tree.TreeHash(path[i].Copath));
        }

        return (parents, parentHash);
    }

    // RFC 9420 §7.9.2: "This can be done [...] "top down" by verifying that there is exactly one descendant of each non-blank parent node
    // for which the parent node is parent-hash valid."

    /// <summary>Checks every non-blank parent of a tree whose unmerged leaves are known to be in order.</summary>
    /// <exception cref="ValidationException"><see cref="ValidationRule.ParentHashValid"/>.</exception>
    public static void Validate(RatchetTree tree) => Validate(tree.Suite, tree.RootSubtree, tree.RootIndex);

    private static void Validate(CipherSuite suite, Subtree subtree, NodeIndex head)
    {
        if (subtree.IsBlank || head.IsLeaf)
            return;
        NodeIndex left = TreeMath.Left(head);
        NodeIndex right = TreeMath.Right(head);
        if (subtree.Parent is { } parent)
        {
            bool byLeft = HasValidDescendant(suite, parent, subtree.Left, left, subtree.Right, right);
            bool byRight = HasValidDescendant(suite, parent, subtree.Right, right, subtree.Left, left);
            if (byLeft == byRight)
                throw new ValidationException(ValidationRule.ParentHashValid, $"{head} is not the parent of exactly one node below it");
        }

        Validate(suite, subtree.Left, left);
        Validate(suite, subtree.Right, right);
    }

    // The parent hash in a node D is valid with respect to a parent node P, of which C is the child on D's path and S the other, if
    //
    //   - D is a descendant of P in the tree.
    //   - The parent_hash field of D is equal to the parent hash of P with copath child S.
    //   - D is in the resolution of C, and the intersection of P's unmerged_leaves with the subtree under C is equal to the resolution
    //     of C with D removed.
    //
    // So D is the one node of C's resolution that is not an unmerged leaf of P. The blank nodes between D and P have no say of their
    // own, but a leaf below them that is not unmerged at P shows as a second such node.
    private static bool HasValidDescendant(
        CipherSuite suite, ParentNode parent, Subtree child, NodeIndex childIndex, Subtree sibling, NodeIndex siblingIndex)
    {
        ReadOnlySpan<LeafIndex> unmerged = Unmerged.Below(parent.UnmergedLeaves, childIndex);
        var resolution = new List<ResolvedNode>();
        child.Resolve(childIndex, resolution, limit: unmerged.Length + 2);
        if (resolution.Count != unmerged.Length + 1)
            return false;

        NodeIndex? descendant = null;
        foreach (ResolvedNode node in resolution)
        {
            if (node.Index.IsLeaf && Unmerged.Contains(unmerged, node.Index.ToLeafIndex()))
                continue;
            if (descendant is not null)
                return false;
            descendant = node.Index;
        }

        if (descendant is null)
            return false;
        Subtree found = child.Find(childIndex, descendant.Value);
        ReadOnlySpan<byte> actual = found.Parent is { } lower ? lower.ParentHash : found.Leaf!.ParentHash;
        if (found.Leaf is { Source: not LeafNodeSource.Commit })
            return false;

        byte[] original = sibling.TreeHashWithout(suite, siblingIndex, Unmerged.Below(parent.UnmergedLeaves, siblingIndex));
        return actual.SequenceEqual(Compute(suite, parent.EncryptionKey, parent.ParentHash, original));
    }
}
