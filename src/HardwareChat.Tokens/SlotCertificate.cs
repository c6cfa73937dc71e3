using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens;

/// <summary>A certificate that a slot's key signs for itself, so that other software sees a sane slot. It proves nothing to anybody.</summary>
internal static class SlotCertificate
{
    /// <summary>Has the card sign the certificate, and stores it in the slot's object. The card wants PIN and touch as for any signature.</summary>
    public static X509Certificate2 Store(
        PivCard card, PivSlot slot, X500DistinguishedName subject, DateTimeOffset notBefore, DateTimeOffset notAfter, Pin? pin, Administration administration)
    {
        using IDisposable transaction = card.BeginTransaction();
        SlotMetadata metadata = card.DescribeSlot(slot) ?? throw PivCard.EmptySlot(slot, Apdu.StatusWord.ReferencedDataNotFound);

        // The right to write comes first: without it, the touch would be for nothing.
        card.Authenticate(administration);
        X509Certificate2 certificate = Create(metadata.PublicKey, subject, notBefore, notAfter, digest => card.Sign(slot, metadata.Algorithm, digest, pin));
        try
        {
            card.PutCertificate(slot, certificate, administration);
            return certificate;
        }
        catch
        {
            certificate.Dispose();
            throw;
        }
    }

    /// <summary>Makes the certificate. <paramref name="sign"/> has the card sign a digest, and gives its answer: ECDSA in DER.</summary>
    public static X509Certificate2 Create(
        PivPublicKey key, X500DistinguishedName subject, DateTimeOffset notBefore, DateTimeOffset notAfter, Func<byte[], byte[]> sign)
    {
        HashAlgorithmName hash = key.Algorithm switch
        {
            PivAlgorithm.EccP256 => HashAlgorithmName.SHA256,
            PivAlgorithm.EccP384 => HashAlgorithmName.SHA384,
            _ => throw new ArgumentException($"A key of {key.Algorithm} cannot sign a certificate here.", nameof(key)),
        };
        using ECDsa publicKey = key.OpenEcdsa();
        var request = new CertificateRequest(subject, publicKey, hash);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return request.Create(subject, new CardSignatureGenerator(key, sign), notBefore, notAfter, serial);
    }

    private sealed class CardSignatureGenerator(PivPublicKey key, Func<byte[], byte[]> sign) : X509SignatureGenerator
    {
        private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
        private const string EcdsaWithSha384 = "1.2.840.10045.4.3.3";

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
                writer.WriteObjectIdentifier(key.Algorithm == PivAlgorithm.EccP256 ? EcdsaWithSha256 : EcdsaWithSha384);
            return writer.Encode();
        }

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
            => sign(key.Algorithm == PivAlgorithm.EccP256 ? SHA256.HashData(data) : SHA384.HashData(data));

        protected override PublicKey BuildPublicKey() => PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
    }
}
