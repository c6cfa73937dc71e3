using System.Formats.Asn1;
using System.Security.Cryptography;

namespace HardwareChat.Attestation;

/// <summary>Whether one certificate's key signed another (RFC 5280 §4.1.1.3).</summary>
internal static class CertificateSignature
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 4096;

    /// <summary>The signatures that an attestation chain may bear. SHA-1 is not among them.</summary>
    public static bool IsSupported(string algorithm) => Hash(algorithm) is not null;

    /// <summary>False for a wrong signature, and for a key that cannot have made one of that algorithm.</summary>
    public static bool Verify(AttestationCertificate certificate, AttestationCertificate issuer)
    {
        if (Hash(certificate.SignatureAlgorithm) is not (HashAlgorithmName hash, bool ecdsa))
            return false;
        try
        {
            return IsKeyFor(ecdsa, issuer) && (ecdsa ? VerifyEcdsa(certificate, issuer, hash) : VerifyRsa(certificate, issuer, hash));
        }
        catch (Exception refusal) when (refusal is CryptographicException or AsnContentException)
        {
            // The issuer's SubjectPublicKeyInfo holds no key of its algorithm.
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

    // Which curves a platform has differs from one to the next, and so would the verdict: here it is these three, by name.
    private static bool IsKeyFor(bool ecdsa, AttestationCertificate issuer)
    {
        const string Rsa = "1.2.840.113549.1.1.1", EcPublicKey = "1.2.840.10045.2.1", P256 = "1.2.840.10045.3.1.7", P384 = "1.3.132.0.34", P521 = "1.3.132.0.35";
        AsnReader algorithm = new AsnReader(issuer.SubjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        string oid = algorithm.ReadObjectIdentifier();
        return ecdsa ? oid == EcPublicKey && algorithm.ReadObjectIdentifier() is (P256 or P384 or P521) : oid == Rsa;
    }

    private static bool VerifyRsa(AttestationCertificate certificate, AttestationCertificate issuer, HashAlgorithmName hash)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(issuer.SubjectPublicKeyInfo.Span, out _);
        return key.KeySize is >= MinRsaBits and <= MaxRsaBits
            && key.VerifyData(certificate.TbsCertificate.Span, certificate.Signature.Span, hash, RSASignaturePadding.Pkcs1);
    }

    private static bool VerifyEcdsa(AttestationCertificate certificate, AttestationCertificate issuer, HashAlgorithmName hash)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(issuer.SubjectPublicKeyInfo.Span, out _);
        return key.VerifyData(certificate.TbsCertificate.Span, certificate.Signature.Span, hash, DSASignatureFormat.Rfc3279DerSequence);
    }
}
