using System.Formats.Asn1;
using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Attestation;

// RFC 5280 §4.1
//
//   Certificate  ::=  SEQUENCE  {
//        tbsCertificate       TBSCertificate,
//        signatureAlgorithm   AlgorithmIdentifier,
//        signatureValue       BIT STRING  }
//
//   TBSCertificate  ::=  SEQUENCE  {
//        version         [0]  EXPLICIT Version DEFAULT v1,
//        serialNumber         CertificateSerialNumber,
//        signature            AlgorithmIdentifier,
//        issuer               Name,
//        validity             Validity,
//        subject              Name,
//        subjectPublicKeyInfo SubjectPublicKeyInfo,
//        issuerUniqueID  [1]  IMPLICIT UniqueIdentifier OPTIONAL,
//        subjectUniqueID [2]  IMPLICIT UniqueIdentifier OPTIONAL,
//        extensions      [3]  EXPLICIT Extensions OPTIONAL }
//
// Read here, in DER and nothing else, and not by the operating system: every replica of a registry has to come to the same verdict,
// whatever platform it runs on, and nobody's trust store, revocation list or "fetch the missing issuer" has a say in it.

/// <summary>One X.509 certificate of an attestation chain. Immutable; parsing proves nothing, see <see cref="AttestationVerifier"/>.</summary>
public sealed class AttestationCertificate
{
    /// <summary>The most bytes of one certificate, DER. Those of tokens have 600 to 1,200.</summary>
    public const int MaxSize = 8 * 1024;

    private CertificateKey? _key;
    private AttestationCertificate? _signer;

    private AttestationCertificate(ReadOnlyMemory<byte> encoded) => Encoded = encoded;

    /// <summary>The certificate, DER.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; private init; }

    /// <summary>The CN of the subject, or an empty string; whatever the certificate's maker wrote.</summary>
    public string SubjectName { get; private init; } = "";

    /// <summary>The CN of the issuer, or an empty string; whatever the certificate's maker wrote.</summary>
    public string IssuerName { get; private init; } = "";

    /// <summary>notBefore.</summary>
    public DateTimeOffset NotBefore { get; private init; }

    /// <summary>notAfter.</summary>
    public DateTimeOffset NotAfter { get; private init; }

    /// <summary>What the certificate says of the token.</summary>
    public AttestationExtensions Attestation { get; private init; } = AttestationExtensions.None;

    internal ReadOnlyMemory<byte> Subject { get; private init; }

    internal ReadOnlyMemory<byte> Issuer { get; private init; }

    internal ReadOnlyMemory<byte> TbsCertificate { get; private init; }

    internal string SignatureAlgorithm { get; private init; } = "";

    internal ReadOnlyMemory<byte> Signature { get; private init; }

    internal CertificateConstraints Constraints { get; private init; } = CertificateConstraints.None;

    internal CertificateKey Key => _key ??= CertificateKey.Import(SubjectPublicKeyInfo);

    /// <summary>Whether this issuer's key signed the certificate. A signature that verified is not verified again by the same two instances.</summary>
    internal bool IsSignedBy(AttestationCertificate issuer)
    {
        if (ReferenceEquals(_signer, issuer))
            return true;
        if (!CertificateSignature.Verify(this, issuer))
            return false;
        _signer = issuer;
        return true;
    }

    /// <summary>SHA-256 of the certificate, by which it is pinned and named.</summary>
    public byte[] ComputeFingerprint() => SHA256.HashData(Encoded.Span);

    /// <summary>Whether subject and issuer are the same, as in a root.</summary>
    public bool IsSelfIssued => Subject.Span.SequenceEqual(Issuer.Span);

    /// <summary>Reads one certificate, DER, nothing behind it.</summary>
    /// <exception cref="DecodeException">Not a certificate, or longer than <see cref="MaxSize"/>.</exception>
    public static AttestationCertificate Parse(ReadOnlyMemory<byte> encoded)
    {
        if (encoded.Length > MaxSize)
            throw new DecodeException($"certificate is longer than {MaxSize} bytes", 0);
        try
        {
            return Read(encoded.ToArray());
        }
        catch (AsnContentException refusal)
        {
            throw new DecodeException("not a certificate in DER", 0, refusal);
        }
    }

