using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HardwareChat.Attestation.Tests;

/// <summary>A chain as a token has it, slot &lt;- F9 &lt;- root, of which a test changes exactly what it is about.</summary>
internal sealed class TestChain
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    private const string Arc = "1.3.6.1.4.1.41482.3.";

    public ECDsa RootKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public ECDsa F9Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public ECDsa SlotKey { get; set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string RootSubject { get; set; } = "CN=Test Root";

    public string F9Subject { get; set; } = "CN=Test PIV Attestation";

    public string SlotSubject { get; set; } = "CN=Test PIV Attestation 9a";

    public byte[]? Firmware { get; set; } = [5, 7, 1];

    public byte[]? Serial { get; set; } = Integer(12345678);

    public byte[]? Policy { get; set; } = [2, 2];

    public byte[]? FormFactor { get; set; } = [3];

    public bool F9HasConstraints { get; set; } = true;

    public bool F9IsAuthority { get; set; } = true;

    public int? RootPathLength { get; set; } = 1;

    public X509KeyUsageFlags F9Usage { get; set; } = X509KeyUsageFlags.KeyCertSign;

    public (DateTimeOffset From, DateTimeOffset To) SlotValidity { get; set; } = (Now.AddYears(-1), Now.AddYears(1));

    public (DateTimeOffset From, DateTimeOffset To) F9Validity { get; set; } = (Now.AddYears(-2), Now.AddYears(20));

    public List<X509Extension> MoreSlotExtensions { get; } = [];

    public byte[] SlotPublicKey => SlotKey.ExportSubjectPublicKeyInfo();

    public byte[] CreateRoot() => Create(RootSubject, RootKey, RootSubject, RootKey, (Now.AddYears(-10), Now.AddYears(30)), Authority(RootPathLength));

    public byte[] CreateF9()
    {
        List<X509Extension> extensions = F9HasConstraints
            ? [new X509BasicConstraintsExtension(F9IsAuthority, F9IsAuthority, 0, true), new X509KeyUsageExtension(F9Usage, true)]
            : [];
        return Create(F9Subject, F9Key, RootSubject, RootKey, F9Validity, extensions);
    }

    public byte[] CreateSlot() => Create(SlotSubject, SlotKey, F9Subject, F9Key, SlotValidity, StatementExtensions());

    public byte[] CreateSlotSignedBy(string issuer, ECDsa issuerKey) => Create(SlotSubject, SlotKey, issuer, issuerKey, SlotValidity, StatementExtensions());

    public TrustAnchors Anchors(params byte[][] more) => TrustAnchors.Parse([CreateRoot(), .. more.Select(encoded => (ReadOnlyMemory<byte>)encoded)]);

    public AttestationVerdict Verify(AttestationRequirement? requirement = null, DateTimeOffset? at = null)
        => Verify([CreateSlot(), CreateF9()], Anchors(), requirement, at);

    public static AttestationVerdict Verify(byte[][] presented, TrustAnchors anchors, AttestationRequirement? requirement = null, DateTimeOffset? at = null)
        => AttestationVerifier.Verify([.. presented.Select(encoded => (ReadOnlyMemory<byte>)encoded)], anchors, at ?? Now, requirement ?? AttestationRequirement.None);

    public static byte[] Create(
        string subject, AsymmetricAlgorithm key, string issuer, ECDsa issuerKey, (DateTimeOffset From, DateTimeOffset To) validity, IEnumerable<X509Extension> extensions)
    {
        CertificateRequest request = key is ECDsa ecdsa
            ? new CertificateRequest(subject, ecdsa, HashAlgorithmName.SHA256)
            : new CertificateRequest(subject, (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        foreach (X509Extension extension in extensions)
            request.CertificateExtensions.Add(extension);
        using X509Certificate2 certificate = request.Create(
            new X500DistinguishedName(issuer), X509SignatureGenerator.CreateForECDsa(issuerKey), validity.From, validity.To, [1, 2, 3, 4]);
        return certificate.RawData;
    }

    public static List<X509Extension> Authority(int? pathLength) =>
    [
        new X509BasicConstraintsExtension(true, pathLength is not null, pathLength ?? 0, true),
        new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true),
    ];

    public static X509Extension Extension(string oid, byte[] value, bool critical = false) => new(oid, value, critical);

    public static byte[] Integer(long value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteInteger(value);
        return writer.Encode();
    }

    private IEnumerable<X509Extension> StatementExtensions()
    {
        if (Firmware is not null)
            yield return Extension(Arc + "3", Firmware);
        if (Serial is not null)
            yield return Extension(Arc + "7", Serial);
        if (Policy is not null)
            yield return Extension(Arc + "8", Policy);
        if (FormFactor is not null)
            yield return Extension(Arc + "9", FormFactor);
        foreach (X509Extension more in MoreSlotExtensions)
            yield return more;
    }
}
