namespace HardwareChat.Mls;

// RFC 9420 §12.4.3, §12.4.3.1: what a joiner checks of a GroupInfo and its tree, by Welcome or external commit alike.

/// <summary>The checks of whoever joins.</summary>
internal static class JoinChecks
{
    /// <summary>Finds and validates the tree of a GroupInfo, and the GroupInfo by it.</summary>
    public static RatchetTree ValidateGroupInfo(GroupInfo info, RatchetTree? givenTree, GroupPolicy policy)
    {
        GroupContext context = info.Context;
        if (!CipherSuite.TryGet(context.CipherSuite, out CipherSuite? suite))
            throw new ValidationException(ValidationRule.CipherSuiteUnsupported, "the group has a cipher suite that this library does not have");
        RatchetTree tree = FindTree(info, suite, givenTree);

        // RFC 9420 §12.4.3.1: "The public key is taken from the LeafNode of the ratchet tree with leaf index signer. If the node is blank or if
        // signature verification fails, return an error."
        if (tree.Leaf(info.Signer) is not { } signer || !info.VerifySignature(suite, signer.SignatureKey))
            throw new ValidationException(ValidationRule.GroupInfoSignature, "the GroupInfo's signature is wrong, or its signer's leaf is blank");

        // "Verify that the tree hash of the ratchet tree matches the tree_hash field in GroupInfo."
        if (!context.TreeHash.SequenceEqual(tree.TreeHash()))
            throw new ValidationException(ValidationRule.TreeHashMatches, "the tree is not the one of the GroupInfo");

        // "For each non-empty parent node, verify that it is parent-hash valid", "For each non-empty leaf node, validate the LeafNode".
        TreeValidation.Validate(tree, context.GroupId);
        RequiredCapabilities? required = RequiredCapabilities.FindIn(context.Extensions);
        MemberSupport support = MemberSupport.Of(tree);
        foreach ((_, LeafNode leaf) in tree.Members)
        {
            LeafValidation.ValidateCapabilities(suite, leaf, context.Extensions, required);
            support.Validate(leaf);
        }

        // The lifetimes of leaves that are in the tree already are not checked: RFC 9420 §7.3 only recommends it, and one member that does
        // not renew its leaf would keep everybody out.
        LeafValidation.JudgeExternalSenders(policy, context, context.Extensions);
        foreach ((LeafIndex index, LeafNode leaf) in tree.Members)
            LeafValidation.Judge(policy, new LeafEntry(LeafEntryKind.Tree, index, leaf, null, null, context));
        return tree;
    }

    private static RatchetTree FindTree(GroupInfo info, CipherSuite suite, RatchetTree? givenTree)
    {
        if (info.Extensions.Find(ExtensionType.RatchetTree) is { } extension)
            return RatchetTree.Decode(suite, extension.Content);

        // RFC 9420 §12.4.3.1: "If it is sent otherwise [...], then the client MUST download the tree before processing the Welcome."
        if (givenTree is null)
            throw new ValidationException(ValidationRule.RatchetTreePresent, "there is no ratchet tree");
        return givenTree.Suite == suite
            ? givenTree.Copy()
            : throw new ValidationException(ValidationRule.WelcomeCipherSuite, "the tree given is of another cipher suite");
    }
}
