using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Tests.Foreign;

/// <summary>A card in the reader, and a folder for what the tools write.</summary>
public sealed class ForeignCard : IAsyncDisposable
{
    private readonly CardInsertion _insertion;
    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-foreign-").FullName;

    private ForeignCard(CardInsertion insertion, string root)
    {
        _insertion = insertion;
        Root = Path.Combine(_folder, "root.pem");
        File.WriteAllText(Root, root);
    }

    /// <summary>The simulated attestation root, as a PEM file.</summary>
    public string Root { get; }

    public SimulatedCard Card => _insertion.Card;

    public Task<CardFault> Gone => _insertion.Gone;

    public static async Task<ForeignCard> InsertAsync(VirtualReader reader, FirmwareProfile profile, ITouchSource? touch = null, uint serial = 12345678)
    {
        using var root = SimulatedAttestationRoot.Create(TimeProvider.System.GetUtcNow());
        var card = SimulatedCard.Create(profile, serial, root, touch ?? new AutomaticTouch());
        return new ForeignCard(await reader.InsertAsync(card), root.Certificate.ExportCertificatePem());
    }

    /// <summary>A certificate for the public key in one PEM file, written to another; a throw-away key signs it.</summary>
    /// <remarks>
    /// It stands in for yubico-piv-tool's selfsign-certificate and request-certificate, which version 2.2 cannot do (see YubicoPivToolTests).
    /// </remarks>
    public static async Task CertifyAsync(string key, string certificate)
    {
        using var issuer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string pem = await File.ReadAllTextAsync(key, TestContext.Current.CancellationToken);
        PemFields fields = PemEncoding.Find(pem);
        var request = new CertificateRequest(
            new X500DistinguishedName("CN=alice"),
            PublicKey.CreateFromSubjectPublicKeyInfo(Convert.FromBase64String(pem[fields.Base64Data]), out _),
            HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = request.Create(
            new X500DistinguishedName("CN=bob"), X509SignatureGenerator.CreateForECDsa(issuer), now.AddDays(-1), now.AddDays(1), [1]);
        await File.WriteAllTextAsync(certificate, made.ExportCertificatePem() + "\n", TestContext.Current.CancellationToken);
    }

    public string PathOf(string name) => Path.Combine(_folder, name);

    public async ValueTask DisposeAsync()
    {
        await _insertion.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
