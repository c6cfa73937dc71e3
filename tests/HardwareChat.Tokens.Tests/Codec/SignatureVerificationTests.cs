using System.Security.Cryptography;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Tests.Codec;

/// <summary>Signatures by keys that cards have, verified without a card.</summary>
public static class SignatureVerificationTests
{
    private static readonly byte[] Message = "message"u8.ToArray();

    [Fact]
    public static void Rsa2048_signature_verifies_and_no_other_does()
    {
        using var rsa = RSA.Create(2048);
        var key = PivPublicKey.FromSubjectPublicKeyInfo(rsa.ExportSubjectPublicKeyInfo());
        byte[] signature = rsa.SignData(Message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Assert.True(key.Verify(Message, signature));
        Assert.False(key.Verify("massage"u8, signature));
        Assert.False(key.Verify(Message, rsa.SignData(Message, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
        Assert.False(key.Verify(Message, rsa.SignData(Message, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1)));
        Assert.False(key.Verify(Message, signature.AsSpan(1)));
        Assert.False(key.Verify(Message, [.. signature, 0]));
        Assert.False(key.Verify(Message, default));
        using var other = RSA.Create(2048);
        Assert.False(PivPublicKey.FromSubjectPublicKeyInfo(other.ExportSubjectPublicKeyInfo()).Verify(Message, signature));
    }

    [Fact]
    public static void Rsa2048_key_as_a_card_tells_it_is_the_same_key()
    {
        using var rsa = RSA.Create(2048);
        RSAParameters numbers = rsa.ExportParameters(false);
        var key = PivPublicKey.FromCard(PivAlgorithm.Rsa2048, new BerTlvWriter().Write(0x81, numbers.Modulus).Write(0x82, numbers.Exponent).Written);
        Assert.True(key.Verify(Message, rsa.SignData(Message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    [Theory]
    [InlineData("01")] // any signature is its own message
    [InlineData("03")]
    [InlineData("010000")] // even
    public static void Rsa_exponent_that_lets_anybody_sign_is_refused(string exponent)
    {
        using var rsa = RSA.Create(2048);
        byte[] modulus = rsa.ExportParameters(false).Modulus!;
        Assert.Throws<DecodeException>(
            () => PivPublicKey.FromCard(PivAlgorithm.Rsa2048, new BerTlvWriter().Write(0x81, modulus).Write(0x82, Convert.FromHexString(exponent)).Written));
    }

    [Fact]
    public static void Rsa_keys_of_other_sizes_are_read_and_not_verified_with()
    {
        using var rsa = RSA.Create(3072);
        var key = PivPublicKey.FromSubjectPublicKeyInfo(rsa.ExportSubjectPublicKeyInfo());
        Assert.Equal(PivAlgorithm.Rsa3072, key.Algorithm);
        Assert.Throws<InvalidOperationException>(() => key.Verify(Message, new byte[384]));
    }

    [Fact]
    public static void Ecdsa_signature_with_a_high_s_is_refused()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = PivPublicKey.FromSubjectPublicKeyInfo(ecdsa.ExportSubjectPublicKeyInfo());
        byte[] low = EcdsaSignature.FromDer(PivAlgorithm.EccP256, ecdsa.SignData(Message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.True(key.Verify(Message, low));
        var order = new System.Numerics.BigInteger(
            Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true);
        var s = new System.Numerics.BigInteger(low.AsSpan(32), isUnsigned: true, isBigEndian: true);
        byte[] high = [.. low[..32], .. (order - s).ToByteArray(isUnsigned: true, isBigEndian: true)];
        Assert.True(ecdsa.VerifyData(Message, high, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        Assert.False(key.Verify(Message, high));
    }

    [Fact]
    public static void Key_that_is_no_point_of_its_curve_verifies_nothing()
    {
        byte[] off = [4, .. new byte[63], 1];
        Assert.False(PivPublicKey.FromPoint(PivAlgorithm.EccP256, off).Verify(Message, [.. new byte[31], 1, .. new byte[31], 1]));
        Assert.False(PivPublicKey.FromPoint(PivAlgorithm.Ed25519, new byte[32]).Verify(Message, new byte[64]));
    }

    [Fact]
    public static void Ed25519_signature_of_RFC_8032_verifies()
    {
        // RFC 8032 §7.1, test 2.
        var key = PivPublicKey.FromPoint(PivAlgorithm.Ed25519, Convert.FromHexString("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
        byte[] signature = Convert.FromHexString(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        Assert.True(key.Verify([0x72], signature));
        Assert.False(key.Verify([0x73], signature));
    }
}
