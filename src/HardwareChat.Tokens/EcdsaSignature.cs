using System.Formats.Asn1;
using System.Numerics;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;

namespace HardwareChat.Tokens;

/// <summary>ECDSA signatures as the product carries them: r || s of fixed width, s in the lower half of the group order.</summary>
/// <remarks>(r, s) and (r, n - s) both verify; with one form only, nobody can make a second signature of the same message from the first.</remarks>
public static class EcdsaSignature
{
    private static readonly BigInteger P256Order = Hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    private static readonly BigInteger P384Order = Hex(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973");

    /// <summary>Bytes of r || s: 64 for P-256, 96 for P-384.</summary>
    public static int SizeOf(PivAlgorithm algorithm) => algorithm switch
    {
        PivAlgorithm.EccP256 => 64,
        PivAlgorithm.EccP384 => 96,
        _ => throw new ArgumentException($"{algorithm} is no algorithm of ECDSA.", nameof(algorithm)),
    };

    /// <summary>From the DER SEQUENCE { r, s } that a card answers, with s moved to the lower half.</summary>
    /// <exception cref="DecodeException">Not such a sequence, or r or s outside 1..n-1.</exception>
    public static byte[] FromDer(PivAlgorithm algorithm, ReadOnlySpan<byte> der)
    {
        int width = SizeOf(algorithm) / 2;
        BigInteger order = OrderOf(algorithm);
        BigInteger r, s;
        try
        {
            var reader = new AsnReader(der.ToArray(), AsnEncodingRules.DER);
            AsnReader sequence = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            r = sequence.ReadInteger();
            s = sequence.ReadInteger();
            sequence.ThrowIfNotEmpty();
        }
        catch (AsnContentException error)
        {
            throw new DecodeException("signature is not a sequence of two integers", 0, error);
        }

        if (r < 1 || r >= order || s < 1 || s >= order)
            throw new DecodeException("signature value is outside the group", 0);
        if (s > order / 2)
            s = order - s;
        byte[] signature = new byte[2 * width];
        WriteFixed(r, signature.AsSpan(0, width));
        WriteFixed(s, signature.AsSpan(width));
        return signature;
    }

    /// <summary>Whether a signature of fixed width has r and s in range and s in the lower half.</summary>
    public static bool IsNormalised(PivAlgorithm algorithm, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SizeOf(algorithm))
            return false;
        BigInteger order = OrderOf(algorithm);
        var r = new BigInteger(signature[..(signature.Length / 2)], isUnsigned: true, isBigEndian: true);
        var s = new BigInteger(signature[(signature.Length / 2)..], isUnsigned: true, isBigEndian: true);
        return r >= 1 && r < order && s >= 1 && s <= order / 2;
    }

    private static BigInteger OrderOf(PivAlgorithm algorithm) => algorithm == PivAlgorithm.EccP256 ? P256Order : P384Order;

    private static void WriteFixed(BigInteger value, Span<byte> destination)
    {
        destination.Clear();
        byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(destination[(destination.Length - bytes.Length)..]);
    }

    private static BigInteger Hex(string hex) => new(Convert.FromHexString(hex), isUnsigned: true, isBigEndian: true);
}
