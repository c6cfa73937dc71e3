using System.Security.Cryptography;

namespace HardwareChat.Mls;

/// <summary>Signature.Verify of RFC 9420 §5.1.2 for each scheme.</summary>
internal static class SignatureAlgorithm
{
    private const int Ed25519KeyLength = 32;
    private const int Ed25519SignatureLength = 64;

    public static NistCurve CurveOf(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 => NistCurve.P256,
        SignatureScheme.EcdsaSecp384r1Sha384 => NistCurve.P384,
        SignatureScheme.EcdsaSecp521r1Sha512 => NistCurve.P521,
        _ => throw new ArgumentOutOfRangeException(nameof(scheme), scheme, "not an ECDSA scheme"),
    };

    /// <summary>Whether the bytes are a public key of the scheme, as far as that shows before its use.</summary>
    public static bool IsPublicKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey)
        => scheme == SignatureScheme.Ed25519 ? publicKey.Length == Ed25519KeyLength : CurveOf(scheme).IsPoint(publicKey);

    /// <summary>False for a wrong signature and for bytes that are no signature or no key.</summary>
    public static bool Verify(SignatureScheme scheme, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (scheme == SignatureScheme.Ed25519)
        {
            return publicKey.Length == Ed25519KeyLength
                && signature.Length == Ed25519SignatureLength
                && Sodium.Ed25519Verify(publicKey, message, signature);
        }

        NistCurve curve = CurveOf(scheme);
        if (!curve.IsPoint(publicKey))
            return false;
        using var key = ECDsa.Create(new ECParameters { Curve = curve.Named, Q = curve.ReadPoint(publicKey) });
        return key.VerifyData(message, signature, curve.Hash, DSASignatureFormat.Rfc3279DerSequence);
    }
}
