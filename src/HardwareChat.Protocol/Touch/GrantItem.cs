using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// enum { reserved(0), channel(1), room(2), key_package(3), (255) } GrantPurpose;
//
// struct {
//   GrantPurpose purpose;
//   opaque       context<V>;     channel: RelayId | room: RoomId | key_package: empty
//   KeyHash      keys<V>;        channel: the X25519 channel key | room: encryption_key | key_package: encryption_key, init_key
//   uint64       enter_by;
// } GrantItem;

/// <summary>What a grant may be used for.</summary>
public enum GrantPurpose : byte
{
    /// <summary>A channel to one relay.</summary>
    Channel = 1,

    /// <summary>Entering one room, or renewing there.</summary>
    Room = 2,

    /// <summary>A key package by which a member may add this session to a room.</summary>
    KeyPackage = 3,
}

/// <summary>One item of a touch: these keys are the toucher's, for this purpose, to be used for entry until then.</summary>
/// <param name="Purpose">The use.</param>
/// <param name="Context">The relay or room that it is for; null for a key package, which is for any room.</param>
/// <param name="Keys">The hash of the key; of encryption_key and then init_key for a key package.</param>
/// <param name="EnterBy">Unix seconds until which the item opens a door.</param>
public sealed record GrantItem(GrantPurpose Purpose, Digest? Context, IReadOnlyList<KeyHash> Keys, ulong EnterBy) : ITlsSerializable
{
    /// <summary>The item of a channel: it may be used as long as the session lives.</summary>
    public static GrantItem ForChannel(RelayId relay, ReadOnlySpan<byte> channelKey, ulong notAfter)
        => new(GrantPurpose.Channel, relay.Value, [KeyHash.Of(channelKey)], notAfter);

    /// <summary>The item of a room entry or renewal.</summary>
    public static GrantItem ForRoom(RoomId room, ReadOnlySpan<byte> encryptionKey, ulong enterBy)
        => new(GrantPurpose.Room, room.Value, [KeyHash.Of(encryptionKey)], enterBy);

    /// <summary>The item of a key package.</summary>
    public static GrantItem ForKeyPackage(ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> initKey, ulong enterBy)
        => new(GrantPurpose.KeyPackage, null, [KeyHash.Of(encryptionKey), KeyHash.Of(initKey)], enterBy);

    /// <summary>Reads one item; its context and keys must be as many as its purpose has.</summary>
    public static GrantItem Read(ref TlsReader reader)
    {
        var purpose = (GrantPurpose)reader.ReadUInt8();
        if (!Enum.IsDefined(purpose))
            throw reader.Malformed("no such grant purpose");
        TlsReader context = reader.ReadVector(Digest.Size);
        Digest? about = purpose == GrantPurpose.KeyPackage ? null : Digest.Read(ref context);
        context.ThrowIfNotEmpty();
        TlsReader hashes = reader.ReadVector(ProtocolLimits.KeysPerGrantItem * Digest.Size);
        var keys = new KeyHash[purpose == GrantPurpose.KeyPackage ? 2 : 1];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = KeyHash.Read(ref hashes);
        hashes.ThrowIfNotEmpty();
        return new GrantItem(purpose, about, keys, reader.ReadUInt64());
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt8((byte)Purpose);
        writer.WriteOpaque(Context is { } context ? context.ToArray() : []);
        writer.WriteVector<KeyHash>([.. Keys]);
        writer.WriteUInt64(EnterBy);
    }

    /// <summary>Whether two items are the same, key by key.</summary>
    public bool Equals(GrantItem? other)
        => other is not null && Purpose == other.Purpose && Context == other.Context && EnterBy == other.EnterBy && Keys.SequenceEqual(other.Keys);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Purpose, Context, EnterBy, Keys[0]);
}
