namespace HardwareChat.Mls.Tests.Scenarios;

// RFC 9420 §12.2, §12.4: the committer takes up what is valid, and no proposal of a hostile member keeps it from committing.
public sealed class ProposalChoiceTests : IDisposable
{
    private readonly Peer _alice = Peer.Creator("alice");
    private readonly Peer _bob;
    private readonly Peer _carol;

    public ProposalChoiceTests()
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
    public void Invalid_proposals_do_not_keep_a_member_from_committing_the_valid_ones()
    {
        using KeyPackageBundle wrongSuite = new Peer("dave", CipherSuite.X25519Aes128GcmSha256Ed25519).KeyPackage();
        KeyPackageBundle again = _alice.KeyPackage();
        Send(_bob, new RemoveProposal(new LeafIndex(7)));
        Send(_bob, new RemoveProposal(_alice.Group.OwnIndex));
        Send(_bob, new AddProposal(wrongSuite.KeyPackage));
        Send(_bob, new AddProposal(again.KeyPackage));
        Send(_bob, new OpaqueProposal(new ProposalType(0xF123), [1]));
        Send(_bob, new PreSharedKeyProposal(PreSharedKeyId.External(Peer.Suite, "nobody knows it"u8)));
        Send(_bob, new GroupContextExtensionsProposal(new ExtensionList(new Extension(ExtensionType.ExternalSenders, [9]))));
        Send(_bob, new ReInitProposal(GroupId.Random(), ProtocolVersion.Mls10, Peer.Suite.Id, ExtensionList.Empty));
        byte[] update = _carol.Group.ProposeUpdate(_carol.Signer);
        _alice.Keep(update);
        _bob.Keep(update);
        again.Dispose();

        CommitBundle bundle = _alice.Commit();
        Assert.IsType<UpdateProposal>(Assert.Single(bundle.Staged.Proposals).Proposal);
        _alice.Deliver(bundle, _bob, _carol);
        Peer.AssertAgreement(_alice, _bob, _carol);
    }

    [Fact]
    public void Of_proposals_for_one_leaf_a_Remove_is_taken_or_else_the_latest_Update()
    {
        _alice.Keep(_bob.Group.ProposeUpdate(_bob.Signer));
        byte[] latest = _bob.Group.ProposeUpdate(_bob.Signer);
        _alice.Keep(latest);
        LeafNode leaf = ((UpdateProposal)_alice.Group.KeptProposals.Last().Proposal).LeafNode;
        Assert.Equal(leaf, ((UpdateProposal)Assert.Single(_alice.Commit().Staged.Proposals).Proposal).LeafNode);
        _alice.Group.DiscardPending();

        Send(_carol, new RemoveProposal(_bob.Group.OwnIndex));
        Assert.IsType<RemoveProposal>(Assert.Single(_alice.Commit().Staged.Proposals).Proposal);
        _alice.Group.DiscardPending();

        // What the committer says itself comes first.
        CommitBundle bundle = _alice.Commit(new CommitOptions { Proposals = [new RemoveProposal(_bob.Group.OwnIndex)] });
        Assert.Null(Assert.Single(bundle.Staged.Proposals).Reference);
    }

    [Fact]
    public void A_key_that_a_member_copies_from_anothers_Update_stops_nobody()
    {
        using HpkeKeyPair copied = Peer.Suite.GenerateHpkeKeyPair();
        _alice.Keep(_carol.Group.ProposeUpdate(_carol.Signer, leafKeys: copied));
        _alice.Keep(_bob.Group.ProposeUpdate(_bob.Signer, leafKeys: copied));
        Assert.Single(_alice.Commit().Staged.Proposals);
    }

    [Fact]
    public void A_ReInit_is_committed_when_nothing_else_is_there()
    {
        Send(_bob, new ReInitProposal(GroupId.Random(), ProtocolVersion.Mls10, Peer.Suite.Id, ExtensionList.Empty));
        Assert.NotNull(_alice.Commit().Staged.ReInit);
        _alice.Group.DiscardPending();
        _alice.Keep(_carol.Group.ProposeUpdate(_carol.Signer));
        Assert.Null(_alice.Commit().Staged.ReInit);
    }

    [Fact]
    public void Who_has_proposed_to_leave_can_still_commit()
    {
        _alice.Keep(_carol.Group.ProposeSelfRemoval(_carol.Signer));
        CommitBundle bundle = _carol.Commit();
        Assert.Empty(bundle.Staged.Proposals);
        _carol.Deliver(bundle, _alice, _bob);
        Peer.AssertAgreement(_alice, _bob, _carol);
    }

    private void Send(Peer sender, Proposal proposal) => _alice.Keep(sender.Group.Propose(sender.Signer, proposal));
}
