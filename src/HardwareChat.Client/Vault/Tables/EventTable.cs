using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>One event of JSON mode.</summary>
/// <param name="Cursor">The n of its cursor c:n; never given twice.</param>
/// <param name="Value">The event, as the face encodes it.</param>
public readonly record struct StoredEvent(ulong Cursor, ReadOnlyMemory<byte> Value);

/// <summary>The events that JSON mode has to tell, until they are acknowledged and no longer wanted.</summary>
public sealed class EventTable
{
    private static readonly byte[] Log = "log"u8.ToArray();
    private static readonly byte[] LastGiven = "last"u8.ToArray();
    private static readonly byte[] LastAcknowledged = "acknowledged"u8.ToArray();

    private readonly VaultRows _rows;

    internal EventTable(VaultRows rows) => _rows = rows;

    /// <summary>The cursor of the newest event ever; 0 before the first.</summary>
    public ulong Last => Number(LastGiven);

    /// <summary>The cursor up to which the reader has everything; 0 before its first acknowledgement.</summary>
    public ulong Acknowledged => Number(LastAcknowledged);

    /// <summary>Appends an event; returns its cursor.</summary>
    public ulong Append(ReadOnlySpan<byte> value)
    {
        ulong cursor = checked(Last + 1);
        PutNumber(LastGiven, cursor);
        _rows.Put(VaultTable.Events, new RowName(Log, cursor), value, static (ref writer, value) => writer.WriteOpaque(value));
        return cursor;
    }

    /// <summary>Up to <paramref name="count"/> events after a cursor, in order.</summary>
    public IReadOnlyList<StoredEvent> After(ulong cursor, int count)
        => cursor == ulong.MaxValue
            ? []
            : _rows.Range(VaultTable.Events, Log, cursor + 1, ulong.MaxValue, count, backwards: false, static (ref reader, name) =>
                new StoredEvent(name.Ordinal, reader.ReadOpaque(VectorLength.Max).ToArray()));

    /// <summary>The reader has everything up to this cursor. An earlier one than before changes nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No event has had this cursor yet.</exception>
    public void Acknowledge(ulong cursor)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cursor, Last);
        if (cursor > Acknowledged)
            PutNumber(LastAcknowledged, cursor);
    }

    /// <summary>Removes the events up to a cursor; how many there were.</summary>
    public int RemoveThrough(ulong cursor) => _rows.RemoveRange(VaultTable.Events, Log, 0, cursor);

    private ulong Number(byte[] name)
        => _rows.Find(VaultTable.Events, new RowName(name), static (ref reader, _) => (object)reader.ReadUInt64()) is ulong number ? number : 0;

    private void PutNumber(byte[] name, ulong number)
        => _rows.Put(VaultTable.Events, new RowName(name), number, static (ref writer, number) => writer.WriteUInt64(number));
}
