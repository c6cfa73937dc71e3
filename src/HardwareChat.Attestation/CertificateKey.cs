using System.Formats.Asn1;
using System.Security.Cryptography;

namespace HardwareChat.Attestation;

/// <summary>The public key of an issuer, imported when it first has to verify something and kept: importing costs more than verifying.</summary>
/// <remarks>May be shared between threads.</remarks>
internal sealed class CertificateKey
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 4096;

    private readonly Lock _gate = new();
    private readonly ECDsa? _ecdsa;
    private readonly RSA? _rsa;

    private CertificateKey(ECDsa? ecdsa, RSA? rsa)
    {
        _ecdsa = ecdsa;
        _rsa = rsa;
    }

    /// <summary>The key of this SubjectPublicKeyInfo. One that is of no kind that may sign here verifies nothing.</summary>
    public static CertificateKey Import(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        try
        {
            return KindOf(subjectPublicKeyInfo) switch
            {
                Kind.Ecdsa => new CertificateKey(ImportEcdsa(subjectPublicKeyInfo.Span), null),
                Kind.Rsa => new CertificateKey(null, ImportRsa(subjectPublicKeyInfo.Span)),
                _ => new CertificateKey(null, null),
            };
        }
        catch (Exception refusal) when (refusal is CryptographicException or AsnContentException)
        {
            // The SubjectPublicKeyInfo holds no key of its algorithm.
            return new CertificateKey(null, null);
        }
    }

    /// <summary>Whether the key is for ECDSA and the signature, an Ecdsa-Sig-Value, is its.</summary>
    public bool VerifyEcdsa(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        if (_ecdsa is null)
            return false;
        lock (_gate)
            return _ecdsa.VerifyData(bytes, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>Whether the key is for RSA, of a length that is allowed, and the PKCS #1 v1.5 signature is its.</summary>
    public bool VerifyRsa(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        if (_rsa is not { KeySize: >= MinRsaBits and <= MaxRsaBits })
            return false;
        lock (_gate)
            return _rsa.VerifyData(bytes, signature, hash, RSASignaturePadding.Pkcs1);
    }

    private enum Kind
    {
        Other,
        Ecdsa,
        Rsa,
    }

    // Which curves a platform has differs from one to the next, and so would the verdict: here it is these three, by name.
    private static Kind KindOf(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        const string Rsa = "1.2.840.113549.1.1.1", EcPublicKey = "1.2.840.10045.2.1", P256 = "1.2.840.10045.3.1.7", P384 = "1.3.132.0.34", P521 = "1.3.132.0.35";
        AsnReader algorithm = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        return algorithm.ReadObjectIdentifier() switch
        {
            Rsa => Kind.Rsa,
            EcPublicKey when algorithm.ReadObjectIdentifier() is P256 or P384 or P521 => Kind.Ecdsa,
            _ => Kind.Other,
        };
    }

    private static ECDsa ImportEcdsa(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return key;
    }

    private static RSA ImportRsa(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return key;
    }
}
