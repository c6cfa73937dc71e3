using HardwareChat.Mls.Tests.Scenarios;

namespace HardwareChat.Mls.Tests.Rules;

// RFC 9420 §12.4.3, §11.2, §11.3: each test breaks one rule of a Welcome or GroupInfo that is otherwise right.
public sealed class JoinRulesTests : IDisposable
{
    private static readonly CipherSuite Suite = Peer.Suite;
    private readonly Peer _alice = Peer.Creator("alice");
    private readonly Peer _bob = new("bob");
    private readonly KeyPackageBundle _bobs;
    private readonly Welcome _welcome;

    public JoinRulesTests()
    {
        _bobs = _bob.KeyPackage();
        CommitBundle bundle = _alice.Commit(new CommitOptions { Proposals = [new AddProposal(_bobs.KeyPackage)] });
        _welcome = MlsMessage.Decode(bundle.Welcome!.Value.Span).Welcome!;
        _alice.Group.MergePending();
    }

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
        _bobs.Dispose();
    }

    [Fact]
    public void A_Welcome_for_another_key_package_is_refused()
    {
        using KeyPackageBundle another = _bob.KeyPackage();
        RefusedWelcome(ValidationRule.WelcomeForUs, () => WelcomeOffer.Open(_welcome, another, _bob.Policy));
    }

    [Fact]
    public void A_Welcome_of_another_or_an_unknown_suite_is_refused()
    {
        var other = new Welcome(new CipherSuiteId(1), [], _welcome.EncryptedGroupInfo.ToArray());
        RefusedWelcome(ValidationRule.WelcomeCipherSuite, () => WelcomeOffer.Open(other, _bobs, _bob.Policy));
        var unknown = new Welcome(new CipherSuiteId(0x0A0A), [], _welcome.EncryptedGroupInfo.ToArray());
        RefusedWelcome(ValidationRule.CipherSuiteUnsupported, () => WelcomeOffer.Open(unknown, _bobs, _bob.Policy));
    }

    [Fact]
    public void A_Welcome_that_does_not_decrypt_is_refused()
    {
        byte[] reference = _bobs.KeyPackage.ComputeReference(Suite);
        byte[] groupInfo = _welcome.EncryptedGroupInfo.ToArray();
        groupInfo[^1] ^= 1;
        var changed = new Welcome(Suite.Id, [new EncryptedGroupSecrets(reference, _welcome.FindSecrets(reference)!)], groupInfo);
        RefusedWelcome(ValidationRule.WelcomeDecryption, () => WelcomeOffer.Open(changed, _bobs, _bob.Policy));
    }

    [Fact]
    public void A_Welcome_with_a_wrong_confirmation_tag_is_refused()
        => RefusedWelcome(ValidationRule.ConfirmationTagValid, () => Open(Welcome(_bobs, GroupInfo.Sign(Suite, _alice.Signer, new LeafIndex(0), _alice.Group.Context, WithTree(), new byte[32]))));

    [Fact]
    public void A_Welcome_whose_tree_lacks_the_joiner_is_refused()
    {
        using KeyPackageBundle another = _bob.KeyPackage();
        RefusedWelcome(ValidationRule.OwnLeafPresent, () => WelcomeOffer.Open(Welcome(another, Info()), another, _bob.Policy));
    }

    [Fact]
    public void A_GroupInfo_with_a_wrong_signature_or_signer_is_refused()
    {
        RefusedInfo(ValidationRule.GroupInfoSignature, GroupInfo.Sign(Suite, _bob.Signer, new LeafIndex(0), _alice.Group.Context, WithTree(), _alice.Group.ConfirmationTag));
        RefusedInfo(ValidationRule.GroupInfoSignature, GroupInfo.Sign(Suite, _alice.Signer, new LeafIndex(9), _alice.Group.Context, WithTree(), _alice.Group.ConfirmationTag));
    }

    [Fact]
    public void A_GroupInfo_without_tree_needs_one_from_elsewhere()
    {
        GroupInfo info = GroupInfo.Sign(Suite, _alice.Signer, new LeafIndex(0), _alice.Group.Context, ExtensionList.Empty, _alice.Group.ConfirmationTag);
        RefusedInfo(ValidationRule.RatchetTreePresent, info);
        Assert.Equal(2, GroupInfoOffer.Open(info, _bob.Policy, _alice.Group.Tree).Tree.MemberCount);
    }

    [Fact]
    public void A_GroupInfo_with_another_tree_is_refused()
    {
        using Peer other = Peer.Creator("carol");
        other.Signer.Dispose();
        other.Signer = _alice.Signer;
        GroupContext context = _alice.Group.Context;
        var wrong = new GroupContext(context.CipherSuite, context.GroupId, context.Epoch, new byte[32], context.ConfirmedTranscriptHash.ToArray(), context.Extensions);
        RefusedInfo(ValidationRule.TreeHashMatches, GroupInfo.Sign(Suite, _alice.Signer, new LeafIndex(0), wrong, WithTree(), _alice.Group.ConfirmationTag));
    }

    [Fact]
    public void A_GroupInfo_of_an_unknown_suite_is_refused()
    {
        GroupContext context = _alice.Group.Context;
        var unknown = new GroupContext(new CipherSuiteId(0x0A0A), context.GroupId, context.Epoch, context.TreeHash.ToArray(), [], context.Extensions);
        RefusedInfo(ValidationRule.CipherSuiteUnsupported, GroupInfo.Sign(Suite, _alice.Signer, new LeafIndex(0), unknown, WithTree(), _alice.Group.ConfirmationTag));
    }

    [Fact]
    public void A_tree_with_a_leaf_that_the_application_refuses_is_not_joined()
    {
        _bob.Check.Judge = static entry => entry.Index.Value != 0;
        RefusedWelcome(ValidationRule.CredentialAccepted, () => WelcomeOffer.Open(_welcome, _bobs, _bob.Policy));
        RefusedInfo(ValidationRule.CredentialAccepted, Info());
    }

    [Fact]
    public void A_GroupInfo_without_external_pub_cannot_be_joined()
    {
        GroupInfoOffer offer = GroupInfoOffer.Open(Info(), _bob.Policy);
        RefusedWelcome(ValidationRule.ExternalPubPresent, () => offer.Join(_bob.Signer, _bob.Content, _bob.Policy));
    }

    [Fact]
    public void A_Welcome_that_continues_another_group_needs_that_group_and_epoch_1()
    {
        _bob.Join(new MlsMessage(_welcome).Encode(), _bobs);
        using KeyPackageBundle fresh = _bob.KeyPackage();
        (MlsGroup branch, CommitBundle commit) = _alice.Group.Branch(GroupId.Random(), _alice.Signer, _alice.Content, [fresh.KeyPackage], _alice.Policy);
        Welcome welcome = MlsMessage.Decode(commit.Welcome!.Value.Span).Welcome!;
        RefusedWelcome(ValidationRule.PskAvailable, () => WelcomeOffer.Open(welcome, fresh, _bob.Policy));
        GroupPolicy withPsk = _bob.Policy with { FindPsk = _ => _alice.Group.ResumptionPsk(_alice.Group.Epoch) };
        RefusedWelcome(ValidationRule.SuccessorGroup, () => WelcomeOffer.Open(welcome, fresh, withPsk));

        using var stranger = new Peer("stranger");
        using KeyPackageBundle strangers = stranger.KeyPackage();
        using KeyPackageBundle again = _bob.KeyPackage();
        (MlsGroup wider, CommitBundle more) = _alice.Group.Branch(
            GroupId.Random(), _alice.Signer, _alice.Content, [again.KeyPackage, strangers.KeyPackage], _alice.Policy);
        RefusedWelcome(
            ValidationRule.SuccessorGroup, () => WelcomeOffer.Open(MlsMessage.Decode(more.Welcome!.Value.Span).Welcome!, again, _bob.Policy, predecessor: _bob.Group));
        branch.Dispose();
        wider.Dispose();
    }

    [Fact]
    public void A_group_that_follows_a_ReInit_has_its_parameters()
    {
        _bob.Join(new MlsMessage(_welcome).Encode(), _bobs);
        var reInit = new ReInitProposal(GroupId.Random(), ProtocolVersion.Mls10, Suite.Id, ExtensionList.Empty);
        _alice.Deliver(_alice.Commit(new CommitOptions { Proposals = [reInit] }), _bob);
        using KeyPackageBundle fresh = _bob.KeyPackage();

        // Alice makes another group than the one announced, linked in the same way.
        PreSharedKeyId link = PreSharedKeyId.Resumption(Suite, ResumptionPskUsage.ReInit, _alice.Group.GroupId, _alice.Group.Epoch);
        using MlsGroup wrong = MlsGroup.Create(Suite, GroupId.Random(), _alice.Signer, _alice.Content, _alice.Policy);
        CommitBundle commit = wrong.Commit(
            _alice.Signer,
            _alice.Policy with { FindPsk = _ => _alice.Group.ResumptionPsk(_alice.Group.Epoch) },
            new CommitOptions { Proposals = [new AddProposal(fresh.KeyPackage), new PreSharedKeyProposal(link)], SuccessorUsage = ResumptionPskUsage.ReInit });
        RefusedWelcome(
            ValidationRule.ReInitParameters, () => WelcomeOffer.Open(MlsMessage.Decode(commit.Welcome!.Value.Span).Welcome!, fresh, _bob.Policy, predecessor: _bob.Group));
    }

    private static void RefusedWelcome(ValidationRule rule, Action action) => Assert.Equal(rule, Assert.Throws<ValidationException>(action).Rule);

    private void RefusedInfo(ValidationRule rule, GroupInfo info) => RefusedWelcome(rule, () => GroupInfoOffer.Open(info, _bob.Policy));

    private WelcomeOffer Open(Welcome welcome) => WelcomeOffer.Open(welcome, _bobs, _bob.Policy);

    private ExtensionList WithTree() => new(Extension.Of(ExtensionType.RatchetTree, _alice.Group.Tree));

    private GroupInfo Info() => GroupInfo.Sign(Suite, _alice.Signer, new LeafIndex(0), _alice.Group.Context, WithTree(), _alice.Group.ConfirmationTag);

    // A Welcome with secrets of our choice around a GroupInfo of our choice.
    private static Welcome Welcome(KeyPackageBundle keyPackage, GroupInfo info)
    {
        using Secret joiner = Secret.Random(Suite.HashLength);
        using Secret zero = Secret.CopyOf(new byte[Suite.HashLength]);
        using Secret welcomeSecret = KeySchedule.DeriveWelcomeSecret(Suite, joiner, zero);
        using Secret key = Suite.ExpandWithLabel(welcomeSecret, "key"u8, [], Suite.KeyLength);
        using Secret nonce = Suite.ExpandWithLabel(welcomeSecret, "nonce"u8, [], CipherSuite.NonceLength);
        byte[] plaintext = Wire.TlsWriter.Encode(info);
        byte[] encrypted = new byte[plaintext.Length + CipherSuite.TagLength];
        Suite.Seal(key.Span, nonce.Span, [], plaintext, encrypted);
        byte[] secrets = Wire.TlsWriter.Encode(new GroupSecrets(joiner, null, []));
        HpkeCiphertext sealedSecrets = Suite.EncryptWithLabel(keyPackage.KeyPackage.InitKey, "Welcome"u8, encrypted, secrets)!;
        return new Welcome(Suite.Id, [new EncryptedGroupSecrets(keyPackage.KeyPackage.ComputeReference(Suite), sealedSecrets)], encrypted);
    }
}
