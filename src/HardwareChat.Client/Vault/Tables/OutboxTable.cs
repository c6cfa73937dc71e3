using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>How far a message in the outbox has come.</summary>
public enum OutboxState : byte
{
    /// <summary>Not encrypted yet.</summary>
    Waiting = 1,

    /// <summary>Encrypted: these very bytes are sent, and sent again after a break.</summary>
    Encrypted,

    /// <summary>Given up; the person decides.</summary>
    Failed,
}

// struct {
//   uint16 version = 1;
//   opaque message_id<V>; uint64 time; OutboxState state; opaque content<V>; opaque encrypted<V>; opaque failure<V>;
// } QueuedMessage;

/// <summary>A message that the relay has not acknowledged.</summary>
/// <param name="Room">Where it goes.</param>
/// <param name="Number">Its place in the room's queue; given by <see cref="OutboxTable.Add"/>.</param>
public sealed record QueuedMessage(RoomId Room, ulong Number)
{
    private const ushort CurrentVersion = 1;
    private const int MaxFailure = 4096;

    /// <summary>The id inside the content, which stays the same when it is encrypted again.</summary>
    public ReadOnlyMemory<byte> MessageId { get; init; }

    /// <summary>When the person sent it, Unix seconds.</summary>
    public ulong Time { get; init; }

    /// <summary>How far it has come.</summary>
    public OutboxState State { get; init; } = OutboxState.Waiting;

    /// <summary>The content, as the engine encodes it.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>The MLSMessage; empty before it is encrypted.</summary>
    public ReadOnlyMemory<byte> Encrypted { get; init; }

    /// <summary>Why it was given up; empty otherwise.</summary>
    public string Failure { get; init; } = "";

    internal static QueuedMessage Read(ref TlsReader reader, RowName name)
    {
        if (reader.ReadUInt16() != CurrentVersion || name.Scope.Length != Digest.Size)
            throw reader.Malformed("no such version of a queued message");
        return new QueuedMessage(RoomId.FromBytes(name.Scope), name.Ordinal)
        {
            MessageId = reader.ReadOpaque(StoredMessage.MaxId).ToArray(),
            Time = reader.ReadUInt64(),
            State = EnumField.Read<OutboxState>(ref reader),
            Content = reader.ReadOpaque(VectorLength.Max).ToArray(),
            Encrypted = reader.ReadOpaque(VectorLength.Max).ToArray(),
            Failure = TextField.Read(ref reader, MaxFailure),
        };
    }

    internal void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt16(CurrentVersion);
        writer.WriteOpaque(MessageId.Span);
        writer.WriteUInt64(Time);
        writer.WriteUInt8((byte)State);
        writer.WriteOpaque(Content.Span);
        writer.WriteOpaque(Encrypted.Span);
        TextField.Write(ref writer, Failure, MaxFailure);
    }
}

/// <summary>What waits to be sent, room by room, in order.</summary>
public sealed class OutboxTable
{
    private readonly VaultRows _rows;

    internal OutboxTable(VaultRows rows) => _rows = rows;

    /// <summary>Puts a message at the end of its room's queue; returns it with its number.</summary>
    public QueuedMessage Add(QueuedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        List<QueuedMessage> last = _rows.Range(VaultTable.Outbox, RowName.Of(message.Room), 0, ulong.MaxValue, 1, backwards: true, QueuedMessage.Read);
        QueuedMessage queued = message with { Number = last is [var before] ? checked(before.Number + 1) : 1 };
        Put(queued);
        return queued;
    }

    /// <summary>Writes a message over the one with its number.</summary>
    public void Put(QueuedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        _rows.Put(VaultTable.Outbox, Name(message.Room, message.Number), message, static (ref writer, message) => message.WriteTo(ref writer));
    }

    /// <summary>A room's queue, in order.</summary>
    public IReadOnlyList<QueuedMessage> Of(RoomId room)
        => _rows.Range(VaultTable.Outbox, RowName.Of(room), 0, ulong.MaxValue, int.MaxValue, backwards: false, QueuedMessage.Read);

    /// <summary>The queues of all rooms, each in order.</summary>
    public IReadOnlyList<QueuedMessage> All()
        => [.. _rows.All(VaultTable.Outbox, QueuedMessage.Read).OrderBy(static message => message.Number)];

    /// <summary>Removes a message: it was acknowledged, or the person gave it up. False if there is none.</summary>
    public bool Remove(RoomId room, ulong number) => _rows.Remove(VaultTable.Outbox, Name(room, number));

    internal void RemoveRoom(RoomId room)
    {
        _rows.RemoveRange(VaultTable.Outbox, RowName.Of(room), 0, ulong.MaxValue);
        _rows.WantsTidying = true;
    }

    private static RowName Name(RoomId room, ulong number) => new(RowName.Of(room), number);
}
