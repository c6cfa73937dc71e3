using System.Formats.Asn1;
using HardwareChat.Wire;

namespace HardwareChat.Attestation;

// RFC 5280 §4.1, §4.2
//
//   Extensions  ::=  SEQUENCE SIZE (1..MAX) OF Extension
//
//   Extension  ::=  SEQUENCE  {
//        extnID      OBJECT IDENTIFIER,
//        critical    BOOLEAN DEFAULT FALSE,
//        extnValue   OCTET STRING }

/// <summary>One extension of a certificate, not yet understood.</summary>
internal readonly record struct CertificateExtension(bool Critical, ReadOnlyMemory<byte> Value)
{
    private static readonly Asn1Tag Tag = new(TagClass.ContextSpecific, 3);

    /// <summary>All extensions by object identifier.</summary>
    public static IReadOnlyDictionary<string, CertificateExtension> ReadAll(AsnReader tbs)
    {
        var extensions = new Dictionary<string, CertificateExtension>();
        if (!tbs.HasData)
            return extensions;

        AsnReader wrapper = tbs.ReadSequence(Tag);
        AsnReader list = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();
        while (list.HasData)
        {
            AsnReader extension = list.ReadSequence();
            string id = extension.ReadObjectIdentifier();
            bool critical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            var value = new CertificateExtension(critical, extension.ReadOctetString());
            extension.ThrowIfNotEmpty();

            // RFC 5280 §4.2: "A certificate MUST NOT include more than one instance of a particular extension."
            if (!extensions.TryAdd(id, value))
                throw new DecodeException("an extension of the certificate is there twice", 0);
        }

        return extensions;
    }
}
