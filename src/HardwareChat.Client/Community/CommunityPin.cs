using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// struct {
//   uint16 version = 1;
//   opaque address<V>; opaque registry_id[32]; opaque relay_key[32];
//   optional<struct { uint64 size; opaque root[32]; }> pinned;
// } CommunityPin;

/// <summary>A community, as a client knows it before it has read its registry.</summary>
/// <param name="Address">The relay's address.</param>
/// <param name="Registry">The registry.</param>
/// <param name="RelayKey">The relay's identity key.</param>
/// <param name="Pinned">A head that the log must contain.</param>
public sealed record CommunityPin(Uri Address, RegistryId Registry, Digest RelayKey, (ulong Size, Digest Root)? Pinned) : ITlsSerializable
{
    private const string Setting = "community";
    private const ushort Version = 1;

    internal const int MaxBytes = ProtocolLimits.RelayAddressBytes + (3 * Digest.Size) + 16;

    /// <summary>What the vault keeps; null if it belongs to no community yet.</summary>
    /// <exception cref="DecodeException">Malformed, or of a newer version.</exception>
    public static CommunityPin? Load(VaultTransaction vault)
    {
        ArgumentNullException.ThrowIfNull(vault);
        return vault.Settings.Find(Setting) is { } bytes ? Decode(bytes) : null;
    }

    internal static CommunityPin Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        if (reader.ReadUInt16() != Version)
            throw reader.Malformed("a community of another version");
        string address = System.Text.Encoding.UTF8.GetString(reader.ReadOpaque(ProtocolLimits.RelayAddressBytes));
        RegistryId registry = RegistryId.Read(ref reader);
        Digest relayKey = Digest.Read(ref reader);
        (ulong, Digest)? pinned = reader.ReadOptional() ? (reader.ReadUInt64(), Digest.Read(ref reader)) : null;
        reader.ThrowIfNotEmpty();
        return Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) ? new CommunityPin(uri, registry, relayKey, pinned) : throw new DecodeException("not an address", 0);
    }

    /// <summary>Keeps it in the vault.</summary>
    public void Save(VaultTransaction vault)
    {
        ArgumentNullException.ThrowIfNull(vault);
        vault.Settings.Put(Setting, TlsWriter.Encode(this));
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt16(Version);
        writer.WriteOpaque(System.Text.Encoding.UTF8.GetBytes(Address.AbsoluteUri));
        Registry.WriteTo(ref writer);
        RelayKey.WriteTo(ref writer);
        writer.WriteOptional(Pinned is not null);
        if (Pinned is not { } pinned)
            return;
        writer.WriteUInt64(pinned.Size);
        pinned.Root.WriteTo(ref writer);
    }
}
