using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Enrolment.Tests;

/// <summary>A token with attested keys, of which a test changes exactly what it is about.</summary>
internal sealed class AttestedToken
{
    public const ulong Now = 1_800_000_000;

    private const string Arc = "1.3.6.1.4.1.41482.3.";
    private static readonly DateTimeOffset From = DateTimeOffset.FromUnixTimeSeconds((long)Now).AddYears(-1);
    private static readonly DateTimeOffset To = From.AddYears(2);

    private readonly ECDsa _root = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _f9 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _key9A = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _key9C = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _key9D = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] Firmware { get; set; } = [5, 7, 1];

    /// <summary>PIN and touch policy of 9A, in the card's codes.</summary>
    public byte[] Policy9A { get; set; } = [2, 2];

    public byte[] Policy9C { get; set; } = [3, 2];

    public byte[] Policy9D { get; set; } = [2, 1];

    public string Slot9A { get; set; } = "9a";

    public string RootName { get; init; } = "CN=Test Root";

    public int SerialOf9C { get; set; } = 4711;

    public int SerialOf9D { get; set; } = 4711;

    public byte[] Root => Create(RootName, _root, RootName, _root, Authority(1));

    public RegistryPolicy Policy => new() { Version = 0, AttestationRoots = [Root] };

    public TokenEnrolment Enrolment(bool admin = true)
        => new(_key9A.ExportSubjectPublicKeyInfo(), _key9D.ExportSubjectPublicKeyInfo(), admin ? _key9C.ExportSubjectPublicKeyInfo() : [], default);

    public TokenEvidence Evidence() => new(
        Attest(Slot9A, _key9A, Policy9A, 4711),
        Attest("9d", _key9D, Policy9D, SerialOf9D),
        Attest("9c", _key9C, Policy9C, SerialOf9C),
        [Create("CN=Test PIV Attestation", _f9, RootName, _root, Authority(0))]);

    public EvidenceQuestion Question(TokenEvidence? evidence = null, RegistryPolicy? policy = null, Role role = Role.Member, ulong at = Now)
        => new(Enrolment(), TlsWriter.Encode(evidence ?? Evidence()), policy ?? Policy, role, at);

    private byte[] Attest(string slot, ECDsa key, byte[] policy, int serial)
    {
        var number = new AsnWriter(AsnEncodingRules.DER);
        number.WriteInteger(serial);
        return Create($"CN=YubiKey PIV Attestation {slot}", key, "CN=Test PIV Attestation", _f9,
            [new(Arc + "3", Firmware, false), new(Arc + "7", number.Encode(), false), new(Arc + "8", policy, false)]);
    }

    private static X509Extension[] Authority(int pathLength)
        => [new X509BasicConstraintsExtension(true, true, pathLength, true), new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true)];

    private static byte[] Create(string subject, ECDsa key, string issuer, ECDsa issuerKey, X509Extension[] extensions)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        foreach (X509Extension extension in extensions)
            request.CertificateExtensions.Add(extension);
        using X509Certificate2 certificate = request.Create(
            new X500DistinguishedName(issuer), X509SignatureGenerator.CreateForECDsa(issuerKey), From, To, [1, 2, 3, 4]);
        return certificate.RawData;
    }
}
