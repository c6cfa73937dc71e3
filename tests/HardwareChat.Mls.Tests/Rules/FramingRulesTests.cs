using HardwareChat.Mls.Tests.Scenarios;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Tests.Rules;

// RFC 9420 §6: each test breaks one rule of a message that is otherwise right.
public sealed class FramingRulesTests : IDisposable
{
    private readonly Peer _alice = Peer.Creator("alice");
    private readonly Peer _bob;

    public FramingRulesTests() => _bob = _alice.Add("bob");

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
    }

    [Fact]
    public void A_message_of_another_group_is_refused()
    {
        using Peer other = Peer.Creator("carol");
        Refused(ValidationRule.GroupIdMatches, other.Encrypt("hello"));
    }

    [Fact]
    public void A_handshake_of_another_epoch_is_refused()
    {
        byte[] proposal = _bob.Group.ProposeSelfRemoval(_bob.Signer);
        byte[] message = _bob.Encrypt("late");
        _alice.Deliver(_alice.Commit(), _bob);
        Refused(ValidationRule.EpochMatches, proposal);
        Assert.Equal("late", _alice.Decrypt(message));
    }

    [Fact]
    public void A_message_from_a_blank_leaf_is_refused()
        => Refused(ValidationRule.SenderIsMember, Forge.Public(_bob, Proposal(new Sender(SenderType.Member, 7), new RemoveProposal(new LeafIndex(0)))));

    [Fact]
    public void A_sender_outside_may_send_nothing_but_what_its_type_allows()
    {
        FramedContent application = FramedContent.Of(
            _bob.Group.GroupId, _bob.Group.Epoch, Sender.NewMemberProposal, default, new RemoveProposal(new LeafIndex(0)));
        Refused(ValidationRule.SenderTypeAllowed, Forge.Public(_bob, application));
        Refused(ValidationRule.SenderTypeAllowed, Forge.Public(_bob, Proposal(Sender.NewMemberCommit, new RemoveProposal(new LeafIndex(0)))));
        FramedContent commit = FramedContent.Of(
            _bob.Group.GroupId, _bob.Group.Epoch, new Sender(SenderType.External, 0), default, new Commit([], null));
        Refused(ValidationRule.SenderTypeAllowed, Forge.Public(_bob, commit));
    }

    [Fact]
    public void Application_data_in_a_PublicMessage_is_refused()
    {
        FramedContent content = FramedContent.OfApplication(_bob.Group.GroupId, _bob.Group.Epoch, Sender.Member(_bob.Group.OwnIndex), default, "hello"u8.ToArray());
        AuthenticatedContent signed = AuthenticatedContent.Sign(Peer.Suite, _bob.Signer, WireFormat.PublicMessage, content, _bob.Group.Context);
        Assert.Throws<InvalidOperationException>(() => PublicMessage.Protect(Peer.Suite, signed, _bob.Group.Context, _bob.Group.State.Secrets.MembershipKey));

        using var message = new TlsBuffer();
        var writer = new TlsWriter(message);
        ProtocolVersion.Mls10.WriteTo(ref writer);
        signed.WriteTo(ref writer);
        writer.WriteOpaque(new byte[32]);
        Refused(ValidationRule.ApplicationDataEncrypted, message.WrittenSpan.ToArray());
    }

    [Fact]
    public void A_ciphertext_with_a_changed_bit_is_refused_and_the_right_one_is_read_afterwards()
    {
        byte[] message = _bob.Encrypt("hello");
        byte[] changed = [.. message];
        changed[^1] ^= 1;
        Refused(ValidationRule.Decryption, changed);
        Assert.Equal("hello", _alice.Decrypt(message));
    }

    [Fact]
    public void A_message_is_read_once_and_none_is_read_that_is_too_far_ahead()
    {
        byte[] message = _bob.Encrypt("hello");
        _alice.Decrypt(message);
        Refused(ValidationRule.GenerationAvailable, message);
        for (int i = 0; i <= 1000; i++)
            _bob.Encrypt("lost");
        Refused(ValidationRule.GenerationAvailable, _bob.Encrypt("too far"));
    }

    [Fact]
    public void A_message_unprotected_twice_is_delivered_once()
    {
        MlsMessage message = MlsMessage.Decode(_bob.Encrypt("hello"));
        UnverifiedMessage first = _alice.Group.Unprotect(message);
        UnverifiedMessage second = _alice.Group.Unprotect(message);
        _alice.Group.Verify(first);
        Forge.AssertRule(_alice, ValidationRule.GenerationAvailable, () => _alice.Group.Verify(second));
    }

    [Fact]
    public void Sender_data_that_does_not_decrypt_is_refused()
    {
        byte[] message = _bob.Encrypt("hello");

        // version, wire format, group id, epoch, content type, authenticated data and the length of the sender data come first.
        int senderData = 4 + 33 + 8 + 1 + 1 + 1;
        message[senderData] ^= 1;
        Refused(ValidationRule.SenderDataDecryption, message);
    }

    [Fact]
    public void A_members_PublicMessage_needs_its_membership_tag()
    {
        byte[] message = _bob.Group.ProposeSelfRemoval(_bob.Signer);
        Refused(ValidationRule.MembershipTagPresent, [.. message[..^33], 0]);
        message[^1] ^= 1;
        Refused(ValidationRule.MembershipTagValid, message);
        Refused(ValidationRule.MembershipTagValid, [.. message[..^33], 31, .. message[^32..^1]]);
    }

    [Fact]
    public void A_commit_without_confirmation_tag_is_refused()
    {
        FramedContent content = FramedContent.Of(_bob.Group.GroupId, _bob.Group.Epoch, Sender.Member(_bob.Group.OwnIndex), default, new Commit([], null));
        Refused(ValidationRule.ConfirmationTagPresent, Forge.Public(_bob, content, confirmationTag: []));
    }

    [Fact]
    public void A_commit_with_another_confirmation_tag_is_refused()
    {
        CommitBundle bundle = _bob.Commit();
        var commit = (CommitMessage)_alice.Group.Receive(bundle.Message.Span);
        Forge.AssertCommitRule(_alice, ValidationRule.ConfirmationTagValid, Forge.Public(_bob, commit.Content.Content));
    }

    [Fact]
    public void A_message_signed_by_another_member_is_refused()
    {
        using SignaturePrivateKey bobs = _bob.Signer;
        FramedContent content = Proposal(Sender.Member(_bob.Group.OwnIndex), new RemoveProposal(new LeafIndex(0)));
        _bob.Signer = Peer.Suite.GenerateSignatureKey();
        Refused(ValidationRule.MessageSignature, Forge.Public(_bob, content));
    }

    [Fact]
    public void Padding_that_is_not_zero_is_refused()
    {
        // A PrivateMessage whose content is followed by a byte that is not zero.
        MlsGroup group = _bob.Group;
        FramedContent content = FramedContent.OfApplication(group.GroupId, group.Epoch, Sender.Member(group.OwnIndex), default, "hello"u8.ToArray());
        AuthenticatedContent signed = AuthenticatedContent.Sign(Peer.Suite, _bob.Signer, WireFormat.PrivateMessage, content, group.Context);
        var auth = new FramedContentAuthData(signed.Auth.Signature, []);
        using var message = new TlsBuffer();

        // An empty confirmation tag is encoded as one byte 0; a tag of one byte as 1 and that byte.
        PrivateMessage.Protect(Peer.Suite, signed with { Auth = auth with { ConfirmationTag = [7] } }, group.State.Secrets.SenderDataSecret, group.State.SecretTree, Padding.None, message);
        Refused(ValidationRule.PaddingZero, message.WrittenSpan.ToArray());
    }

    [Fact]
    public void A_group_reads_neither_Welcome_nor_GroupInfo()
        => Refused(ValidationRule.WireFormatAllowed, _bob.Group.CreateGroupInfo(_bob.Signer, new GroupInfoOptions()));

    [Fact]
    public void A_key_package_of_another_version_than_its_message_is_refused()
    {
        using KeyPackageBundle bundle = _bob.KeyPackage();
        byte[] message = new MlsMessage(bundle.KeyPackage).Encode();
        message[5] = 2;
        Assert.Equal(ValidationRule.ProtocolVersion, Assert.Throws<ValidationException>(() => MlsMessage.Decode(message)).Rule);
    }

    [Fact]
    public void An_external_proposal_needs_an_allowed_type_and_a_known_sender()
    {
        var sender = new Sender(SenderType.External, 0);
        Refused(ValidationRule.ExternalProposalType, Forge.Public(_bob, Proposal(sender, new UpdateProposal(_bob.Group.OwnLeaf))));
        Refused(ValidationRule.ExternalSenderKnown, Forge.Public(_bob, Proposal(sender, new RemoveProposal(_bob.Group.OwnIndex))));
    }

    [Fact]
    public void A_removed_client_reads_nothing()
    {
        _alice.Deliver(_alice.Commit(new CommitOptions { Proposals = [new RemoveProposal(_bob.Group.OwnIndex)] }), _bob);
        byte[] message = _alice.Encrypt("behind your back");
        Assert.Equal(ValidationRule.Evicted, Assert.Throws<ValidationException>(() => _bob.Group.Receive(message)).Rule);
        Assert.Throws<InvalidOperationException>(() => _bob.Group.Save());
    }

    [Fact]
    public void An_own_commit_that_comes_back_is_the_pending_one_or_refused()
    {
        CommitBundle bundle = _alice.Commit();
        Assert.Same(bundle.Staged, _alice.Stage(bundle.Message.Span));
        _alice.Group.DiscardPending();
        Forge.AssertCommitRule(_alice, ValidationRule.OwnCommitPending, bundle.Message.ToArray());
    }

    private void Refused(ValidationRule rule, byte[] message) => Forge.AssertRule(_alice, rule, () => _alice.Group.Receive(message));

    private FramedContent Proposal(Sender sender, Proposal proposal) => FramedContent.Of(_bob.Group.GroupId, _bob.Group.Epoch, sender, default, proposal);
}
