using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Protocol.Tests;

public sealed class SigningTests
{
    private static readonly byte[] Message = [1, 2, 3];

    [Theory]
    [InlineData(SignatureScheme.EcdsaSecp256r1Sha256)]
    [InlineData(SignatureScheme.EcdsaSecp384r1Sha384)]
    public void A_cards_signature_in_DER_with_either_s_becomes_the_form_that_travels(SignatureScheme scheme)
    {
        bool p256 = scheme == SignatureScheme.EcdsaSecp256r1Sha256;
        using var ecdsa = ECDsa.Create(p256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384);
        VerifyingKey key = VerifyingKey.FromSpki(ecdsa.ExportSubjectPublicKeyInfo());
        int high = 0;
        for (int i = 0; i < 40; i++)
        {
            byte[] input = Labelled.Bytes(Labels.Touch, [(byte)i]);
            HashAlgorithmName hash = p256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384;
            byte[] der = ecdsa.SignData(input, hash, DSASignatureFormat.Rfc3279DerSequence);
            byte[] normal = EcdsaSignature.FromDer(scheme, der);
            Assert.Equal(scheme.SignatureSize(), normal.Length);
            Assert.True(key.Verify(Labels.Touch, [(byte)i], normal));
            Assert.False(key.Verify(Labels.Statement, [(byte)i], normal));
            byte[] raw = ecdsa.SignData(input, hash);
            bool low = EcdsaSignature.HasLowS(scheme, raw);
            high += low ? 0 : 1;
            Assert.Equal(low, key.Verify(Labels.Touch, [(byte)i], raw));
            Assert.True(key.Verify(Labels.Touch, [(byte)i], EcdsaSignature.Normalise(scheme, raw)));
        }
        Assert.InRange(high, 1, 39);
    }

    [Fact]
    public void A_key_has_one_SubjectPublicKeyInfo()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = ecdsa.ExportSubjectPublicKeyInfo();
        Assert.Equal(spki, VerifyingKey.FromSpki(spki).ToSpki());
        Assert.Throws<DecodeException>(() => VerifyingKey.FromSpki([.. spki, 0]));
        Assert.Throws<DecodeException>(() => VerifyingKey.FromSpki(spki.AsSpan(0, 90)));
        byte[] compressed = [.. spki];
        compressed[26] = 2;
        Assert.Throws<DecodeException>(() => VerifyingKey.FromSpki(compressed));
        using var p521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        Assert.Throws<DecodeException>(() => VerifyingKey.FromSpki(p521.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public void A_point_off_the_curve_verifies_nothing_however_often_it_is_asked()
    {
        var raw = new byte[65];
        raw[0] = 4;
        raw[64] = 1;
        VerifyingKey key = VerifyingKey.FromRaw(SignatureScheme.EcdsaSecp256r1Sha256, raw);
        var signature = new byte[64];
        signature[31] = signature[63] = 1;
        for (int i = 0; i < 3; i++)
            Assert.False(key.Verify(Labels.Touch, Message, signature));
    }

    [Fact]
    public void An_Ed25519_key_of_small_order_verifies_nothing()
    {
        // The point (0, 1): with R the same and S = 0, an equation without the strict checks holds for every message.
        var identity = new byte[32];
        identity[0] = 1;
        VerifyingKey key = VerifyingKey.FromRaw(SignatureScheme.Ed25519, identity);
        byte[] signature = [.. identity, .. new byte[32]];
        Assert.False(key.Verify(Labels.Touch, Message, signature));
    }

    [Fact]
    public void A_draft_takes_only_the_signature_of_its_own_token()
    {
        var community = new TestCommunity();
        RegistryToken alice = community.State.Token(community.Token("alice").Id)!;
        var session = new TestSession();
        GrantItem item = GrantItem.ForRoom(new RoomId(default), session.EncryptionKey, community.Time);
        var draft = new TouchDraft(alice, community.State, session.PublicKey, [item], community.Time, community.Time + 60);
        Assert.Throws<CryptographicException>(() => draft.Complete(TestToken.Create().Sign(draft.SigningInput())));
        Assert.Throws<CryptographicException>(() => draft.Complete(new byte[63]));
        Assert.Single(draft.Complete(community.Token("alice").Sign(draft.SigningInput())));
        Assert.Throws<ArgumentException>(() => new TouchDraft(alice, community.State, session.PublicKey, [], 0, 1));
        Assert.Throws<ArgumentException>(() => new TouchDraft(alice, community.State, session.PublicKey, [item], 0, community.State.Policy.SessionLifetime + 1));
    }

    [Fact]
    public void A_touch_with_Ed25519_fits_one_short_APDU()
    {
        var community = new TestCommunity();
        var session = new TestSession();
        GrantItem item = GrantItem.ForRoom(new RoomId(default), session.EncryptionKey, community.Time);
        Touch touch = session.Touch(community.Token("alice"), community.State, community.Time, item)[0].Touch;
        Assert.Equal(193, TlsWriter.Encode(touch).Length);
        Assert.True(Labelled.Bytes(Labels.Touch, TlsWriter.Encode(touch)).Length < 255 - 10);
    }
}
