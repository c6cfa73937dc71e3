using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { uint64 room_size; opaque room_head[32]; uint64 registry_size; opaque registry_root[32]; } Seen;
//
// The authenticated_data of every MLS message, and a GroupInfo extension. room_size counts entries, as registry_size counts
// leaves; room_head is the hash of the last of them, or the room's id for none.

/// <summary>What the sender of a message had seen of the room and of the registry: gossip that is exact.</summary>
/// <param name="RoomSize">Entries read.</param>
/// <param name="RoomHead">The hash of the last of them; the room's id for none.</param>
/// <param name="RegistrySize">Leaves read.</param>
/// <param name="RegistryRoot">The root over them.</param>
public sealed record Seen(ulong RoomSize, Digest RoomHead, ulong RegistrySize, Digest RegistryRoot) : ITlsSerializable
{
    /// <summary>The GroupInfo extension type that carries it.</summary>
    public const ushort ExtensionType = 0xF0A3;

    /// <summary>The Seen that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static Seen Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        var seen = new Seen(reader.ReadUInt64(), Digest.Read(ref reader), reader.ReadUInt64(), Digest.Read(ref reader));
        reader.ThrowIfNotEmpty();
        return seen;
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(RoomSize);
        RoomHead.WriteTo(ref writer);
        writer.WriteUInt64(RegistrySize);
        RegistryRoot.WriteTo(ref writer);
    }

    /// <summary>The rule that a message's Seen breaks at its entry; null if none. The one who lies is the sender, or the relay shows two logs: raise the alarm.</summary>
    /// <param name="entry">The entry that carries the message.</param>
    /// <param name="headAtSize">The reader's own room head after <see cref="RoomSize"/> entries; null if that is beyond the entry.</param>
    /// <param name="registry">The registry, at least as long as the entry's stamp says.</param>
    public RoomRule? Check(RoomEntry entry, Digest? headAtSize, RegistryState registry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(registry);
        if (RoomSize > entry.Sequence)
            return RoomRule.SeenAhead;
        if (headAtSize != RoomHead)
            return RoomRule.SeenRoom;
        if (RegistrySize > entry.Stamp.RegistrySize)
            return RoomRule.SeenBeyondStamp;
        return registry.RootAt(RegistrySize) == RegistryRoot ? null : RoomRule.SeenRegistry;
    }

    /// <summary>
    /// The rule that a Seen breaks which quotes too old a position; null if none. Nobody can have made a message of an epoch without the
    /// entry that began it, and every reader of the epoch has that entry: so what this asks for, all of them can check alike.
    /// </summary>
    /// <param name="entry">The entry that carries the message.</param>
    /// <param name="epochBegan">Entries up to the commit that began the message's epoch, that one included.</param>
    public RoomRule? CheckReach(RoomEntry entry, ulong epochBegan)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (RoomSize > entry.Sequence)
            return RoomRule.SeenAhead;
        return RoomSize < epochBegan || entry.Sequence - RoomSize > ProtocolLimits.SeenReach ? RoomRule.SeenStale : null;
    }

    /// <summary>Reads any bytes as a Seen, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!TlsWriter.Encode(Decode(input)).AsSpan().SequenceEqual(input))
            throw new CryptographicException("A Seen has two encodings.");
    }
}
