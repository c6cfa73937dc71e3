namespace HardwareChat.Mls;

// RFC 9420 §12.4.3.1, "Verify the integrity of the ratchet tree". Near-linear in the size of the tree, whatever the tree.
//
// What depends on the group's context (capabilities, credentials, lifetimes) is checked where leaves are; the tree hash where the
// GroupContext is.

/// <summary>Checks a tree from outside, before it becomes a group's.</summary>
internal static class TreeValidation
{
    /// <summary>Everything about a tree that can be seen without the application: structure, keys, parent hashes, leaf signatures.</summary>
    /// <exception cref="ValidationException">A rule is broken; which one, if several are, does not depend on the number of cores.</exception>
    public static void Validate(RatchetTree tree, GroupId groupId)
    {
        ValidateStructure(tree);
        ValidateSignatures(tree, groupId);
    }

    public static void ValidateStructure(RatchetTree tree)
    {
        ValidateUnmerged(tree.RootSubtree, tree.RootIndex, []);
        ValidateKeys(tree);
        ParentHash.Validate(tree);
    }

    // "For each non-empty parent node and each entry in the node's unmerged_leaves field: Verify that the entry represents a non-blank leaf
    // node that is a descendant of the parent node. Verify that every non-blank intermediate node between the leaf node and the parent
    // node also has an entry for the leaf node in its unmerged_leaves."
    //
    // The entries that the next non-blank node above has in this subtree are passed down: what it asks of its nearest non-blank
    // descendants, those ask in turn.
    private static void ValidateUnmerged(Subtree subtree, NodeIndex head, ReadOnlySpan<LeafIndex> required)
    {
        if (subtree.IsBlank)
        {
            if (!required.IsEmpty)
                throw new ValidationException(ValidationRule.UnmergedLeafDescendant, $"{required[0]} is unmerged, but blank");
            return;
        }

        if (head.IsLeaf)
            return;

        if (subtree.Parent is { } parent)
        {
            ReadOnlySpan<LeafIndex> unmerged = parent.UnmergedLeaves;
            if (Unmerged.Below(unmerged, head).Length != unmerged.Length)
                throw new ValidationException(ValidationRule.UnmergedLeafDescendant, $"an unmerged leaf of {head} is not below it");
            int at = 0;
            foreach (LeafIndex leaf in required)
            {
                while (at < unmerged.Length && unmerged[at].Value < leaf.Value)
                    at++;
                if (at == unmerged.Length || unmerged[at] != leaf)
                    throw new ValidationException(ValidationRule.UnmergedLeafInBetween, $"{leaf} is unmerged above {head}, but not there");
            }

            required = unmerged;
        }

        int right = Unmerged.CountBefore(required, TreeMath.MiddleLeaf(head));
        ValidateUnmerged(subtree.Left, TreeMath.Left(head), required[..right]);
        ValidateUnmerged(subtree.Right, TreeMath.Right(head), required[right..]);
    }

    // "Verify that the encryption key in the parent node does not appear in any other node of the tree." §7.3: signature_key and
    // encryption_key are unique among the members.
    private static void ValidateKeys(RatchetTree tree)
    {
        var encryptionKeys = new HashSet<HpkePublicKey>();
        var signatureKeys = new HashSet<SignaturePublicKey>();
        ValidateKeys(tree.Suite, tree.RootSubtree, tree.RootIndex, encryptionKeys, signatureKeys);
    }

    private static void ValidateKeys(
        CipherSuite suite, Subtree subtree, NodeIndex head, HashSet<HpkePublicKey> encryptionKeys, HashSet<SignaturePublicKey> signatureKeys)
    {
        if (subtree.IsBlank)
            return;
        if (subtree.Key is { } key)
        {
            if (!suite.IsValid(key))
                throw new ValidationException(ValidationRule.EncryptionKeyWellFormed, $"the encryption key of {head} is none of the suite");
            if (!encryptionKeys.Add(key))
                throw new ValidationException(ValidationRule.EncryptionKeyUnique, $"the encryption key of {head} occurs twice");
        }

        if (subtree.Leaf is { } leaf)
        {
            if (!suite.IsValid(leaf.SignatureKey))
                throw new ValidationException(ValidationRule.SignatureKeyWellFormed, $"the signature key of {head} is none of the suite");
            if (!signatureKeys.Add(leaf.SignatureKey))
                throw new ValidationException(ValidationRule.SignatureKeyUnique, $"the signature key of {head} occurs twice");
            return;
        }

        ValidateKeys(suite, subtree.Left, TreeMath.Left(head), encryptionKeys, signatureKeys);
        ValidateKeys(suite, subtree.Right, TreeMath.Right(head), encryptionKeys, signatureKeys);
    }

    // §7.3: "Verify that the signature on the LeafNode is valid using signature_key."
    private static void ValidateSignatures(RatchetTree tree, GroupId groupId)
    {
        (LeafIndex Index, LeafNode Leaf)[] members = [.. tree.Members];
        Cores.ForEach(members.Length, i =>
        {
            if (!members[i].Leaf.VerifySignature(tree.Suite, groupId, members[i].Index))
                throw new ValidationException(ValidationRule.LeafSignature, $"the signature of {members[i].Index} is wrong");
        });
    }
}
