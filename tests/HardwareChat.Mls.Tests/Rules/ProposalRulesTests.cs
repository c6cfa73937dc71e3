using HardwareChat.Mls.Tests.Scenarios;

namespace HardwareChat.Mls.Tests.Rules;

// RFC 9420 §12.1, §12.2, §12.4: each test breaks one rule of a member's commit that is otherwise right.
public sealed class ProposalRulesTests : IDisposable
{
    private static readonly ExtensionType Unknown = new(0xF0A0);
    private static readonly ProposalType UnknownProposal = new(0xF0A1);

    private readonly Peer _alice = Peer.Creator("alice");
    private readonly Peer _bob;
    private readonly Peer _carol;

    public ProposalRulesTests()
    {
        _bob = _alice.Add("bob");
        _carol = _alice.Add("carol", _bob);
    }

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
        _carol.Dispose();
    }

    [Fact]
    public void An_Update_by_the_committer_is_refused() => Refused(ValidationRule.UpdateNotByCommitter, new UpdateProposal(_bob.Group.OwnLeaf));

    [Fact]
    public void An_Update_comes_from_a_member()
    {
        CommittedProposal[] list = [new(new UpdateProposal(_bob.Group.OwnLeaf), new Sender(SenderType.External, 0), null)];
        ValidationException refusal = Assert.Throws<ValidationException>(
            () => ProposalList.ValidateRegular(list, _bob.Group.OwnIndex, _alice.Group.Tree, Peer.Suite, ResumptionPskUsage.None));
        Assert.Equal(ValidationRule.UpdateByMember, refusal.Rule);
    }

    [Fact]
    public void A_Remove_of_a_blank_leaf_is_refused()
    {
        Refused(ValidationRule.RemoveExistingMember, new RemoveProposal(new LeafIndex(3)));
        Refused(ValidationRule.RemoveExistingMember, new RemoveProposal(new LeafIndex(uint.MaxValue)));
    }

    [Fact]
    public void A_Remove_of_the_committer_is_refused() => Refused(ValidationRule.RemoveNotOfCommitter, new RemoveProposal(_bob.Group.OwnIndex));

    [Fact]
    public void Two_changes_of_one_leaf_are_refused()
        => Refused(ValidationRule.OneChangePerLeaf, new RemoveProposal(_carol.Group.OwnIndex), new RemoveProposal(_carol.Group.OwnIndex));

    [Fact]
    public void Two_Adds_of_one_client_are_refused()
    {
        using var dave = new Peer("dave");
        using KeyPackageBundle first = dave.KeyPackage();
        using KeyPackageBundle second = dave.KeyPackage();
        Refused(ValidationRule.AddUnique, new AddProposal(first.KeyPackage), new AddProposal(second.KeyPackage));
    }

    [Fact]
    public void Two_Adds_with_one_init_key_are_refused()
    {
        using var dave = new Peer("dave");
        using var erin = new Peer("erin");
        using KeyPackageBundle first = dave.KeyPackage();
        using KeyPackageKeys fresh = KeyPackageKeys.Generate(Peer.Suite);
        using var mixed = KeyPackageKeys.Of(first.Keys.Init.Copy(), fresh.Leaf.Copy());
        using KeyPackageBundle second = KeyPackageBundle.Create(Peer.Suite, erin.Signer, erin.Content, Lifetime.Unlimited, mixed);
        Refused(ValidationRule.InitKeyUnique, new AddProposal(first.KeyPackage), new AddProposal(second.KeyPackage));
    }

    [Fact]
    public void An_Add_of_a_member_is_refused_unless_the_member_is_removed()
    {
        using KeyPackageBundle again = _carol.KeyPackage();
        Refused(ValidationRule.AddNotMember, new AddProposal(again.KeyPackage));
        _bob.Deliver(_bob.Commit(new CommitOptions { Proposals = [new RemoveProposal(_carol.Group.OwnIndex), new AddProposal(again.KeyPackage)] }), _alice);
        Assert.Equal(3, _alice.Group.Tree.MemberCount);
    }

    [Fact]
    public void An_Add_with_an_encryption_key_of_the_tree_is_refused()
    {
        using var dave = new Peer("dave");
        using KeyPackageKeys fresh = KeyPackageKeys.Generate(Peer.Suite);
        using var stolen = KeyPackageKeys.Of(fresh.Init.Copy(), new HpkeKeyPair(fresh.Leaf.PrivateKey.Copy(), _carol.Group.OwnLeaf.EncryptionKey));
        using KeyPackageBundle bundle = KeyPackageBundle.Create(Peer.Suite, dave.Signer, dave.Content, Lifetime.Unlimited, stolen);
        Refused(ValidationRule.EncryptionKeyUnique, new AddProposal(bundle.KeyPackage));
    }

    [Fact]
    public void Two_GroupContextExtensions_are_refused()
        => Refused(ValidationRule.OneGroupContextExtensions, new GroupContextExtensionsProposal(ExtensionList.Empty), new GroupContextExtensionsProposal(ExtensionList.Empty));

    [Fact]
    public void Extensions_that_a_member_does_not_support_are_refused()
        => RefusedToCommitter(ValidationRule.GroupContextExtensionsSupported, new GroupContextExtensionsProposal(new ExtensionList(new Extension(Unknown, []))));

    [Fact]
    public void Required_capabilities_that_a_member_lacks_are_refused()
    {
        // The first member that lacks one is the committer, whose own new leaf is checked first.
        using Peer dave = WithCapabilities("dave", new Capabilities([Peer.Suite.Id], [Unknown]));
        var extensions = new ExtensionList(new RequiredCapabilities([Unknown]).ToExtension());
        dave.Deliver(dave.Commit(), _alice, _bob, _carol);
        Assert.Equal(
            ValidationRule.MembersMeetRequiredCapabilities,
            Assert.Throws<ValidationException>(() => dave.Commit(new CommitOptions { Proposals = [new GroupContextExtensionsProposal(extensions)] })).Rule);
    }

    [Fact]
    public void An_Add_of_a_client_that_lacks_a_required_capability_is_refused()
    {
        using Peer creator = Peer.Creator("erin", new ExtensionList(new RequiredCapabilities(credentials: [CredentialType.Basic]).ToExtension()));
        using var other = new Peer("frank");
        other.Content = other.Content with { Capabilities = new Capabilities([Peer.Suite.Id], credentials: [CredentialType.X509]) };
        using KeyPackageBundle bundle = other.KeyPackage();
        Forge.AssertRule(
            creator, ValidationRule.RequiredCapabilities, () => creator.Commit(new CommitOptions { Proposals = [new AddProposal(bundle.KeyPackage)] }));
    }

    [Fact]
    public void A_ReInit_beside_others_or_to_an_older_version_is_refused()
    {
        var reInit = new ReInitProposal(GroupId.Random(), ProtocolVersion.Mls10, Peer.Suite.Id, ExtensionList.Empty);
        Refused(ValidationRule.ReInitAlone, reInit, new RemoveProposal(_carol.Group.OwnIndex));
        Refused(ValidationRule.ReInitVersion, reInit with { Version = new ProtocolVersion(0) });
    }

    [Fact]
    public void An_ExternalInit_by_a_member_is_refused() => Refused(ValidationRule.ExternalInitNotByMember, new ExternalInitProposal(new byte[32]));

    [Fact]
    public void A_proposal_whose_type_a_member_does_not_support_is_refused()
        => Refused(ValidationRule.ProposalTypeSupported, new OpaqueProposal(UnknownProposal, "?"u8));

    [Fact]
    public void A_reference_to_an_unknown_proposal_is_refused()
        => Forge.AssertCommitRule(_alice, ValidationRule.ProposalReferenceKnown, Forge.Commit(_bob, null, new ProposalOrRef(new ProposalRef(new byte[32]))));

    [Fact]
    public void A_psk_needs_to_be_at_hand_and_its_name_right()
    {
        PreSharedKeyId external = PreSharedKeyId.External(Peer.Suite, "phrase"u8);
        Refused(ValidationRule.PskAvailable, new PreSharedKeyProposal(external));
        Refused(ValidationRule.PskNonceLength, new PreSharedKeyProposal(PreSharedKeyId.External("phrase"u8, new byte[31])));
        Refused(ValidationRule.PskUnique, new PreSharedKeyProposal(external), new PreSharedKeyProposal(external));
        foreach (ResumptionPskUsage usage in new[] { ResumptionPskUsage.ReInit, ResumptionPskUsage.Branch })
        {
            var link = PreSharedKeyId.Resumption(Peer.Suite, usage, _bob.Group.GroupId, _bob.Group.Epoch);
            Refused(ValidationRule.PskUsageAllowed, new PreSharedKeyProposal(link));
        }
    }

    [Fact]
    public void A_path_is_required_by_an_empty_commit_and_by_every_type_but_three()
    {
        Refused(ValidationRule.PathRequired);
        Refused(ValidationRule.PathRequired, new RemoveProposal(_carol.Group.OwnIndex));
        Refused(ValidationRule.PathRequired, new GroupContextExtensionsProposal(ExtensionList.Empty));
    }

    [Fact]
    public void A_leaf_that_the_application_refuses_does_not_enter()
    {
        using var dave = new Peer("dave");
        using KeyPackageBundle bundle = dave.KeyPackage();
        byte[] add = Forge.Commit(_bob, new AddProposal(bundle.KeyPackage));
        _alice.Check.Judge = static entry => entry.Kind != LeafEntryKind.Add;
        Forge.AssertCommitRule(_alice, ValidationRule.CredentialAccepted, add);
    }

    [Fact]
    public void A_member_cannot_take_another_identity_in_a_path_or_an_Update()
    {
        _alice.Check.Judge = static entry => entry.Former is null || entry.Leaf.Credential.Equals(entry.Former.Credential);
        LeafContent stolen = _bob.Content with { Credential = _carol.Content.Credential };
        CommitBundle bundle = _bob.Commit(new CommitOptions { Leaf = stolen });
        Forge.AssertCommitRule(_alice, ValidationRule.CredentialSuccession, bundle.Message.ToArray());
        _bob.Group.DiscardPending();

        byte[] update = _bob.Group.ProposeUpdate(_bob.Signer, stolen);
        _alice.Keep(update);
        _carol.Keep(update);
        Forge.AssertCommitRule(_alice, ValidationRule.CredentialSuccession, _carol.Commit().Message.ToArray());
    }

    [Fact]
    public void An_external_sender_that_the_application_refuses_does_not_enter()
    {
        var sender = new ExternalSender(_bob.Signer.PublicKey, new BasicCredential("service"u8));
        CommitBundle bundle = _bob.Commit(new CommitOptions { Proposals = [new GroupContextExtensionsProposal(new ExtensionList(ExternalSender.ToExtension(sender)))] });
        _alice.Check.AcceptsSenders = false;
        Forge.AssertCommitRule(_alice, ValidationRule.ExternalSenderCredentialAccepted, bundle.Message.ToArray());
    }

    private Peer WithCapabilities(string name, Capabilities capabilities)
    {
        var peer = new Peer(name);
        peer.Content = peer.Content with { Capabilities = capabilities };
        using KeyPackageBundle bundle = peer.KeyPackage();
        CommitBundle commit = _alice.Commit(new CommitOptions { Proposals = [new AddProposal(bundle.KeyPackage)] });
        _alice.Deliver(commit, _bob, _carol);
        peer.Join(commit.Welcome!.Value.Span, bundle);
        return peer;
    }

    private void Refused(ValidationRule rule, params Proposal[] proposals) => Forge.AssertCommitRule(_alice, rule, Forge.Commit(_bob, proposals));

    private void RefusedToCommitter(ValidationRule rule, params Proposal[] proposals)
        => Forge.AssertRule(_bob, rule, () => _bob.Commit(new CommitOptions { Proposals = proposals }));
}
