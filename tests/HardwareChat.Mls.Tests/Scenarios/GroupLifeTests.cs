using System.Text;

namespace HardwareChat.Mls.Tests.Scenarios;

public static class GroupLifeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    public static void A_group_grows_and_changes_keys_and_shrinks_in_every_suite(ushort suiteId)
    {
        Assert.True(CipherSuite.TryGet(new CipherSuiteId(suiteId), out CipherSuite? suite));
        using Peer alice = Peer.Creator("alice", suite: suite);
        using Peer bob = alice.Add("bob");
        using Peer carol = alice.Add("carol", bob);
        Peer.AssertAgreement(alice, bob, carol);

        bob.Deliver(bob.Commit(), alice, carol);
        carol.Deliver(carol.Commit(), alice, bob);
        Peer.AssertAgreement(alice, bob, carol);

        alice.Deliver(alice.Commit(new CommitOptions { Proposals = [new RemoveProposal(bob.Group.OwnIndex)] }), bob, carol);
        Assert.Equal(GroupStatus.Evicted, bob.Group.Status);
        Peer.AssertAgreement(alice, carol);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public static void Proposals_by_reference_are_committed_by_another_member(bool encrypted)
    {
        var options = new GroupOptions { EncryptHandshakes = encrypted, Padding = Padding.ToMultipleOf(64) };
        using Peer alice = Peer.Creator("alice", options: options);
        using Peer bob = alice.Add("bob");
        using Peer carol = alice.Add("carol", bob);

        byte[] update = alice.Group.ProposeUpdate(alice.Signer);
        bob.Keep(update);
        carol.Keep(update);
        bob.Deliver(bob.Commit(), alice, carol);
        Peer.AssertAgreement(alice, bob, carol);
        Assert.Equal(LeafNodeSource.Update, alice.Group.OwnLeaf.Source);

        byte[] leave = carol.Group.ProposeSelfRemoval(carol.Signer);
        alice.Keep(leave);
        bob.Keep(leave);
        alice.Deliver(alice.Commit(), bob, carol);
        Assert.Equal(GroupStatus.Evicted, carol.Group.Status);
        Peer.AssertAgreement(alice, bob);
    }

    [Fact]
    public static void A_commit_of_adds_needs_no_path()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        var carol = new Peer("carol");
        using KeyPackageBundle keyPackage = carol.KeyPackage();
        CommitBundle bundle = bob.Commit(new CommitOptions { Proposals = [new AddProposal(keyPackage.KeyPackage)], OmitPath = true });
        bob.Deliver(bundle, alice);
        carol.Join(bundle.Welcome!.Value.Span, keyPackage);
        Peer.AssertAgreement(alice, bob, carol);
    }

    [Fact]
    public static void A_stranger_joins_by_external_commit_and_comes_back_by_resync()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        using var carol = new Peer("carol");
        GroupInfoOffer offer = Offer(alice, carol);
        ExternalJoin join = offer.Join(carol.Signer, carol.Content, carol.Policy, new ExternalJoinOptions { AuthenticatedData = "seen"u8.ToArray() });
        carol.Group = join.Group;
        StagedCommit staged = alice.Stage(join.Message.Span);
        Assert.Equal("seen"u8.ToArray(), staged.AuthenticatedData.ToArray());
        Assert.Equal(join.Group.OwnIndex, staged.Committer);
        alice.Group.Merge(staged);
        bob.Process(join.Message.Span);
        Peer.AssertAgreement(alice, bob, carol);

        // Carol has lost her state, and replaces her former leaf.
        LeafIndex former = carol.Group.OwnIndex;
        carol.Group.Dispose();
        ExternalJoin resync = Offer(bob, carol).Join(carol.Signer, carol.Content, carol.Policy, new ExternalJoinOptions { Replaces = former });
        carol.Group = resync.Group;
        alice.Process(resync.Message.Span);
        bob.Process(resync.Message.Span);
        Assert.Equal(3, alice.Group.Tree.MemberCount);
        Assert.Contains(alice.Check.Asked, entry => entry.Kind == LeafEntryKind.ExternalCommit && entry.Former is not null);
        Peer.AssertAgreement(alice, bob, carol);
    }

    [Fact]
    public static void The_only_member_comes_back_by_resync_and_goes_on()
    {
        using Peer alice = Peer.Creator("alice");
        using var again = new Peer("alice");
        ExternalJoin resync = Offer(alice, again).Join(again.Signer, again.Content, again.Policy, new ExternalJoinOptions { Replaces = alice.Group.OwnIndex });
        again.Group = resync.Group;
        Assert.Equal(new LeafIndex(0), again.Group.OwnIndex);
        alice.Process(resync.Message.Span);
        Assert.Equal(GroupStatus.Evicted, alice.Group.Status);
        using Peer bob = again.Add("bob");
        Peer.AssertAgreement(again, bob);
    }

    [Fact]
    public static void A_tree_that_shrank_to_one_leaf_grows_again_by_an_external_join()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        alice.Deliver(alice.Commit(new CommitOptions { Proposals = [new RemoveProposal(bob.Group.OwnIndex)] }), bob);
        Assert.Equal(1u, alice.Group.Tree.LeafCount);
        alice.Deliver(alice.Commit());
        using var carol = new Peer("carol");
        ExternalJoin join = Offer(alice, carol).Join(carol.Signer, carol.Content, carol.Policy);
        carol.Group = join.Group;
        alice.Process(join.Message.Span);
        Peer.AssertAgreement(alice, carol);

        // The first leaf is the one that goes: the resync comes back to it, below a tree that did not shrink.
        using var again = new Peer("alice");
        ExternalJoin resync = Offer(carol, again).Join(again.Signer, again.Content, again.Policy, new ExternalJoinOptions { Replaces = alice.Group.OwnIndex });
        again.Group = resync.Group;
        carol.Process(resync.Message.Span);
        alice.Process(resync.Message.Span);
        Assert.Equal(GroupStatus.Evicted, alice.Group.Status);
        Assert.Equal(new LeafIndex(0), again.Group.OwnIndex);
        Peer.AssertAgreement(carol, again);
    }

    [Fact]
    public static void After_a_lost_race_a_commit_is_finished_again_with_the_same_leaf_key_pair()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        using HpkeKeyPair leafKeys = Peer.Suite.GenerateHpkeKeyPair();
        var options = new CommitOptions { LeafKeys = leafKeys, Leaf = alice.Content with { Credential = new BasicCredential("alice 2"u8) } };
        alice.Commit(options);
        bob.Deliver(bob.Commit(), alice);
        Assert.Null(alice.Group.PendingCommit);

        alice.Deliver(alice.Commit(options), bob);
        Assert.Equal(leafKeys.PublicKey, bob.Group.Tree.Leaf(alice.Group.OwnIndex)!.EncryptionKey);
        Peer.AssertAgreement(alice, bob);
    }

    [Fact]
    public static void An_external_join_that_lost_the_race_is_made_again_with_the_same_leaf_key_pair()
    {
        using Peer alice = Peer.Creator("alice");
        using var bob = new Peer("bob");
        using HpkeKeyPair leafKeys = Peer.Suite.GenerateHpkeKeyPair();
        var options = new ExternalJoinOptions { LeafKeys = leafKeys };
        Offer(alice, bob).Join(bob.Signer, bob.Content, bob.Policy, options).Group.Dispose();
        alice.Deliver(alice.Commit());
        ExternalJoin join = Offer(alice, bob).Join(bob.Signer, bob.Content, bob.Policy, options);
        bob.Group = join.Group;
        alice.Process(join.Message.Span);
        Assert.Equal(leafKeys.PublicKey, bob.Group.OwnLeaf.EncryptionKey);
        Peer.AssertAgreement(alice, bob);
    }

    [Fact]
    public static void An_external_psk_goes_into_the_key_schedule_and_the_Welcome()
    {
        byte[] psk = Encoding.UTF8.GetBytes("shared by word of mouth, and long enough");
        using Peer alice = Peer.Creator("alice");
        alice.Policy = alice.Policy with { FindPsk = id => id.ExternalId.SequenceEqual("phrase"u8) ? Secret.CopyOf(psk) : null };
        using var bob = new Peer("bob") { Policy = alice.Policy };
        using KeyPackageBundle keyPackage = bob.KeyPackage();
        CommitBundle bundle = alice.Commit(new CommitOptions
        {
            Proposals = [new AddProposal(keyPackage.KeyPackage), new PreSharedKeyProposal(PreSharedKeyId.External(Peer.Suite, "phrase"u8))],
        });
        alice.Deliver(bundle);
        bob.Join(bundle.Welcome!.Value.Span, keyPackage);
        PreSharedKeyId resumption = PreSharedKeyId.Resumption(Peer.Suite, ResumptionPskUsage.Application, alice.Group.GroupId, alice.Group.Epoch);
        alice.Deliver(alice.Commit(new CommitOptions { Proposals = [new PreSharedKeyProposal(resumption)], OmitPath = true }), bob);
        Peer.AssertAgreement(alice, bob);
    }

    [Fact]
    public static void A_branch_and_a_reinitialised_group_continue_a_group()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        using KeyPackageBundle forBranch = bob.KeyPackage();
        (MlsGroup branch, CommitBundle branched) = alice.Group.Branch(GroupId.Random(), alice.Signer, alice.Content, [forBranch.KeyPackage], alice.Policy);
        branch.MergePending();
        using (WelcomeOffer offer = WelcomeOffer.Open(MlsMessage.Decode(branched.Welcome!.Value.Span).Welcome!, forBranch, bob.Policy, predecessor: bob.Group))
        {
            using MlsGroup bobs = offer.Accept();
            Assert.Equal(branch.EpochAuthenticator.ToArray(), bobs.EpochAuthenticator.ToArray());
        }

        branch.Dispose();
        var reInit = new ReInitProposal(GroupId.Random(), ProtocolVersion.Mls10, CipherSuite.X25519Aes128GcmSha256Ed25519.Id, ExtensionList.Empty);
        alice.Deliver(alice.Commit(new CommitOptions { Proposals = [reInit] }), bob);
        Assert.Equal(GroupStatus.ReInitialized, bob.Group.Status);
        Assert.Throws<InvalidOperationException>(() => bob.Encrypt("too late"));

        CipherSuite suite = CipherSuite.X25519Aes128GcmSha256Ed25519;
        LeafContent aliceContent = alice.Content with { Capabilities = new Capabilities([suite.Id]) };
        LeafContent bobContent = bob.Content with { Capabilities = new Capabilities([suite.Id]) };
        using KeyPackageBundle keyPackage = KeyPackageBundle.Create(suite, bob.Signer, bobContent, Lifetime.Unlimited);
        (MlsGroup successor, CommitBundle commit) = alice.Group.Reinitialize(alice.Signer, aliceContent, [keyPackage.KeyPackage], alice.Policy);
        successor.MergePending();
        using WelcomeOffer reOffer = WelcomeOffer.Open(MlsMessage.Decode(commit.Welcome!.Value.Span).Welcome!, keyPackage, bob.Policy, predecessor: bob.Group);
        using MlsGroup joined = reOffer.Accept();
        Assert.Equal(successor.EpochAuthenticator.ToArray(), joined.EpochAuthenticator.ToArray());
        Assert.Equal(reInit.GroupId, joined.GroupId);
        successor.Dispose();
    }

    [Fact]
    public static void An_external_sender_and_a_newcomer_propose_from_outside()
    {
        using SignaturePrivateKey service = Peer.Suite.GenerateSignatureKey();
        var sender = new ExternalSender(service.PublicKey, new BasicCredential("service"u8));
        using Peer alice = Peer.Creator("alice", new ExtensionList(ExternalSender.ToExtension(sender)));
        using Peer bob = alice.Add("bob");
        using var carol = new Peer("carol");
        using KeyPackageBundle keyPackage = carol.KeyPackage();

        alice.Keep(ExternalProposal.Create(Peer.Suite, service, 0, alice.Group.GroupId, alice.Group.Epoch, new RemoveProposal(bob.Group.OwnIndex)));
        alice.Keep(ExternalProposal.CreateAdd(Peer.Suite, carol.Signer, alice.Group.GroupId, alice.Group.Epoch, keyPackage.KeyPackage));
        CommitBundle bundle = alice.Commit();
        alice.Deliver(bundle);
        carol.Join(bundle.Welcome!.Value.Span, keyPackage);
        Peer.AssertAgreement(alice, carol);
    }

    [Fact]
    public static void Late_messages_are_read_within_the_window_and_tell_whether_the_sender_is_still_there()
    {
        using Peer alice = Peer.Creator("alice", options: new GroupOptions { PastEpochs = 2 });
        using Peer bob = alice.Add("bob");
        using Peer carol = alice.Add("carol", bob);
        byte[] fromBob = bob.Encrypt("late");
        byte[] fromCarol = carol.Encrypt("later");
        byte[] tooLate = bob.Encrypt("too late");

        alice.Deliver(alice.Commit(new CommitOptions { Proposals = [new RemoveProposal(bob.Group.OwnIndex)] }), carol);
        var late = (ApplicationMessage)alice.Group.Receive(fromBob);
        Assert.False(late.SenderIsMember);
        Assert.Equal("bob"u8.ToArray(), ((BasicCredential)late.SenderLeaf.Credential).Identity.ToArray());

        // Another client takes bob's leaf.
        using Peer dave = alice.Add("dave", carol);
        Assert.Equal(late.Sender.Leaf, dave.Group.OwnIndex);
        Assert.True(((ApplicationMessage)alice.Group.Receive(fromCarol)).SenderIsMember);

        alice.Deliver(alice.Commit(), carol, dave);
        Assert.Equal(ValidationRule.EpochMatches, Assert.Throws<ValidationException>(() => alice.Group.Receive(tooLate)).Rule);
    }

    private static GroupInfoOffer Offer(Peer member, Peer joiner)
        => GroupInfoOffer.Open(MlsMessage.Decode(member.Group.CreateGroupInfo(member.Signer, new GroupInfoOptions())).GroupInfo!, joiner.Policy);
}
