using System.Security.Cryptography;
using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Attestation;

/// <summary>The root certificates that a community trusts, and the intermediates it knows. Data, never built in.</summary>
/// <remarks>
/// A certificate that is self-issued is a root, every other one an intermediate. Intermediates give no trust: they only complete
/// chains that a token does not carry whole.
/// </remarks>
public sealed class TrustAnchors
{
    /// <summary>The most certificates, of both kinds.</summary>
    public const int MaxCertificates = 64;

    /// <summary>The most characters of the PEM text.</summary>
    public const int MaxPemLength = 1 << 20;

    private TrustAnchors(IEnumerable<AttestationCertificate> certificates)
    {
        ILookup<bool, AttestationCertificate> byKind = certificates.ToLookup(certificate => certificate.IsSelfIssued);
        Roots = [.. byKind[true]];
        Intermediates = [.. byKind[false]];
    }

    /// <summary>The roots.</summary>
    public IReadOnlyList<AttestationCertificate> Roots { get; }

    /// <summary>The intermediates.</summary>
    public IReadOnlyList<AttestationCertificate> Intermediates { get; }

    /// <summary>Reads certificates in DER, as a registry's policy stores them.</summary>
    /// <exception cref="DecodeException">One of them is no certificate, there are too many, or there is no root among them.</exception>
    public static TrustAnchors Parse(IReadOnlyCollection<ReadOnlyMemory<byte>> certificates)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        if (certificates.Count > MaxCertificates)
            throw new DecodeException($"more than {MaxCertificates} certificates", 0);
        var anchors = new TrustAnchors(certificates.Select(AttestationCertificate.Parse));
        return anchors.Roots.Count > 0 ? anchors : throw new DecodeException("no root certificate among the certificates", 0);
    }

    /// <summary>Reads every CERTIFICATE of a PEM file, as an administrator hands it over. Text between them is passed over.</summary>
    /// <exception cref="DecodeException">As <see cref="Parse"/>, or not PEM.</exception>
    public static TrustAnchors ParsePem(ReadOnlySpan<char> pem)
    {
        if (pem.Length > MaxPemLength)
            throw new DecodeException($"PEM text is longer than {MaxPemLength} characters", 0);
        var certificates = new List<ReadOnlyMemory<byte>>();
        while (PemEncoding.TryFind(pem, out PemFields fields))
        {
            if (pem[fields.Label] is not "CERTIFICATE")
                throw new DecodeException("the PEM text holds something that is no certificate", 0);
            byte[] encoded = new byte[fields.DecodedDataLength];
            if (!Convert.TryFromBase64Chars(pem[fields.Base64Data], encoded, out int written) || written != encoded.Length)
                throw new DecodeException("the PEM text is not base64", 0);
            certificates.Add(encoded);
            pem = pem[fields.Location.End..];
            if (certificates.Count > MaxCertificates)
                break;
        }

        return Parse(certificates);
    }

    /// <summary>Our own instance of this certificate, if it is one of ours to the byte; else the certificate as it came.</summary>
    internal AttestationCertificate Own(AttestationCertificate certificate)
        => Roots.Concat(Intermediates).FirstOrDefault(own => own.Encoded.Span.SequenceEqual(certificate.Encoded.Span)) ?? certificate;

    /// <summary>The entry for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        try
        {
            _ = ParsePem(Encoding.Latin1.GetString(data));
        }
        catch (DecodeException)
        {
            // The one refusal that malformed bytes may meet.
        }
    }
}
