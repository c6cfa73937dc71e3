using HardwareChat.Mls.Tests.Scenarios;

namespace HardwareChat.Mls.Tests.Rules;

/// <summary>What is well-formed, and made to hurt.</summary>
public static class HostileInputTests
{
    [Fact]
    public static void X25519_keys_of_small_order_are_no_keys()
    {
        string[] points =
        [
            new('0', 64),
            "01" + new string('0', 62),
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ];
        Span<byte> dh = stackalloc byte[32];
        Span<byte> scalar = stackalloc byte[32];
        scalar.Fill(7);
        foreach (string point in points)
        {
            byte[] key = Convert.FromHexString(point);
            Assert.False(Sodium.X25519(scalar, key, dh));
            Assert.False(Peer.Suite.IsValid(new HpkePublicKey(key)));
            key[^1] |= 0x80;
            Assert.False(Peer.Suite.IsValid(new HpkePublicKey(key)));
            key[5] ^= 0x01;
            Assert.True(Sodium.X25519(scalar, key, dh));
            Assert.True(Peer.Suite.IsValid(new HpkePublicKey(key)));
        }
    }

    [Fact]
    public static void A_leaf_whose_key_nobody_can_encrypt_to_does_not_enter()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        using var nothing = new HpkeKeyPair(new HpkePrivateKey(new byte[32]), new HpkePublicKey(new byte[32]));
        alice.Keep(bob.Group.ProposeUpdate(bob.Signer, leafKeys: nothing));
        ProposalRef[] references = [.. alice.Group.KeptProposals.Select(static kept => kept.Reference!)];
        Forge.AssertRule(alice, ValidationRule.EncryptionKeyWellFormed, () => alice.Commit(new CommitOptions { References = references }));
    }

    [Fact]
    public static void The_names_of_many_psks_do_not_collide()
    {
        byte[] nonce = new byte[32];
        PreSharedKeyId[] ids = [.. Enumerable.Range(0, 64).Select(i => PreSharedKeyId.External([(byte)i], nonce))];
        Assert.InRange(ids.Select(static id => id.GetHashCode()).Distinct().Count(), 32, 64);
        Assert.Equal(ids[0].GetHashCode(), PreSharedKeyId.External([0], nonce).GetHashCode());
    }

    [Fact]
    public static void Long_lists_of_capabilities_say_the_same_as_short_ones()
    {
        foreach (int count in new[] { 5, 500 })
        {
            ushort[] listed = [.. Enumerable.Range(0x1000, count).Select(static value => (ushort)value)];
            var capabilities = new Capabilities(
                [Peer.Suite.Id],
                listed.Select(static value => new ExtensionType(value)),
                listed.Select(static value => new ProposalType(value)),
                listed.Select(static value => new CredentialType(value)));
            foreach (ushort value in new[] { listed[0], listed[^1], (ushort)(listed[^1] + 1), (ushort)0x0FFF })
            {
                Assert.Equal(listed.Contains(value), capabilities.Supports(new ExtensionType(value)));
                Assert.Equal(listed.Contains(value), capabilities.Supports(new ProposalType(value)));
                Assert.Equal(listed.Contains(value), capabilities.Supports(new CredentialType(value)));
            }
        }
    }

    [Fact]
    public static void The_exporter_gives_what_HKDF_can_and_refuses_the_rest()
    {
        using Peer alice = Peer.Creator("alice");
        alice.Group.Export("label"u8, [], 255 * 32).Dispose();
        Assert.Throws<ArgumentOutOfRangeException>(() => alice.Group.Export("label"u8, [], (255 * 32) + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => alice.Group.Export("label"u8, [], -1));
    }

    [Fact]
    public static void Nothing_follows_the_last_epoch()
    {
        using Peer alice = Peer.Creator("alice");
        var last = new GroupContext(Peer.Suite.Id, alice.Group.GroupId, new Epoch(ulong.MaxValue), alice.Group.Tree.TreeHash(), [], ExtensionList.Empty);
        ExtensionList extensions = new(
            Extension.Of(ExtensionType.RatchetTree, alice.Group.Tree),
            Extension.Of(ExtensionType.ExternalPub, alice.Group.OwnLeaf.EncryptionKey));
        GroupInfo info = GroupInfo.Sign(Peer.Suite, alice.Signer, new LeafIndex(0), last, extensions, new byte[32]);
        using var bob = new Peer("bob");
        GroupInfoOffer offer = GroupInfoOffer.Open(info, bob.Policy);
        Assert.Equal(
            ValidationRule.EpochMatches,
            Assert.Throws<ValidationException>(() => offer.Join(bob.Signer, bob.Content, bob.Policy)).Rule);
    }

    [Fact]
    public static void A_new_leaf_is_never_left_out_with_the_path()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        using var carol = new Peer("carol");
        using KeyPackageBundle keyPackage = carol.KeyPackage();
        SignaturePrivateKey renewed = Peer.Suite.GenerateSignatureKey();
        CommitBundle bundle = alice.Commit(new CommitOptions { Proposals = [new AddProposal(keyPackage.KeyPackage)], OmitPath = true, NewSigner = renewed });
        alice.Deliver(bundle, bob);
        alice.Signer.Dispose();
        alice.Signer = renewed;
        carol.Join(bundle.Welcome!.Value.Span, keyPackage);
        Assert.Equal(renewed.PublicKey, bob.Group.Tree.Leaf(alice.Group.OwnIndex)!.SignatureKey);
        Peer.AssertAgreement(alice, bob, carol);
    }
}
