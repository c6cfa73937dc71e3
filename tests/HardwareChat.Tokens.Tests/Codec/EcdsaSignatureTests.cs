using System.Security.Cryptography;
using CsCheck;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Tests.Codec;

public static class EcdsaSignatureTests
{
    [Fact]
    public static void Normalised_signatures_still_verify()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Gen.Byte.Array[0, 100].Sample(
            message =>
            {
                byte[] der = key.SignData(message, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence);
                byte[] signature = EcdsaSignature.FromDer(PivAlgorithm.EccP384, der);
                return EcdsaSignature.IsNormalised(PivAlgorithm.EccP384, signature)
                    && key.VerifyData(message, signature, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            },
            iter: 40);
    }

    [Fact]
    public static void High_s_is_moved_to_the_lower_half_and_refused_where_it_stands()
    {
        const string OrderMinusOne = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550";
        byte[] signature = EcdsaSignature.FromDer(PivAlgorithm.EccP256, Convert.FromHexString("3026020101022100" + OrderMinusOne));
        Assert.Equal(1, signature[63]);
        Assert.True(EcdsaSignature.IsNormalised(PivAlgorithm.EccP256, signature));
        byte[] high = Convert.FromHexString(new string('0', 63) + "1" + OrderMinusOne);
        Assert.False(EcdsaSignature.IsNormalised(PivAlgorithm.EccP256, high));
    }

    [Theory]
    [InlineData("3006020100020101")] // r = 0
    [InlineData("3006020101020100")] // s = 0
    [InlineData("30060201FF020101")] // negative
    [InlineData("3026020101022100FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")] // s = n
    [InlineData("300602010102010100")]
    [InlineData("")]
    public static void Values_outside_the_group_are_refused(string der)
        => Assert.Throws<DecodeException>(() => EcdsaSignature.FromDer(PivAlgorithm.EccP256, Convert.FromHexString(der)));
}