    /// <summary>The entry for fuzzing: any bytes end in a certificate or in a <see cref="DecodeException"/>.</summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        try
        {
            AttestationCertificate certificate = Parse(data.ToArray());
            _ = certificate.IsSignedBy(certificate);
        }
        catch (DecodeException)
        {
            // The one refusal that malformed bytes may meet.
        }
    }

    private static AttestationCertificate Read(byte[] encoded)
    {
        var outer = new AsnReader(encoded, AsnEncodingRules.DER);
        AsnReader certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> tbsCertificate = certificate.ReadEncodedValue();
        ReadOnlyMemory<byte> outerAlgorithm = certificate.PeekEncodedValue();
        string signatureAlgorithm = ReadAlgorithm(certificate);
        byte[] signature = ReadWholeBytes(certificate);
        certificate.ThrowIfNotEmpty();

        AsnReader tbs = new AsnReader(tbsCertificate, AsnEncodingRules.DER).ReadSequence();
        AsnReader version = tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        if (!version.TryReadInt32(out int v) || v != 2)
            throw new DecodeException("not an X.509 version 3 certificate", 0);
        version.ThrowIfNotEmpty();
        tbs.ReadIntegerBytes();

        // RFC 5280 §4.1.1.2: "This field MUST contain the same algorithm identifier as the signature field in the sequence tbsCertificate".
        if (!tbs.ReadEncodedValue().Span.SequenceEqual(outerAlgorithm.Span))
            throw new DecodeException("the two algorithm identifiers of the certificate differ", 0);
        ReadOnlyMemory<byte> issuer = tbs.ReadEncodedValue();
        AsnReader validity = tbs.ReadSequence();
        DateTimeOffset notBefore = ReadTime(validity), notAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> subject = tbs.ReadEncodedValue();
        ReadOnlyMemory<byte> subjectPublicKeyInfo = tbs.ReadEncodedValue();
        for (int unique = 1; unique <= 2; unique++)
        {
            var tag = new Asn1Tag(TagClass.ContextSpecific, unique);
            if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(tag))
                tbs.ReadEncodedValue();
        }

        IReadOnlyDictionary<string, CertificateExtension> extensions = CertificateExtension.ReadAll(tbs);
        tbs.ThrowIfNotEmpty();

        return new AttestationCertificate(encoded)
        {
            TbsCertificate = tbsCertificate,
            SignatureAlgorithm = signatureAlgorithm,
            Signature = signature,
            Issuer = issuer,
            IssuerName = CommonName(issuer),
            NotBefore = notBefore,
            NotAfter = notAfter,
            Subject = subject,
            SubjectName = CommonName(subject),
            SubjectPublicKeyInfo = subjectPublicKeyInfo,
            Constraints = CertificateConstraints.Read(extensions),
            Attestation = AttestationExtensions.Read(extensions),
        };
    }

    private static string ReadAlgorithm(AsnReader reader) => reader.ReadSequence().ReadObjectIdentifier();

    private static byte[] ReadWholeBytes(AsnReader reader)
    {
        byte[] bits = reader.ReadBitString(out int unused);
        return unused == 0 ? bits : throw new DecodeException("the signature is not a whole number of bytes", 0);
    }

    private static DateTimeOffset ReadTime(AsnReader reader)
        => reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    // Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
    private static string CommonName(ReadOnlyMemory<byte> name)
    {
        const string CommonNameOid = "2.5.4.3";
        AsnReader rdns = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
        while (rdns.HasData)
        {
            AsnReader rdn = rdns.ReadSetOf();
            while (rdn.HasData)
            {
                AsnReader attribute = rdn.ReadSequence();
                string type = attribute.ReadObjectIdentifier();
                Asn1Tag tag = attribute.PeekTag();
                bool readable = tag.TagClass == TagClass.Universal
                    && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString;
                if (type == CommonNameOid && readable)
                    return attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue);
            }
        }

        return "";
    }
}
