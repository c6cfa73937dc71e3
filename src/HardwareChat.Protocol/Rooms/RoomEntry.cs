using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// enum { reserved(0), handshake(1), application(2), external(3), (255) } EntryKind;
// struct {
//   opaque room_id[32]; uint64 sequence; opaque previous[32];    sequence 0: previous = room_id
//   uint64 time;              relay's clock, Unix seconds, never less than the entry before
//   uint64 registry_size;     relay's registry, never less than the entry before
//   EntryKind kind;
//   opaque message_hash[32];  SHA-256 of the MLSMessage: the chain survives the deletion of bodies
// } RoomEntry;                EntryHash = H("room entry", RoomEntry)

/// <summary>What the appender says an entry is; readers hold it to that.</summary>
public enum EntryKind : byte
{
    /// <summary>A commit or proposal of a member.</summary>
    Handshake = 1,

    /// <summary>A PrivateMessage with content.</summary>
    Application = 2,

    /// <summary>An external commit. A kind of its own, so that the relay can limit them without reading MLS.</summary>
    External = 3,
}

/// <summary>One position of a room's log.</summary>
/// <param name="Room">The room.</param>
/// <param name="Sequence">The position, from 0, without gaps.</param>
/// <param name="Previous">The hash of the entry before; the room's id at 0.</param>
/// <param name="Stamp">The relay's time and registry size.</param>
/// <param name="Kind">What the appender says it is.</param>
/// <param name="MessageHash">SHA-256 of the MLSMessage.</param>
public sealed record RoomEntry(RoomId Room, ulong Sequence, Digest Previous, Stamp Stamp, EntryKind Kind, Digest MessageHash) : ITlsSerializable
{
    /// <summary>H("room entry", RoomEntry).</summary>
    public Digest Hash => Labelled.Hash(Labels.RoomEntry, TlsWriter.Encode(this));

    /// <summary>Whether the kind moves the group forward: handshake or external.</summary>
    public bool IsHandshake => Kind != EntryKind.Application;

    /// <summary>The entry that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static RoomEntry Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        RoomEntry entry = Read(ref reader);
        reader.ThrowIfNotEmpty();
        return entry;
    }

    /// <summary>Reads one entry.</summary>
    public static RoomEntry Read(ref TlsReader reader)
    {
        RoomId room = RoomId.Read(ref reader);
        ulong sequence = reader.ReadUInt64();
        Digest previous = Digest.Read(ref reader);
        var stamp = new Stamp(reader.ReadUInt64(), reader.ReadUInt64());
        return new RoomEntry(room, sequence, previous, stamp, ReadKind(ref reader), Digest.Read(ref reader));
    }

    /// <summary>Reads an EntryKind.</summary>
    public static EntryKind ReadKind(ref TlsReader reader)
    {
        var kind = (EntryKind)reader.ReadUInt8();
        return Enum.IsDefined(kind) ? kind : throw reader.Malformed("no such kind of entry");
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Room.WriteTo(ref writer);
        writer.WriteUInt64(Sequence);
        Previous.WriteTo(ref writer);
        writer.WriteUInt64(Stamp.Time);
        writer.WriteUInt64(Stamp.RegistrySize);
        writer.WriteUInt8((byte)Kind);
        MessageHash.WriteTo(ref writer);
    }

    /// <summary>Reads any bytes as an entry, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!TlsWriter.Encode(Decode(input)).AsSpan().SequenceEqual(input))
            throw new CryptographicException("An entry has two encodings.");
    }
}
