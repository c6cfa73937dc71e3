using System.Formats.Asn1;
using System.Numerics;
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
    public void A_key_of_another_curve_under_this_ones_length_is_none()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = ecdsa.ExportSubjectPublicKeyInfo();
        byte[] otherCurve = [.. spki];
        otherCurve[22] ^= 1;
        Assert.Throws<DecodeException>(() => VerifyingKey.FromSpki(otherCurve));
        Assert.False(VerifyingKey.IsAgreementSpki(otherCurve));
        Assert.True(VerifyingKey.IsAgreementSpki(spki));
        Assert.False(VerifyingKey.IsAgreementSpki([.. spki, 0]));
        Assert.False(VerifyingKey.IsAgreementSpki(spki.AsSpan(0, spki.Length - 1)));
        byte[] compressed = [.. spki];
        compressed[26] = 2;
        Assert.False(VerifyingKey.IsAgreementSpki(compressed));
        byte[] x25519 = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00, .. new byte[32]];
        Assert.True(VerifyingKey.IsAgreementSpki(x25519));
        Assert.False(VerifyingKey.IsAgreementSpki([.. x25519, 0]));
        Assert.False(VerifyingKey.IsAgreementSpki(x25519.AsSpan(0, 43)));
        x25519[8] = 0x70;
        Assert.False(VerifyingKey.IsAgreementSpki(x25519));
        Assert.Throws<DecodeException>(() => VerifyingKey.FromRaw(SignatureScheme.Ed25519, new byte[31]));
        Assert.Throws<DecodeException>(() => VerifyingKey.FromRaw(SignatureScheme.EcdsaSecp256r1Sha256, new byte[66]));
        Assert.Throws<DecodeException>(() =>
        {
            var reader = new TlsReader([0x08, 0x04]);
            reader.ReadSignatureScheme();
        });
    }

    [Theory]
    [InlineData(SignatureScheme.EcdsaSecp256r1Sha256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")]
    [InlineData(SignatureScheme.EcdsaSecp384r1Sha384, "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973")]
    public void Half_of_the_order_is_a_low_s_and_neither_r_nor_s_is_zero_or_the_order(SignatureScheme scheme, string orderHex)
    {
        var order = new BigInteger(Convert.FromHexString(orderHex), isUnsigned: true, isBigEndian: true);
        int width = scheme.SignatureSize() / 2;
        byte[] Pair(BigInteger r, BigInteger s) => [.. Wide(r), .. Wide(s)];
        byte[] Wide(BigInteger value)
        {
            byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
            return [.. new byte[width - bytes.Length], .. bytes];
        }
        Assert.True(EcdsaSignature.HasLowS(scheme, Pair(1, order / 2)));
        Assert.False(EcdsaSignature.HasLowS(scheme, Pair(1, (order / 2) + 1)));
        Assert.Equal(Pair(1, order / 2), EcdsaSignature.Normalise(scheme, Pair(1, order / 2)));
        Assert.Equal(Pair(1, order / 2), EcdsaSignature.Normalise(scheme, Pair(1, (order / 2) + 1)));
        Assert.Equal(Pair(1, 1), EcdsaSignature.Normalise(scheme, Pair(1, order - 1)));
        Assert.Throws<ArgumentException>(() => EcdsaSignature.Normalise(scheme, Pair(1, order)));
        Assert.Throws<ArgumentException>(() => EcdsaSignature.Normalise(scheme, new byte[(2 * width) - 1]));
        Assert.Throws<ArgumentException>(() => EcdsaSignature.Normalise(SignatureScheme.Ed25519, new byte[64]));

        Assert.Equal(Pair(order - 1, 1), EcdsaSignature.FromDer(scheme, Der(order - 1, order - 1)));
        foreach ((BigInteger r, BigInteger s) in ((BigInteger, BigInteger)[])[(0, 1), (1, 0), (-1, 1), (1, -1), (order, 1), (1, order)])
            Assert.Throws<DecodeException>(() => EcdsaSignature.FromDer(scheme, Der(r, s)));
        Assert.Throws<DecodeException>(() => EcdsaSignature.FromDer(SignatureScheme.Ed25519, Der(1, 1)));

        static byte[] Der(BigInteger r, BigInteger s)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteInteger(r);
                writer.WriteInteger(s);
            }
            return writer.Encode();
        }
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
        Assert.Throws<ArgumentException>(() => new TouchDraft(alice, community.State, session.PublicKey, [item], 5, 4));
        Assert.Equal(5UL, new TouchDraft(alice, community.State, session.PublicKey, [item], 5, 5).Touch.NotAfter);
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
