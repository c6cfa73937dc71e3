using System.Security.Cryptography;

namespace HardwareChat.Attestation;

/// <summary>Whether one certificate's key signed another (RFC 5280 §4.1.1.3).</summary>
internal static class CertificateSignature
{
    /// <summary>The signatures that an attestation chain may bear. SHA-1 is not among them.</summary>
    public static bool IsSupported(string algorithm) => Hash(algorithm) is not null;

    /// <summary>False for a wrong signature, and for a key that cannot have made one of that algorithm.</summary>
    public static bool Verify(AttestationCertificate certificate, AttestationCertificate issuer)
    {
        if (Hash(certificate.SignatureAlgorithm) is not (HashAlgorithmName hash, bool ecdsa))
            return false;
        try
        {
            return ecdsa
                ? issuer.Key.VerifyEcdsa(certificate.TbsCertificate.Span, certificate.Signature.Span, hash)
                : issuer.Key.VerifyRsa(certificate.TbsCertificate.Span, certificate.Signature.Span, hash);
        }
        catch (CryptographicException)
        {
            // A signature that is none of its algorithm: how a platform says so differs.
            return false;
        }
    }

    private static (HashAlgorithmName Hash, bool IsEcdsa)? Hash(string algorithm) => algorithm switch
    {
        "1.2.840.113549.1.1.11" => (HashAlgorithmName.SHA256, false),
        "1.2.840.113549.1.1.12" => (HashAlgorithmName.SHA384, false),
        "1.2.840.113549.1.1.13" => (HashAlgorithmName.SHA512, false),
        "1.2.840.10045.4.3.2" => (HashAlgorithmName.SHA256, true),
        "1.2.840.10045.4.3.3" => (HashAlgorithmName.SHA384, true),
        "1.2.840.10045.4.3.4" => (HashAlgorithmName.SHA512, true),
        _ => null,
    };
}
