using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Attestation.Tests.Roots;

public static class TrustAnchorsTests
{
    [Theory]
    [InlineData("yubico-piv-root-ca-263751.pem", "Yubico PIV Root CA Serial 263751 (firmware before 5.7.4)")]
    [InlineData("yubico-attestation-root-1.pem", "Yubico Attestation Root 1 (firmware 5.7.4 and later)")]
    public static void Roots_of_yubico_are_known_by_their_fingerprints(string file, string name)
    {
        AttestationCertificate root = Assert.Single(TrustAnchors.ParsePem(ReadShared(file)).Roots);
        Assert.Equal(name, KnownRoot.TryName(root.ComputeFingerprint()));
        Assert.True(CertificateSignature.Verify(root, root));
        Assert.True(root.Constraints.IsAuthority);
    }

    [Fact]
    public static void Root_that_takes_a_known_name_stays_unknown()
    {
        var chain = new TestChain { RootSubject = "CN=Yubico Attestation Root 1" };
        AttestationVerdict verdict = chain.Verify();
        Assert.True(verdict.IsAccepted);
        Assert.Null(verdict.Key.RootName);
    }

    [Fact]
    public static void Pem_of_many_certificates_is_sorted_into_roots_and_intermediates()
    {
        var chain = new TestChain();
        string pem = "a remark\n" + PemEncoding.WriteString("CERTIFICATE", chain.CreateF9()) + "\n" + PemEncoding.WriteString("CERTIFICATE", chain.CreateRoot());
        TrustAnchors anchors = TrustAnchors.ParsePem(pem);
        Assert.Single(anchors.Roots);
        Assert.Single(anchors.Intermediates);
    }

    [Fact]
    public static void Pem_that_holds_anything_else_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string pem = key.ExportPkcs8PrivateKeyPem();
        DecodeException refusal = Assert.Throws<DecodeException>(() => TrustAnchors.ParsePem(pem));
        Assert.DoesNotContain(pem[40..60], refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void Anchors_without_a_root_are_refused()
    {
        Assert.Throws<DecodeException>(() => TrustAnchors.ParsePem(""));
        Assert.Throws<DecodeException>(() => TrustAnchors.Parse([new TestChain().CreateF9()]));
    }

    [Fact]
    public static void More_certificates_than_the_limit_are_refused()
    {
        byte[] root = new TestChain().CreateRoot();
        string pem = string.Join('\n', Enumerable.Repeat(PemEncoding.WriteString("CERTIFICATE", root), TrustAnchors.MaxCertificates + 1));
        Assert.Throws<DecodeException>(() => TrustAnchors.ParsePem(pem));
        Assert.Throws<DecodeException>(() => TrustAnchors.ParsePem(new string(' ', TrustAnchors.MaxPemLength + 1)));
    }

    private static string ReadShared(string file, [CallerFilePath] string thisFile = "")
    {
        string shared = Environment.GetEnvironmentVariable("HARDWARECHAT_SHARED") ?? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../../shared"));
        string path = Path.Combine(shared, "attestation-roots", file);
        if (!File.Exists(path))
            Assert.Skip($"no {path}");
        return File.ReadAllText(path);
    }
}
