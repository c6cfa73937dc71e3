using HardwareChat.Mls.Tests.Scenarios;

namespace HardwareChat.Mls.Tests.Rules;

// RFC 9420 §7.2, §7.3, §10.1: each test breaks one rule of an Add or Update that is otherwise right, and a member who follows the rules
// finds it.
public sealed class LeafRulesTests : IDisposable
{
    private static readonly CipherSuite Suite = Peer.Suite;
    private readonly Peer _alice = Peer.Creator("alice");
    private readonly Peer _bob;
    private readonly Peer _dave = new("dave");

    public LeafRulesTests() => _bob = _alice.Add("bob");

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
        _dave.Dispose();
    }

    [Fact]
    public void A_key_package_with_a_wrong_leaf_signature_is_refused()
        => Refused(ValidationRule.LeafSignature, Package(leaf: Tampered(Leaf())));

    [Fact]
    public void A_key_package_with_a_wrong_signature_is_refused()
    {
        using KeyPackageBundle bundle = _dave.KeyPackage();
        byte[] encoded = bundle.KeyPackage.Encoded.ToArray();
        encoded[^1] ^= 1;
        Refused(ValidationRule.KeyPackageSignature, Mls.KeyPackage.Decode(encoded));
    }

    [Fact]
    public void A_key_package_whose_leaf_was_made_for_something_else_is_refused()
    {
        using HpkeKeyPair pair = Suite.GenerateHpkeKeyPair();
        LeafNode leaf = LeafNode.SignForUpdate(Suite, _dave.Signer, pair.PublicKey, _dave.Content, _alice.Group.GroupId, new LeafIndex(2));
        Refused(ValidationRule.LeafSourceKeyPackage, Package(leaf: leaf));
    }

    [Fact]
    public void A_key_package_whose_init_key_is_its_leafs_key_is_refused()
    {
        LeafNode leaf = Leaf();
        Refused(ValidationRule.InitKeyDistinct, Package(leaf, leaf.EncryptionKey));
    }

    [Fact]
    public void A_key_package_whose_keys_are_none_is_refused()
    {
        Refused(ValidationRule.EncryptionKeyWellFormed, Package(init: new HpkePublicKey([1, 2, 3])));
        Refused(ValidationRule.EncryptionKeyWellFormed, Package(LeafNode.SignForKeyPackage(Suite, _dave.Signer, new HpkePublicKey([1, 2, 3]), _dave.Content, Lifetime.Unlimited)));
    }

    [Fact]
    public void A_key_package_of_another_suite_is_refused()
    {
        using var other = new Peer("dave", CipherSuite.X25519Aes128GcmSha256Ed25519);
        using KeyPackageBundle bundle = other.KeyPackage();
        Refused(ValidationRule.KeyPackageMatchesGroup, bundle.KeyPackage);
    }

    [Fact]
    public void A_leaf_that_does_not_list_the_groups_suite_is_refused()
        => Refused(ValidationRule.LeafSupportsGroup, Package(Leaf(new Capabilities([new CipherSuiteId(1)]))));

    [Fact]
    public void A_leaf_that_does_not_list_its_own_credential_type_is_refused()
        => Refused(ValidationRule.OwnCredentialTypeListed, Package(Leaf(new Capabilities([Suite.Id], credentials: [CredentialType.X509]))));

    [Fact]
    public void A_leaf_with_an_extension_that_it_does_not_list_is_refused_and_one_that_lists_it_enters()
    {
        var extension = new Extension(new ExtensionType(0x0A0A), [1]);
        _dave.Content = _dave.Content with { Extensions = new ExtensionList(extension) };
        Refused(ValidationRule.LeafExtensionsListed, Package(Leaf()));
        _dave.Content = _dave.Content with { Capabilities = new Capabilities([Suite.Id, new(0x1A1A)], [new(0x0A0A)], [new(0x2A2A)], [CredentialType.Basic, new(0x3A3A)]) };
        Accepted(Package(Leaf()));
    }

    [Fact]
    public void A_leaf_whose_credential_type_not_all_support_is_refused()
    {
        var type = new CredentialType(0xF001);
        _dave.Content = new LeafContent(new OpaqueCredential(type, "dave"u8), new Capabilities([Suite.Id], credentials: [CredentialType.Basic, type]));
        Refused(ValidationRule.CredentialTypeSupportedByMembers, Package(Leaf()));
    }

    [Fact]
    public void A_leaf_that_does_not_support_the_credential_types_in_use_is_refused()
    {
        var type = new CredentialType(0xF001);
        _dave.Content = new LeafContent(new OpaqueCredential(type, "dave"u8), new Capabilities([Suite.Id], credentials: [type]));
        Refused(ValidationRule.CredentialTypesInUseSupported, Package(Leaf()));
    }

    [Theory]
    [InlineData(99)]
    [InlineData(201)]
    public void A_leaf_outside_its_lifetime_is_refused(ulong time)
    {
        _alice.Policy = _alice.Policy with { Time = time };
        Refused(ValidationRule.Lifetime, Package(Leaf(lifetime: new Lifetime(100, 200))));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200)]
    public void A_leaf_within_its_lifetime_enters(ulong time)
    {
        _alice.Policy = _alice.Policy with { Time = time, MaxLifetime = 100 };
        Accepted(Package(Leaf(lifetime: new Lifetime(100, 200))));
    }

    [Fact]
    public void A_leaf_with_too_long_a_lifetime_is_refused()
    {
        _alice.Policy = _alice.Policy with { MaxLifetime = 99 };
        Refused(ValidationRule.LifetimeTotal, Package(Leaf(lifetime: new Lifetime(100, 200))));
        Refused(ValidationRule.LifetimeTotal, Package(Leaf(lifetime: new Lifetime(200, 100))));
    }

    [Fact]
    public void An_extension_type_that_occurs_twice_is_refused()
    {
        byte[] twice = [8, 0x0A, 0x0A, 1, 7, 0x0A, 0x0A, 1, 7];
        Assert.Equal(ValidationRule.ExtensionsUnique, Assert.Throws<ValidationException>(() => TlsVector.Decode(twice, ExtensionList.ReadFrom)).Rule);
        Assert.Throws<ArgumentException>(() => new ExtensionList(new Extension(new(7), []), new Extension(new(7), [])));
    }

    [Fact]
    public void An_Update_whose_leaf_was_made_for_something_else_or_keeps_its_key_is_refused()
    {
        using Peer carol = _alice.Add("carol", _bob);
        RefusedUpdate(carol, ValidationRule.LeafSourceUpdate, LeafNode.SignForKeyPackage(Suite, _bob.Signer, NewKey(), _bob.Content, Lifetime.Unlimited));
        RefusedUpdate(carol, ValidationRule.UpdateKeyNew, Update(_bob.Group.OwnLeaf.EncryptionKey));
        RefusedUpdate(carol, ValidationRule.EncryptionKeyUnique, Update(_alice.Group.OwnLeaf.EncryptionKey));
        RefusedUpdate(carol, ValidationRule.LeafSignature, Tampered(Update(NewKey())));
    }

    [Fact]
    public void An_Update_to_another_members_signature_key_is_refused()
    {
        using Peer carol = _alice.Add("carol", _bob);
        LeafNode leaf = LeafNode.SignForUpdate(Suite, _alice.Signer, NewKey(), _bob.Content, _bob.Group.GroupId, _bob.Group.OwnIndex);

        // Alice's key signs the leaf; Bob, who would take it over, sends it.
        RefusedUpdate(carol, ValidationRule.SignatureKeyUnique, leaf);
    }

    private static HpkePublicKey NewKey()
    {
        using HpkeKeyPair pair = Suite.GenerateHpkeKeyPair();
        return pair.PublicKey;
    }

    private static LeafNode Tampered(LeafNode leaf)
    {
        byte[] encoded = leaf.Encoded.ToArray();
        encoded[^1] ^= 1;
        return LeafNode.Decode(encoded);
    }

    private LeafNode Update(HpkePublicKey key) => LeafNode.SignForUpdate(Suite, _bob.Signer, key, _bob.Content, _bob.Group.GroupId, _bob.Group.OwnIndex);

    private LeafNode Leaf(Capabilities? capabilities = null, Lifetime? lifetime = null)
        => LeafNode.SignForKeyPackage(
            Suite, _dave.Signer, NewKey(), _dave.Content with { Capabilities = capabilities ?? _dave.Content.Capabilities }, lifetime ?? Lifetime.Unlimited);

    private KeyPackage Package(LeafNode? leaf = null, HpkePublicKey? init = null)
        => KeyPackage.Sign(Suite, _dave.Signer, init ?? NewKey(), leaf ?? Leaf(), ExtensionList.Empty);

    private void Refused(ValidationRule rule, KeyPackage keyPackage) => Forge.AssertCommitRule(_alice, rule, Forge.Commit(_bob, new AddProposal(keyPackage)));

    private void Accepted(KeyPackage keyPackage)
    {
        _alice.Process(_bob.Commit(new CommitOptions { Proposals = [new AddProposal(keyPackage)] }).Message.Span);
        Assert.Equal(3, _alice.Group.Tree.MemberCount);
    }

    // Bob sends the Update, Carol commits it by reference; Alice judges. A commit of an Update needs a path, which is checked later.
    private void RefusedUpdate(Peer carol, ValidationRule rule, LeafNode leaf)
    {
        FramedContent content = FramedContent.Of(_bob.Group.GroupId, _bob.Group.Epoch, Sender.Member(_bob.Group.OwnIndex), default, new UpdateProposal(leaf));
        byte[] message = Forge.Public(_bob, content);
        var proposal = (ProposalMessage)_alice.Group.Receive(message);
        _alice.Group.Keep(proposal);
        carol.Keep(message);
        UpdatePath path = ((CommitMessage)_alice.Group.Receive(carol.Commit(new CommitOptions { References = [] }).Message.Span)).Commit.Path!;
        carol.Group.DiscardPending();
        if (rule is ValidationRule.SignatureKeyUnique or ValidationRule.EncryptionKeyUnique)
        {
            Assert.Equal(rule, Assert.Throws<ValidationException>(() => carol.Commit(new CommitOptions { References = [proposal.Reference] })).Rule);
            return;
        }

        Forge.AssertCommitRule(_alice, rule, Forge.Commit(carol, path, new ProposalOrRef(proposal.Reference)));
    }
}
