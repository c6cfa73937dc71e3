using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Piv;

// SP 800-73-4 Part 2 §3.1.2 GET DATA, §3.3.1 PUT DATA; Part 1 appendix A for the certificate objects.
public sealed partial class PivCard
{
    private const int MaxCertificate = 64 * 1024;
    private const int DiscoveryObject = 0x7E;

    /// <summary>A data object's content; <see langword="null"/> if there is none. Some objects want the PIN first.</summary>
    /// <param name="tag">Such as 0x5FC102.</param>
    public byte[]? GetObject(int tag) => Repeatable(() =>
    {
        ReadOnlySpan<byte> content = FetchObject(tag);
        return content.IsEmpty ? null : content.ToArray();
    });

    /// <summary>The discovery object (SP 800-73-4 Part 1 §3.3.2), which says by which PINs the card opens; <see langword="null"/> if there is none.</summary>
    public byte[]? GetDiscovery() => GetObject(DiscoveryObject);

    /// <summary>Writes a data object; empty content deletes it.</summary>
    public void PutObject(int tag, ReadOnlySpan<byte> content, Administration administration)
    {
        using IDisposable transaction = BeginTransaction();
        Authenticate(administration);
        PutObjectAuthenticated(tag, content);
    }

    /// <summary>The certificate in a slot's object; <see langword="null"/> if there is none. The caller disposes it.</summary>
    /// <exception cref="MalformedAnswerException">What is there is no certificate.</exception>
    public X509Certificate2? GetCertificate(PivSlot slot)
    {
        byte[]? content = GetObject(slot.CertificateObject);
        if (content is null)
            return null;
        try
        {
            var reader = new BerTlvReader(content);
            ReadOnlySpan<byte> der = reader.ReadValue(0x70);
            if (der.IsEmpty)
                return null;
            bool compressed = reader.TryFind(0x71, out ReadOnlySpan<byte> information) && information.Length == 1 && (information[0] & 1) != 0;
            return X509CertificateLoader.LoadCertificate(compressed ? Decompress(der) : der);
        }
        catch (Exception error) when (error is DecodeException or CryptographicException or InvalidDataException)
        {
            throw new MalformedAnswerException($"the certificate of slot {slot}", error);
        }
    }

    /// <summary>Stores a certificate in a slot's object.</summary>
    /// <param name="slot">Whose.</param>
    /// <param name="certificate">The certificate; only its public part is stored.</param>
    /// <param name="compress">Whether to store it gzipped, for a certificate that is too long for the card otherwise.</param>
    /// <param name="administration">The right to write it.</param>
    public void PutCertificate(PivSlot slot, X509Certificate2 certificate, Administration administration, bool compress = false)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        byte[] der = compress ? Compress(certificate.RawData) : certificate.RawData;
        byte[] content = new BerTlvWriter().Write(0x70, der).Write(0x71, [compress ? (byte)1 : (byte)0]).Write(0xFE, []).ToArray();
        PutObject(slot.CertificateObject, content, administration);
    }

    private ReadOnlySpan<byte> FetchObject(int tag)
    {
        ResponseApdu response = _exchange.Send(PivInstructions.GetObject, 0x3F, 0xFF, BerTlvWriter.Encode(0x5C, TagBytes(tag)), expectsMuch: true);
        if (response.Status == StatusWord.FileNotFound)
            return default;
        if (response.Status == StatusWord.SecurityStatusNotSatisfied)
            throw PinMissing(response.Status);
        if (!response.Status.IsSuccess)
            throw Refused($"object {tag:X}", response.Status);
        try
        {
            var reader = new BerTlvReader(response.Data);
            ReadOnlySpan<byte> content = reader.ReadValue(tag == DiscoveryObject ? DiscoveryObject : 0x53);
            reader.ThrowIfNotEmpty();
            return content;
        }
        catch (DecodeException error)
        {
            throw new MalformedAnswerException($"object {tag:X}", error);
        }
    }

    private void PutObjectAuthenticated(int tag, ReadOnlySpan<byte> content)
    {
        byte[] name = BerTlvWriter.Encode(0x5C, TagBytes(tag));
        int lengthSize = content.Length < 0x80 ? 1 : content.Length <= 0xFF ? 2 : 3;
        if (content.Length > CommandApdu.MaxData)
            throw new ArgumentException("The object is longer than any card can hold.", nameof(content));

        // Built in pinned memory, since the content may be a stored management key.
        byte[] request = GC.AllocateUninitializedArray<byte>(name.Length + 1 + lengthSize + content.Length, pinned: true);
        name.CopyTo(request, 0);
        request[name.Length] = 0x53;
        Span<byte> length = request.AsSpan(name.Length + 1, lengthSize);
        if (lengthSize > 1)
            length[0] = (byte)(0x80 + lengthSize - 1);
        if (lengthSize == 3)
            length[1] = (byte)(content.Length >> 8);
        length[^1] = (byte)(content.Length & 0xFF);
        content.CopyTo(request.AsSpan(name.Length + 1 + lengthSize));
        StatusWord status;
        try
        {
            status = _exchange.Send(PivInstructions.PutObject, 0x3F, 0xFF, request, expectsData: false).Status;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(request);
            _exchange.Forget();
        }

        if (status == StatusWord.NotEnoughMemory || status == StatusWord.WrongLength)
            throw new PivException($"Object {tag:X} does not fit on the token.", "Store a shorter certificate, or a compressed one.", status);
        if (!status.IsSuccess)
            throw Refused($"to write object {tag:X}", status);
    }

    private static byte[] TagBytes(int tag) => tag <= 0xFF ? [(byte)tag] : [(byte)(tag >> 16), (byte)((tag >> 8) & 0xFF), (byte)(tag & 0xFF)];

    private static byte[] Decompress(ReadOnlySpan<byte> compressed)
    {
        using var source = new GZipStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
        byte[] plain = new byte[MaxCertificate];
        int length = source.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false);
        return length < plain.Length ? plain[..length] : throw new InvalidDataException("the certificate is longer than any card's");
    }

    private static byte[] Compress(byte[] plain)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.SmallestSize))
            gzip.Write(plain);
        return target.ToArray();
    }
}
