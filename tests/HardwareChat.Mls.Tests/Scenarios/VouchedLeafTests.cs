using System.Security.Cryptography;
using System.Text;

namespace HardwareChat.Mls.Tests.Scenarios;

// A room as an application with hardware tokens runs it, through the public surface alone: a leaf's keys are made first, then something
// outside vouches for them in the credential; a log says which commit counts; each message carries what its sender has seen of the log.
public sealed class VouchedLeafTests : IDisposable
{
    private static readonly CipherSuite Suite = CipherSuite.X25519ChaCha20Poly1305Sha256Ed25519;

    private readonly SignaturePrivateKey _alice = Suite.GenerateSignatureKey();
    private readonly SignaturePrivateKey _bob = Suite.GenerateSignatureKey();
    private readonly SignaturePrivateKey _carol = Suite.GenerateSignatureKey();
    private readonly GroupPolicy _policy = new(new VouchCheck());

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
        _carol.Dispose();
    }

    [Fact]
    public void A_room_is_created_joined_raced_for_left_and_remembered()
    {
        // Alice creates the room; bob is invited. Both leaves are vouched for after their keys were made.
        using HpkeKeyPair aliceLeaf = Suite.GenerateHpkeKeyPair();
        using MlsGroup alice = MlsGroup.Create(Suite, GroupId.Random(), _alice, Vouch("alice", aliceLeaf.PublicKey), _policy, leafKeys: aliceLeaf);
        using var bobKeys = KeyPackageKeys.Generate(Suite);
        using KeyPackageBundle bobPackage = KeyPackageBundle.Create(Suite, _bob, Vouch("bob", bobKeys.Leaf.PublicKey), Lifetime.Unlimited, bobKeys);
        CommitBundle invitation = alice.Commit(_alice, _policy, Renewal("alice", out HpkeKeyPair invitationLeaf) with
        {
            Proposals = [new AddProposal(bobPackage.KeyPackage)],
            AuthenticatedData = Encoding.UTF8.GetBytes("seen 1"),
        });
        invitationLeaf.Dispose();
        byte[] tag = ConfirmationTagOf(invitation.Message);
        alice.MergePending();

        // Bob compares the Welcome with the commit in the log before he accepts it.
        using WelcomeOffer welcome = WelcomeOffer.Open(MlsMessage.Decode(invitation.Welcome!.Value.Span).Welcome!, bobPackage, _policy);
        Assert.Equal(tag, welcome.ConfirmationTag.ToArray());
        Assert.Equal(2, welcome.Tree.MemberCount);
        using MlsGroup bob = welcome.Accept();

        // Carol enters by GroupInfo and loses the race; she enters again with the leaf pair that is vouched for already.
        using HpkeKeyPair carolLeaf = Suite.GenerateHpkeKeyPair();
        LeafContent carolContent = Vouch("carol", carolLeaf.PublicKey);
        var carolOptions = new ExternalJoinOptions { LeafKeys = carolLeaf, AuthenticatedData = Encoding.UTF8.GetBytes("seen 2") };
        GroupInfoOffer offer = GroupInfoOffer.Open(GroupInfoOf(alice, _alice), _policy);
        Assert.Equal(tag, offer.ConfirmationTag.ToArray());
        ExternalJoin lost = offer.Join(_carol, carolContent, _policy, carolOptions);
        lost.Group.Dispose();

        // Alice and bob race too. Bob's commit is first in the log; alice reads it, and makes her own again with the same leaf pair.
        CommitOptions renewal = Renewal("alice", out HpkeKeyPair renewedLeaf);
        CommitBundle alicesFirst = alice.Commit(_alice, _policy, renewal);
        CommitBundle bobs = bob.Commit(_bob, _policy, Renewal("bob", out HpkeKeyPair bobLeaf));
        Read(alice, bobs.Message);
        Read(bob, bobs.Message);
        Skipped(bob, alicesFirst.Message, ValidationRule.EpochMatches);
        Skipped(alice, lost.Message, ValidationRule.EpochMatches);
        CommitBundle alicesSecond = alice.Commit(_alice, _policy, renewal);
        Read(alice, alicesSecond.Message);
        StagedCommit staged = Staged(bob, alicesSecond.Message);
        LeafChange change = Assert.Single(staged.LeafChanges);
        Assert.True(change.IsSameMember);
        Assert.Equal(renewedLeaf.PublicKey, change.Next!.EncryptionKey);
        Assert.NotEqual(change.Former!.EncryptionKey, change.Next.EncryptionKey);
        bob.Merge(staged);

        ExternalJoin join = GroupInfoOffer.Open(GroupInfoOf(bob, _bob), _policy).Join(_carol, carolContent, _policy, carolOptions);
        using MlsGroup carol = join.Group;
        Assert.Equal(carolLeaf.PublicKey, carol.OwnLeaf.EncryptionKey);

        // Who reads it sees everything, decides, and refuses or merges.
        byte[] before = alice.Save();
        using (StagedCommit refused = Staged(alice, join.Message))
        {
            Assert.Equal("seen 2", Encoding.UTF8.GetString(refused.AuthenticatedData.Span));
            Assert.Equal(SenderType.NewMemberCommit, refused.Sender.Type);
            Assert.IsType<ExternalInitProposal>(Assert.Single(refused.Proposals).Proposal);
            Assert.Equal(carol.OwnIndex, refused.Committer);
            Assert.Equal(refused.ContextBefore.Epoch.Next, refused.ContextAfter.Epoch);
        }

        Assert.Equal(before, alice.Save());
        Read(alice, join.Message);
        Read(bob, join.Message);
        Assert.Equal(carol.EpochAuthenticator.ToArray(), alice.EpochAuthenticator.ToArray());
        Assert.Equal(carol.EpochAuthenticator.ToArray(), bob.EpochAuthenticator.ToArray());

        // A leaf that nobody vouches for is refused, in a commit as in an external one.
        CommitBundle forged = bob.Commit(_bob, new GroupPolicy(new EverybodyCheck()), new CommitOptions());
        Skipped(alice, forged.Message, ValidationRule.CredentialSuccession);
        bob.DiscardPending();

        // Bob says something and leaves; alice commits it. His message comes late, and is known to be of one who is gone.
        byte[] late = bob.Encrypt(_bob, "good bye"u8.ToArray(), Encoding.UTF8.GetBytes("seen 3"));
        byte[] leave = bob.ProposeSelfRemoval(_bob);
        alice.Keep((ProposalMessage)alice.Receive(leave));
        carol.Keep((ProposalMessage)carol.Receive(leave));
        CommitBundle removal = alice.Commit(_alice, _policy, Renewal("alice", out HpkeKeyPair lastLeaf));
        Read(carol, removal.Message);
        Read(alice, removal.Message);
        using (StagedCommit gone = Staged(bob, removal.Message, keep: false))
            Assert.True(gone.RemovesSelf);
        PrivateMessage closed = MlsMessage.Decode(late).PrivateMessage!;
        Assert.Equal("seen 3", Encoding.UTF8.GetString(closed.AuthenticatedData));
        var opened = (ApplicationMessage)carol.Receive(late);
        Assert.False(opened.SenderIsMember);
        Assert.Equal("bob", Name(opened.SenderLeaf));
        Assert.Equal("seen 3", Encoding.UTF8.GetString(opened.AuthenticatedData.Span));

        renewedLeaf.Dispose();
        bobLeaf.Dispose();
        lastLeaf.Dispose();
    }

    private static CommitOptions Renewal(string name, out HpkeKeyPair leafKeys)
    {
        leafKeys = Suite.GenerateHpkeKeyPair();
        return new CommitOptions { LeafKeys = leafKeys, Leaf = Vouch(name, leafKeys.PublicKey), GroupInfo = new GroupInfoOptions() };
    }

    // Stands for a token's signature: the credential binds a name to the leaf's encryption key.
    private static LeafContent Vouch(string name, HpkePublicKey key)
        => new(new BasicCredential([.. SHA256.HashData(key.Span), .. Encoding.UTF8.GetBytes(name)]), new Capabilities([Suite.Id]));

    private static string Name(LeafNode leaf) => Encoding.UTF8.GetString(((BasicCredential)leaf.Credential).Identity[32..]);

    private static byte[] ConfirmationTagOf(ReadOnlyMemory<byte> commit) => MlsMessage.Decode(commit.Span).PublicMessage!.ConfirmationTag.ToArray();

    private static GroupInfo GroupInfoOf(MlsGroup group, IMlsSigner signer)
        => MlsMessage.Decode(group.CreateGroupInfo(signer, new GroupInfoOptions())).GroupInfo!;

    private StagedCommit Staged(MlsGroup group, ReadOnlyMemory<byte> message, bool keep = true)
    {
        var commit = (CommitMessage)group.Receive(message.Span);
        Assert.Equal(ConfirmationTagOf(message), commit.ConfirmationTag.ToArray());
        StagedCommit staged = group.Stage(commit, _policy);
        Assert.Equal(keep, !staged.RemovesSelf);
        return staged;
    }

    // The same for one's own commit and another's: the group knows which it is.
    private void Read(MlsGroup group, ReadOnlyMemory<byte> message) => group.Merge(Staged(group, message));

    private void Skipped(MlsGroup group, ReadOnlyMemory<byte> message, ValidationRule rule)
    {
        byte[] before = group.Save();
        Assert.Equal(rule, Assert.Throws<ValidationException>(() => Staged(group, message)).Rule);
        Assert.Equal(before, group.Save());
    }

    private sealed class VouchCheck : ICredentialCheck
    {
        public bool Accepts(LeafEntry entry)
            => ((BasicCredential)entry.Leaf.Credential).Identity[..32].SequenceEqual(SHA256.HashData(entry.Leaf.EncryptionKey.Span))
                && (entry.Former is null || Name(entry.Former) == Name(entry.Leaf));

        public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => false;

        public bool IsSameClient(LeafNode left, LeafNode right) => Name(left) == Name(right);
    }

    private sealed class EverybodyCheck : ICredentialCheck
    {
        public bool Accepts(LeafEntry entry) => true;

        public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => true;

        public bool IsSameClient(LeafNode left, LeafNode right) => true;
    }
}
