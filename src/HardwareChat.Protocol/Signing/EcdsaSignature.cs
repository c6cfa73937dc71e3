using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// ECDSA travels as fixed-width r || s with s <= n/2. (r, n - s) verifies wherever (r, s) does, so one of the two must not
// be a signature, or anybody could make a second encoding of a signed statement. Cards return either.

/// <summary>The fixed-width, low-s form of an ECDSA signature (FIPS 186-5, SEC 1 §4.1).</summary>
public static class EcdsaSignature
{
    // SP 800-186 §3.2.1.3 and §3.2.1.4: the orders n.
    private static readonly BigInteger OrderP256 = Unsigned(Convert.FromHexString(
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"));

    private static readonly BigInteger OrderP384 = Unsigned(Convert.FromHexString(
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"));

    private static readonly byte[] HalfP256 = FixedWidth(OrderP256 >> 1, 32);
    private static readonly byte[] HalfP384 = FixedWidth(OrderP384 >> 1, 48);

    /// <summary>Whether the second half, s, is at most n/2. The length must be the scheme's.</summary>
    public static bool HasLowS(SignatureScheme scheme, ReadOnlySpan<byte> signature)
    {
        byte[] half = scheme == SignatureScheme.EcdsaSecp256r1Sha256 ? HalfP256 : HalfP384;
        return signature[half.Length..].SequenceCompareTo(half) <= 0;
    }

    /// <summary>r || s with s replaced by n - s where it was above n/2: what a card returned becomes what travels.</summary>
    /// <exception cref="ArgumentException">Not an ECDSA scheme, or not the scheme's length, or s is not below n.</exception>
    public static byte[] Normalise(SignatureScheme scheme, ReadOnlySpan<byte> signature)
    {
        if (scheme == SignatureScheme.Ed25519 || signature.Length != scheme.SignatureSize())
            throw new ArgumentException("Not an ECDSA signature of this scheme's fixed width.", nameof(signature));
        byte[] normal = signature.ToArray();
        if (HasLowS(scheme, signature))
            return normal;
        int width = normal.Length / 2;
        BigInteger order = scheme == SignatureScheme.EcdsaSecp256r1Sha256 ? OrderP256 : OrderP384;
        BigInteger s = Unsigned(signature[width..]);
        if (s >= order)
            throw new ArgumentException("s is not below the order of the curve.", nameof(signature));
        FixedWidth(order - s, width).CopyTo(normal.AsSpan(width));
        return normal;
    }

    /// <summary>The fixed-width, low-s form of an Ecdsa-Sig-Value (RFC 3279 §2.2.3), which PIV cards return.</summary>
    /// <exception cref="DecodeException">Not DER, or a number that has no place in the scheme.</exception>
    public static byte[] FromDer(SignatureScheme scheme, ReadOnlySpan<byte> der)
    {
        int width = scheme.SignatureSize() / 2;
        var signature = new byte[2 * width];
        try
        {
            var reader = new AsnReader(der.ToArray(), AsnEncodingRules.DER);
            AsnReader sequence = reader.ReadSequence();
            BigInteger r = sequence.ReadInteger();
            BigInteger s = sequence.ReadInteger();
            sequence.ThrowIfNotEmpty();
            reader.ThrowIfNotEmpty();
            BigInteger order = scheme == SignatureScheme.EcdsaSecp256r1Sha256 ? OrderP256 : OrderP384;
            if (scheme == SignatureScheme.Ed25519 || r.Sign <= 0 || s.Sign <= 0 || r >= order || s >= order)
                throw new DecodeException("r or s is out of range", 0);
            FixedWidth(r, width).CopyTo(signature, 0);
            FixedWidth(s, width).CopyTo(signature, width);
        }
        catch (AsnContentException malformed)
        {
            throw new DecodeException("not an ECDSA signature in DER", 0, malformed);
        }
        return Normalise(scheme, signature);
    }

    /// <summary>Reads any bytes as DER, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        byte[] signature = FromDer(SignatureScheme.EcdsaSecp256r1Sha256, input);
        if (!HasLowS(SignatureScheme.EcdsaSecp256r1Sha256, signature))
            throw new CryptographicException("A normalised signature has a high s.");
    }

    private static BigInteger Unsigned(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] FixedWidth(BigInteger value, int width)
    {
        var bytes = new byte[width];
        int length = value.GetByteCount(isUnsigned: true);
        value.TryWriteBytes(bytes.AsSpan(width - length), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }
}
