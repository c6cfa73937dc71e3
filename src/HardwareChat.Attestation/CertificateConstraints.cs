using System.Formats.Asn1;
using HardwareChat.Wire;

namespace HardwareChat.Attestation;

// RFC 5280 §4.2.1.3, §4.2.1.9
//
//   KeyUsage ::= BIT STRING { digitalSignature(0), ..., keyCertSign(5), ... }
//
//   BasicConstraints ::= SEQUENCE {
//        cA                      BOOLEAN DEFAULT FALSE,
//        pathLenConstraint       INTEGER (0..MAX) OPTIONAL }

/// <summary>What a certificate allows its key to do in a chain.</summary>
/// <param name="HasBasicConstraints">basicConstraints is there at all.</param>
/// <param name="IsAuthority">basicConstraints says CA:TRUE.</param>
/// <param name="PathLength">The most CA certificates between this one and the end of the chain; null where it sets no bound.</param>
/// <param name="MaySignCertificates">keyUsage is absent, or holds keyCertSign.</param>
/// <param name="UnknownCritical">The object identifier of a critical extension that is not understood here, if there is one.</param>
internal sealed record CertificateConstraints(bool HasBasicConstraints, bool IsAuthority, int? PathLength, bool MaySignCertificates, string? UnknownCritical)
{
    private const string BasicConstraints = "2.5.29.19";
    private const string KeyUsage = "2.5.29.15";
    private const int KeyCertSign = 5;

    public static CertificateConstraints None { get; } = new(false, false, null, true, null);

    public static CertificateConstraints Read(IReadOnlyDictionary<string, CertificateExtension> extensions)
    {
        bool isAuthority = false;
        int? pathLength = null;
        bool hasBasic = extensions.TryGetValue(BasicConstraints, out CertificateExtension basic);
        if (hasBasic)
        {
            var value = new AsnReader(basic.Value, AsnEncodingRules.DER);
            AsnReader constraints = value.ReadSequence();
            value.ThrowIfNotEmpty();
            isAuthority = constraints.HasData && constraints.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && constraints.ReadBoolean();
            if (constraints.HasData)
            {
                pathLength = constraints.TryReadInt32(out int length) && length >= 0
                    ? length
                    : throw new DecodeException("the path length of the certificate is out of range", 0);
            }

            constraints.ThrowIfNotEmpty();
        }

        bool maySign = true;
        if (extensions.TryGetValue(KeyUsage, out CertificateExtension usage))
        {
            var value = new AsnReader(usage.Value, AsnEncodingRules.DER);
            byte[] bits = value.ReadBitString(out _);
            value.ThrowIfNotEmpty();
            maySign = bits.Length > 0 && (bits[0] & (0x80 >> KeyCertSign)) != 0;
        }

        string? unknown = extensions
            .Where(extension => extension.Value.Critical && extension.Key is not (BasicConstraints or KeyUsage) && !AttestationExtensions.Understands(extension.Key))
            .Select(extension => extension.Key)
            .FirstOrDefault();
        return new CertificateConstraints(hasBasic, isAuthority, pathLength, maySign, unknown);
    }
}
