using System.Security.Cryptography;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Enrolment;

// opaque Certificate<V>;         X.509, DER
// struct {
//   Certificate authentication;  the attestation of 9A
//   Certificate agreement;       the attestation of 9D
//   Certificate signature;       the attestation of 9C; empty if the token has no 9C key
//   Certificate issuers<V>;      F9, and whatever follows it up to the root, which may be left out
// } TokenEvidence;               the evidence blob: its SHA-256 is TokenEnrolment.evidence

/// <summary>The attestations of a token's keys, which share their issuers: the evidence blob of an enrolment.</summary>
/// <param name="Authentication">The attestation of 9A, DER.</param>
/// <param name="Agreement">The attestation of 9D, DER.</param>
/// <param name="Signature">The attestation of 9C, DER; empty for none.</param>
/// <param name="Issuers">F9's certificate, and whatever follows it, DER.</param>
public sealed record TokenEvidence(
    ReadOnlyMemory<byte> Authentication,
    ReadOnlyMemory<byte> Agreement,
    ReadOnlyMemory<byte> Signature,
    IReadOnlyList<ReadOnlyMemory<byte>> Issuers) : ITlsSerializable
{
    private const int IssuersLimit = 5;

    /// <summary>The evidence that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static TokenEvidence Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        byte[] authentication = Certificate(ref reader);
        byte[] agreement = Certificate(ref reader);
        byte[] signature = Certificate(ref reader);
        TlsReader list = reader.ReadVector(ProtocolLimits.EvidenceBytes);
        reader.ThrowIfNotEmpty();
        var issuers = new List<ReadOnlyMemory<byte>>();
        while (!list.IsEmpty)
        {
            issuers.Add(Certificate(ref list));
            if (issuers.Count > IssuersLimit)
                throw list.Malformed("too many issuers");
        }
        return new TokenEvidence(authentication, agreement, signature, issuers);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOpaque(Authentication.Span);
        writer.WriteOpaque(Agreement.Span);
        writer.WriteOpaque(Signature.Span);
        writer.WriteVector(Issuers, static (ref writer, issuers) =>
        {
            foreach (ReadOnlyMemory<byte> issuer in issuers)
                writer.WriteOpaque(issuer.Span);
        });
    }

    /// <summary>Reads any bytes as evidence, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!TlsWriter.Encode(Decode(input)).AsSpan().SequenceEqual(input))
            throw new CryptographicException("Evidence has two encodings.");
    }

    private static byte[] Certificate(ref TlsReader reader) => reader.ReadOpaque(ProtocolLimits.CertificateBytes).ToArray();
}
