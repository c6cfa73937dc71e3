using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct {
//   uint16 version = 1;
//   opaque registry_id[32]; opaque relay_key[32];
//   uint64 registry_size; opaque registry_root[32];   the head that a first start begins from
//   opaque code[20];
//   opaque checksum[4];                               the first bytes of H("paper code", all before it)
// } InviteFragment;
//
// As a link   https://relay.example/#<base64url(InviteFragment)>      after the # nothing is sent to a web server
// As a QR     HWCHAT:<base32(address<V> || InviteFragment)>           upper case only: a QR code's compact alphabet

/// <summary>Everything that a first start needs: where the relay is, which registry and head it must show, and the code.</summary>
/// <remarks>Holds the code: dispose it.</remarks>
public sealed class InviteLink : IDisposable
{
    private const ushort Version = 1;
    private const int ChecksumSize = 4;
    private const int FragmentSize = 2 + (3 * Digest.Size) + sizeof(ulong) + InviteCode.Size + ChecksumSize;
    private const string QrScheme = "HWCHAT:";

    /// <summary>An invite to this relay.</summary>
    /// <param name="relay">An https address without a fragment; http is for a relay on the same machine.</param>
    /// <param name="registry">The registry.</param>
    /// <param name="relayKey">The relay's Ed25519 identity key.</param>
    /// <param name="size">Leaves at the head.</param>
    /// <param name="root">The root there.</param>
    /// <param name="code">The code, which the link owns from now on.</param>
    public InviteLink(Uri relay, RegistryId registry, Digest relayKey, ulong size, Digest root, InviteCode code)
    {
        ArgumentNullException.ThrowIfNull(relay);
        ArgumentNullException.ThrowIfNull(code);
        if (!IsRelayAddress(relay))
            throw new ArgumentException("A relay's address is https without query or fragment; http only on this machine.", nameof(relay));
        Relay = relay;
        RegistryId = registry;
        RelayKey = relayKey;
        RegistrySize = size;
        RegistryRoot = root;
        Code = code;
    }

    /// <summary>Where the relay is.</summary>
    public Uri Relay { get; }

    /// <summary>The registry.</summary>
    public RegistryId RegistryId { get; }

    /// <summary>The relay's Ed25519 identity key.</summary>
    public Digest RelayKey { get; }

    /// <summary>Leaves at the pinned head.</summary>
    public ulong RegistrySize { get; }

    /// <summary>The root there.</summary>
    public Digest RegistryRoot { get; }

    /// <summary>The code.</summary>
    public InviteCode Code { get; }

    /// <summary>The link. It is meant to be handed to a person, so it is a string, and whoever asks for it answers for it.</summary>
    public string ToLink() => $"{Relay.AbsoluteUri}#{Base64Url.EncodeToString(Fragment())}";

    /// <summary>The text of a QR code: upper case, in the alphabet that QR codes pack tightly.</summary>
    public string ToQr()
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteOpaque(Encoding.ASCII.GetBytes(Relay.AbsoluteUri));
        writer.WriteFixed(Fragment());
        return QrScheme + PaperCode.Encode(buffer.WrittenSpan);
    }

    /// <summary>The invite of a link or of a QR code's text.</summary>
    /// <exception cref="DecodeException">Neither.</exception>
    public static InviteLink Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        if (trimmed.Length > 2 * (ProtocolLimits.RelayAddressBytes + FragmentSize))
            throw new DecodeException("invite is too long", 0);
        return trimmed.StartsWith(QrScheme, StringComparison.OrdinalIgnoreCase) ? ParseQr(trimmed[QrScheme.Length..]) : ParseLink(trimmed);
    }

    /// <summary>Zeroes the code.</summary>
    public void Dispose() => Code.Dispose();

    /// <summary>Where it leads, and nothing of its code.</summary>
    public override string ToString() => $"invite to {Relay} (redacted)";

    /// <summary>Reads any bytes as an invite, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        using InviteLink link = Parse(Encoding.Latin1.GetString(input));
        using InviteLink again = Parse(link.ToQr());
        if (again.ToLink() != link.ToLink())
            throw new CryptographicException("An invite is read in two ways.");
    }

    private static bool IsRelayAddress(Uri address)
        => address.IsAbsoluteUri
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.Fragment.Length == 0 && address.Query.Length == 0 && address.UserInfo.Length == 0
        && address.AbsoluteUri.Length <= ProtocolLimits.RelayAddressBytes && Ascii.IsValid(address.AbsoluteUri);

    private static InviteLink ParseLink(string text)
    {
        int hash = text.IndexOf('#', StringComparison.Ordinal);
        if (hash < 0)
            throw new DecodeException("invite link has no part after #", text.Length);
        var bytes = new byte[FragmentSize];
        // Base64Url overlooks white space and takes bits that are left over: an invite has one form, and the bytes made of it have its length.
        bool read = Base64Url.DecodeFromChars(text.AsSpan(hash + 1), bytes, out _, out _) == OperationStatus.Done
            && Base64Url.EncodeToString(bytes) == text[(hash + 1)..];
        if (!read)
            throw new DecodeException("invite link is incomplete, or damaged", hash + 1);
        return FromFragment(text[..hash], bytes);
    }

    private static InviteLink ParseQr(string text)
    {
        var values = new byte[text.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int value = PaperCode.ValueOf(text[i]);
            if (value < 0)
                throw new DecodeException("not a character of an invite", QrScheme.Length + i);
            values[i] = (byte)value;
        }
        var bytes = new byte[values.Length * 5 / 8];
        // One character more than the bytes need would be a second form of the same invite.
        bool exact = values.Length == ((bytes.Length * 8) + 4) / 5;
        if (!exact || !PaperCode.Decode(values, bytes))
            throw new DecodeException("invite is incomplete, or damaged", QrScheme.Length);
        var reader = new TlsReader(bytes);
        string address = Encoding.ASCII.GetString(reader.ReadOpaque(ProtocolLimits.RelayAddressBytes));
        ReadOnlySpan<byte> fragment = reader.ReadFixed(FragmentSize);
        reader.ThrowIfNotEmpty();
        return FromFragment(address, fragment);
    }

    private static InviteLink FromFragment(string address, ReadOnlySpan<byte> fragment)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? relay) || !IsRelayAddress(relay))
            throw new DecodeException("invite is not to an https address", 0);
        var reader = new TlsReader(fragment);
        if (reader.ReadUInt16() != Version)
            throw reader.Malformed("no such version of an invite");
        RegistryId registry = RegistryId.Read(ref reader);
        Digest relayKey = Digest.Read(ref reader);
        ulong size = reader.ReadUInt64();
        Digest root = Digest.Read(ref reader);
        ReadOnlySpan<byte> code = reader.ReadFixed(InviteCode.Size);
        if (!reader.ReadFixed(ChecksumSize).SequenceEqual(Checksum(fragment[..^ChecksumSize])))
            throw reader.Malformed("checksum of the invite does not fit: it is damaged");
        return new InviteLink(relay, registry, relayKey, size, root, InviteCode.FromBytes(code));
    }

    private static byte[] Checksum(ReadOnlySpan<byte> bytes) => Labelled.Hash(Labels.PaperCode, bytes).ToArray()[..ChecksumSize];

    private byte[] Fragment()
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteUInt16(Version);
        RegistryId.WriteTo(ref writer);
        RelayKey.WriteTo(ref writer);
        writer.WriteUInt64(RegistrySize);
        RegistryRoot.WriteTo(ref writer);
        Span<byte> code = stackalloc byte[InviteCode.Size];
        Code.CopyTo(code);
        writer.WriteFixed(code);
        CryptographicOperations.ZeroMemory(code);
        writer.WriteFixed(Checksum(buffer.WrittenSpan));
        return buffer.WrittenSpan.ToArray();
    }
}
