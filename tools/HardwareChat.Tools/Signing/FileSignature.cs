using System.Security.Cryptography;
using System.Text;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Tools;

// docs/OPERATIONS.md, "File signatures".
//
//   opaque Certificate<V>;        // DER
//   struct {
//     FileStatement statement;
//     opaque signature<V>;        // of "HardwareChat 1 file" || 0x00 || statement
//     Certificate attestation<V>; // empty, or the slot's attestation, then the token's own (F9) certificate
//   } FileSignature;              // in a file: PEM, "HARDWARECHAT FILE SIGNATURE"

/// <summary>A detached signature of a file by a token's key.</summary>
/// <param name="Statement">What was signed.</param>
/// <param name="Signature">r || s with a low s, or R || S.</param>
/// <param name="Attestation">Certificates in DER that say where the key was born; none if the signer gave none. Not covered by the signature: they prove themselves.</param>
public sealed record FileSignature(FileStatement Statement, byte[] Signature, IReadOnlyList<byte[]> Attestation) : ITlsSerializable
{
    /// <summary>The most bytes that a signature file may have.</summary>
    public const int LongestFile = 64 * 1024;

    private const string PemLabel = "HARDWARECHAT FILE SIGNATURE";
    private const int LongestSignature = 96;
    private const int LongestCertificate = 8 * 1024;
    private const int MostCertificates = 4;

    /// <summary>The signature in this PEM text, with nothing before or after it.</summary>
    /// <exception cref="DecodeException">Not PEM, of another label, or malformed inside.</exception>
    public static FileSignature FromPem(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (!PemEncoding.TryFind(text, out PemFields fields) || !text[fields.Label].SequenceEqual(PemLabel))
            throw new DecodeException($"no PEM block \"{PemLabel}\"", 0);
        (int start, int length) = fields.Location.GetOffsetAndLength(text.Length);
        if (start != 0 || length != text.Length)
            throw new DecodeException("text stands before or after the PEM block", 0);
        var bytes = new byte[fields.DecodedDataLength];
        if (!Convert.TryFromBase64Chars(text[fields.Base64Data], bytes, out int written) || written != bytes.Length)
            throw new DecodeException("the PEM block is not base64", 0);
        var reader = new TlsReader(bytes);
        FileSignature signature = Read(ref reader);
        reader.ThrowIfNotEmpty();
        return signature;
    }

    /// <summary>FileSignature, as above.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static FileSignature Read(ref TlsReader reader)
    {
        FileStatement statement = FileStatement.Read(ref reader);
        byte[] signature = reader.ReadOpaque(LongestSignature).ToArray();
        TlsReader certificates = reader.ReadVector(MostCertificates * (LongestCertificate + sizeof(ushort)));
        var attestation = new List<byte[]>();
        while (!certificates.IsEmpty)
        {
            if (attestation.Count == MostCertificates)
                throw certificates.Malformed("too many certificates");
            attestation.Add(certificates.ReadOpaque(LongestCertificate).ToArray());
        }
        return new FileSignature(statement, signature, attestation);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Statement.WriteTo(ref writer);
        writer.WriteOpaque(Signature);
        writer.WriteVector(Attestation, static (ref TlsWriter certificates, IReadOnlyList<byte[]> attestation) =>
        {
            foreach (byte[] certificate in attestation)
                certificates.WriteOpaque(certificate);
        });
    }

    /// <summary>The PEM text, ending with a line feed.</summary>
    public string ToPem() => PemEncoding.WriteString(PemLabel, TlsWriter.Encode(this)) + "\n";

    /// <summary>Whether the statement's key signed the statement. Says nothing of whose key it is, nor of any file.</summary>
    public bool IsGenuine() => Statement.Key.Verify(Labels.File, TlsWriter.Encode(Statement), Signature);

    /// <summary>Reads any bytes as PEM text, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        FileSignature signature = FromPem(Encoding.UTF8.GetString(input));
        if (!TlsWriter.Encode(FromPem(signature.ToPem())).AsSpan().SequenceEqual(TlsWriter.Encode(signature)))
            throw new CryptographicException("A file signature has two encodings.");
    }
}
