using HardwareChat.Mls.Tests.Scenarios;

namespace HardwareChat.Mls.Tests.Rules;

/// <summary>What a member who follows no rules can send: right signatures and tags over wrong content.</summary>
internal static class Forge
{
    public static byte[] Commit(Peer peer, params Proposal[] proposals) => Commit(peer, null, [.. proposals.Select(static p => new ProposalOrRef(p))]);

    public static byte[] Commit(Peer peer, UpdatePath? path, params ProposalOrRef[] proposals)
        => Public(peer, FramedContent.Of(peer.Group.GroupId, peer.Group.Epoch, Sender.Member(peer.Group.OwnIndex), default, new Commit(proposals, path)));

    public static byte[] ExternalCommit(Peer joiner, GroupContext context, UpdatePath? path, params ProposalOrRef[] proposals)
    {
        FramedContent content = FramedContent.Of(context.GroupId, context.Epoch, Sender.NewMemberCommit, default, new Commit(proposals, path));
        AuthenticatedContent signed = AuthenticatedContent.Sign(joiner.CipherSuite, joiner.Signer, WireFormat.PublicMessage, content, context).With(new byte[32]);
        return new MlsMessage(PublicMessage.Protect(joiner.CipherSuite, signed, context, null)).Encode();
    }

    /// <summary>A content as a PublicMessage of a member, signed with the peer's key; a commit bears a tag of zeros.</summary>
    public static byte[] Public(Peer peer, FramedContent content, byte[]? confirmationTag = null)
    {
        MlsGroup group = peer.Group;
        AuthenticatedContent signed = AuthenticatedContent.Sign(group.Suite, peer.Signer, WireFormat.PublicMessage, content, group.Context);
        if (content.Type == ContentType.Commit)
            signed = signed.With(confirmationTag ?? new byte[32]);
        return new MlsMessage(PublicMessage.Protect(group.Suite, signed, group.Context, group.State.Secrets.MembershipKey)).Encode();
    }

    /// <summary>The action breaks exactly this rule, and leaves the group byte for byte as it was.</summary>
    public static void AssertRule(Peer peer, ValidationRule rule, Action action)
    {
        byte[] before = peer.Group.Save();
        Assert.Equal(rule, Assert.Throws<ValidationException>(action).Rule);
        Assert.Equal(before, peer.Group.Save());
    }

    /// <summary>Whoever processes the commit finds that it breaks exactly this rule.</summary>
    public static void AssertCommitRule(Peer receiver, ValidationRule rule, byte[] commit) => AssertRule(receiver, rule, () => receiver.Stage(commit).Dispose());
}
