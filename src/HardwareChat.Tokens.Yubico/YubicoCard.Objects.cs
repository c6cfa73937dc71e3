using System.Security.Cryptography.X509Certificates;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using Yubico.YubiKey.Piv.Commands;
using Yubico.YubiKey.Piv.Objects;
using PivSlot = HardwareChat.Tokens.Piv.PivSlot;

namespace HardwareChat.Tokens.Yubico;

// Data objects and certificates.
internal sealed partial class YubicoCard
{
    private const int ObjectTag = 0x53;

    public X509Certificate2? GetCertificate(PivSlot slot)
        => Use(() =>
        {
            ReadOnlyMemory<byte> content = FetchObject(slot.CertificateObject);
            if (content.Length == 0)
                return null;
            return SdkFault.Read(
                $"the certificate of slot {slot}", () => slot == PivSlot.Attestation ? Session.GetAttestationCertificate() : Session.GetCertificate(slot.Id));
        });

    public void PutCertificate(PivSlot slot, X509Certificate2 certificate, Administration administration)
        => Use(() =>
        {
            Authenticate(administration);
            WriteCertificate(slot, certificate);
        });

    private void WriteCertificate(PivSlot slot, X509Certificate2 certificate)
    {
        // SP 800-73-4 Part 1, appendix A: 70 certificate, 71 how it is packed (not), FE a sum that nobody computes any more.
        byte[] content = new BerTlvWriter().Write(0x70, certificate.RawData).Write(0x71, [0]).Write(0xFE, []).ToArray();
        WriteObject(slot.CertificateObject, BerTlvWriter.Encode(ObjectTag, content));
    }

    /// <summary>An object of the SDK's making, empty if the card has none such.</summary>
    private T ReadObject<T>(string what)
        where T : PivDataObject, new()
    {
        var found = new T();
        try
        {
            ReadOnlyMemory<byte> content = FetchObject(found.GetDefinedDataTag());
            if (!SdkFault.Read(what, () => found.TryDecode(content)))
                throw new MalformedAnswerException(what);
            return found;
        }
        catch
        {
            found.Dispose();
            throw;
        }
    }

    private ReadOnlyMemory<byte> FetchObject(int tag)
    {
        GetDataResponse response = Send(new GetDataCommand(tag));
        StatusWord status = StatusOf(response);
        if (status == StatusWord.FileNotFound)
            return ReadOnlyMemory<byte>.Empty;
        if (status == StatusWord.SecurityStatusNotSatisfied)
            throw PinMissing(status);
        ThrowUnlessSuccess($"object {tag:X}", response);
        ReadOnlyMemory<byte> content = response.GetData();

        // An object that was deleted is there, with nothing in it.
        return content.Span.SequenceEqual((ReadOnlySpan<byte>)[ObjectTag, 0]) ? ReadOnlyMemory<byte>.Empty : content;
    }

    private void WriteObject(int tag, ReadOnlyMemory<byte> encoded)
    {
        PutDataResponse response = Send(new PutDataCommand(tag, encoded));
        StatusWord status = StatusOf(response);
        if (status == StatusWord.NotEnoughMemory || status == StatusWord.WrongLength)
            throw new PivException($"Object {tag:X} does not fit on the token.", "Store a shorter certificate.", status);
        ThrowUnlessSuccess($"to write object {tag:X}", response);
    }
}
