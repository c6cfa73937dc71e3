using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>A chain of X.509 certificates, the member's own first (RFC 9420 §5.3). The application checks chain and key.</summary>
public sealed class X509Credential : Credential
{
    private readonly byte[][] _certificates;

    /// <summary>A credential of the given DER certificates, the member's own first.</summary>
    public X509Credential(IEnumerable<ReadOnlyMemory<byte>> certificates)
        : this([.. certificates.Select(static certificate => certificate.ToArray())])
    {
    }

    internal X509Credential(byte[][] ownedCertificates)
        : base(CredentialType.X509) => _certificates = ownedCertificates;

    /// <summary>The certificates, each DER-encoded, the member's own first.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Certificates => _certificates.Select(static certificate => (ReadOnlyMemory<byte>)certificate);

    internal static byte[] ReadCertificate(ref TlsReader reader) => reader.ReadOpaque(TlsVector.NoLimit).ToArray();

    private protected override void WriteContentTo(ref TlsWriter writer)
        => writer.WriteVector(_certificates, static (ref writer, certificates) =>
        {
            foreach (byte[] certificate in certificates)
                writer.WriteOpaque(certificate);
        });
}
