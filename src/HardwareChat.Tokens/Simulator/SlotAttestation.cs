using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator.State;

namespace HardwareChat.Tokens.Simulator;

/// <summary>Makes the certificate by which the card attests that a key was born in a slot, under which policies.</summary>
/// <remarks>The extensions are Yubico's, under 1.3.6.1.4.1.41482.3.</remarks>
internal static class SlotAttestation
{
    private const string Firmware = "1.3.6.1.4.1.41482.3.3";
    private const string Serial = "1.3.6.1.4.1.41482.3.7";
    private const string Policies = "1.3.6.1.4.1.41482.3.8";
    private const string FormFactor = "1.3.6.1.4.1.41482.3.9";

    /// <summary>The DER certificate, or <see langword="null"/> if the key or the attestation key does not allow one.</summary>
    public static byte[]? Create(CardState card, PivSlot slot, SlotKey key, SlotKey attestationKey, ReadOnlySpan<byte> attestationCertificate)
    {
        if (key.Origin != KeyOrigin.Generated || attestationKey.Material.Algorithm is not (PivAlgorithm.EccP256 or PivAlgorithm.EccP384))
            return null;
        try
        {
            using X509Certificate2 issuer = X509CertificateLoader.LoadCertificate(attestationCertificate);
            var request = new CertificateRequest(
                new X500DistinguishedName($"CN=HardwareChat Simulated PIV Attestation {slot}"),
                PublicKey.CreateFromSubjectPublicKeyInfo(key.Material.SubjectPublicKeyInfo, out _),
                HashAlgorithmName.SHA256);
            byte[] version = [card.Profile.Version.Major, card.Profile.Version.Minor, card.Profile.Version.Patch];
            byte[] policies = [(byte)key.PinPolicy, (byte)key.TouchPolicy];
            request.CertificateExtensions.Add(new X509Extension(Firmware, version, critical: false));
            if (card.Profile.HasSerial)
                request.CertificateExtensions.Add(new X509Extension(Serial, Integer(card.Serial), critical: false));
            request.CertificateExtensions.Add(new X509Extension(Policies, policies, critical: false));
            request.CertificateExtensions.Add(new X509Extension(FormFactor, [(byte)card.FormFactor], critical: false));
            byte[] scalar = attestationKey.Material.ExportPrivate();
            try
            {
                using var signer = ECDsa.Create(new ECParameters { Curve = CurveOf(attestationKey.Material.Algorithm), D = scalar });
                using X509Certificate2 certificate = request.Create(
                    issuer.SubjectName,
                    X509SignatureGenerator.CreateForECDsa(signer),
                    issuer.NotBefore,
                    issuer.NotAfter,
                    SimulatedAttestationRoot.RandomSerialNumber());
                return certificate.RawData;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(scalar);
            }
        }
        catch (CryptographicException)
        {
            return null; // what was written into the attestation object is no certificate
        }
    }

    private static ECCurve CurveOf(PivAlgorithm algorithm) =>
        algorithm == PivAlgorithm.EccP256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384;

    private static byte[] Integer(uint value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteInteger(value);
        return writer.Encode();
    }
}
