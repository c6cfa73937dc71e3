using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HardwareChat.Tokens.Simulator;

/// <summary>A certification authority whose attestations say "simulated" in every name: no policy can take them for a maker's.</summary>
/// <remarks>
/// It stands where a maker's root stands: it signs the attestation certificate (F9) of each card, and the card signs those of
/// its slots. Its key is worth nothing: whoever has it can make simulated cards, which everybody can.
/// </remarks>
public sealed class SimulatedAttestationRoot : IDisposable
{
    private const string RootName = "CN=HardwareChat Simulated PIV Root CA";
    private const int SerialNumberSize = 16;
    private static readonly TimeSpan Life = TimeSpan.FromDays(50 * 365);

    private readonly ECDsa _key;

    private SimulatedAttestationRoot(ECDsa key, X509Certificate2 certificate) => (_key, Certificate) = (key, certificate);

    /// <summary>The root's certificate, without its key; what a verifier is given. Disposed with this object.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>A new root, valid from a day before <paramref name="now"/>.</summary>
    public static SimulatedAttestationRoot Create(DateTimeOffset now)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(RootName, key, HashAlgorithmName.SHA256);
        AddAuthorityExtensions(request, pathLength: 1);
        DateTimeOffset from = now.AddDays(-1);
        X509Certificate2 certificate = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), from, from + Life, RandomSerialNumber());
        return new SimulatedAttestationRoot(key, certificate);
    }

    /// <summary>The root that <see cref="ExportPem"/> wrote.</summary>
    /// <exception cref="CryptographicException">The text holds no certificate with its private key.</exception>
    public static SimulatedAttestationRoot FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        var certificate = X509Certificate2.CreateFromPem(pem);
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (!key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo()))
                throw new CryptographicException("the key is not that of the certificate");
            return new SimulatedAttestationRoot(key, certificate);
        }
        catch (Exception failure)
        {
            key.Dispose();
            certificate.Dispose();
            throw failure is ArgumentException ? new CryptographicException("no private key in the text", failure) : failure;
        }
    }

    /// <summary>Certificate and private key.</summary>
    public string ExportPem() => Certificate.ExportCertificatePem() + "\n" + _key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        Certificate.Dispose();
    }

    /// <summary>The attestation certificate of a card with this public key.</summary>
    internal X509Certificate2 CertifyCard(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var request = new CertificateRequest(
            new X500DistinguishedName("CN=HardwareChat Simulated PIV Attestation"),
            PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out _),
            HashAlgorithmName.SHA256);
        AddAuthorityExtensions(request, pathLength: 0);
        return request.Create(
            Certificate.SubjectName,
            X509SignatureGenerator.CreateForECDsa(_key),
            Certificate.NotBefore,
            Certificate.NotAfter,
            RandomSerialNumber());
    }

    // RFC 5280 §4.1.2.2: positive, at most 20 bytes.
    internal static byte[] RandomSerialNumber()
    {
        byte[] number = RandomNumberGenerator.GetBytes(SerialNumberSize);
        number[0] = (byte)((number[0] & 0x3F) | 0x40);
        return number;
    }

    private static void AddAuthorityExtensions(CertificateRequest request, int pathLength)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
    }
}
