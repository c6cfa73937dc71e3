using HardwareChat.Protocol;
using HardwareChat.Wire;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <content>Rooms, their logs, GroupInfos and rosters.</content>
public sealed partial class SqliteStore
{
    private const string RoomColumns = "id, genesis, handles, open, size, head, time, registry_size, horizon, handshakes, externals";

    // What the writing thread knows of the rooms that it has written to; forgotten after a rollback.
    private readonly Dictionary<RoomId, WriterTail> _tails = [];

    /// <inheritdoc/>
    public async ValueTask<bool> CreateRoomAsync(RoomGenesis genesis, Handle founder, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(genesis);
        RoomId room = genesis.RoomId;
        return await _writer.RunAsync(
            writer =>
            {
                int made = writer["INSERT OR IGNORE INTO room(room, genesis, handles, open, size, head, time, registry_size, horizon, handshakes, externals) VALUES(?1, ?2, x'', 0, 0, ?1, 0, 0, 0, x'', x'')", 2]
                    .Run(room.Value.ToArray(), TlsWriter.Encode(genesis));
                foreach (Handle owner in made == 0 ? [] : genesis.Owners)
                    writer["INSERT INTO room_user VALUES(?1, ?2, ?3)", 3].Run(owner.ToString(), room.Value.ToArray(), RoomEncoding.Place(owner, founder));
                return made == 1;
            },
            cancel);
    }

    /// <inheritdoc/>
    public ValueTask<StoredRoom?> LoadRoomAsync(RoomId room, CancellationToken cancel = default)
        => new(Read(
            static (connection, room) =>
            {
                using SqliteDataReader row = connection.Query($"SELECT {RoomColumns} FROM room WHERE room = ?1", room.Value.ToArray());
                return row.Read() ? RoomOf(row, room) : null;
            },
            room));

    /// <inheritdoc/>
    public Task AppendAsync(RoomId room, IReadOnlyList<RoomWrite> writes, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(writes);
        return _writer.RunAsync(
            writer =>
            {
                Append(writer, room, writes);
                return true;
            },
            cancel);
    }

    /// <inheritdoc/>
    public ValueTask<ulong?> FindMessageAsync(RoomId room, Digest messageHash, ulong from, CancellationToken cancel = default)
        => new(Read(
            static (connection, asked) =>
            {
                if (IdOf(connection, asked.Room) is not { } id)
                    return (ulong?)null;
                using SqliteDataReader row = connection.Query("SELECT id FROM entry WHERE id >= ?1 AND id < ?2 AND hash = ?3 LIMIT 1", RoomEncoding.KeyOf(id, asked.From), RoomEncoding.KeyOf(id + 1, 0), asked.Hash.ToArray());
                return row.Read() ? RoomEncoding.SequenceOf(row.GetInt64(0)) : null;
            },
            (Room: room, Hash: messageHash, From: from)));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(RoomId room, ulong from, int maxCount, int maxBytes, CancellationToken cancel = default)
        => new(Read(ReadEntries, (room, from, maxCount, maxBytes)));

    /// <inheritdoc/>
    public ValueTask<StoredGroupInfo?> FindGroupInfoAsync(RoomId room, CancellationToken cancel = default)
        => new(Read(
            static (connection, room) =>
            {
                using SqliteDataReader row = connection.Query("SELECT g.sequence, g.info FROM group_info g JOIN room r ON r.id = g.room WHERE r.room = ?1", room.Value.ToArray());
                return row.Read() ? new StoredGroupInfo((ulong)row.GetInt64(0), Blob(row, 1)) : null;
            },
            room));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RoomSummary>> ListRoomsAsync(Handle handle, RoomId? after, int maxCount, CancellationToken cancel = default)
        => new(Read(
            static (connection, asked) =>
            {
                var rooms = new List<RoomSummary>();
                using SqliteDataReader row = connection.Query("SELECT r.room, r.size, r.horizon FROM room_user u JOIN room r ON r.room = u.room WHERE u.handle = ?1 AND u.room > ?2 ORDER BY u.room LIMIT ?3",
                    asked.Handle.ToString(),
                    asked.After?.Value.ToArray() ?? [],
                    asked.MaxCount);
                while (row.Read())
                    rooms.Add(new RoomSummary(new RoomId(DigestOf(row, 0)), (ulong)row.GetInt64(1), (ulong)row.GetInt64(2)));
                return (IReadOnlyList<RoomSummary>)rooms;
            },
            (Handle: handle, After: after, MaxCount: maxCount)));

    /// <inheritdoc/>
    public ValueTask<int> CountRoomsFoundedAsync(Handle founder, CancellationToken cancel = default)
        => new(Read(
            static (connection, founder) =>
            {
                using SqliteDataReader row = connection.Query("SELECT count(*) FROM room_user WHERE handle = ?1 AND owner = 2", founder.ToString());
                return row.Read() ? row.GetInt32(0) : 0;
            },
            founder));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RoomId>> RoomsToExpireAsync(ulong before, int maxCount, CancellationToken cancel = default)
        => new(Read(
            static (connection, asked) =>
            {
                var rooms = new List<RoomId>();
                using SqliteDataReader row = connection.Query(
                    $"SELECT r.room FROM room r JOIN entry e ON e.id = (r.id << {RoomEncoding.SequenceBits}) + r.horizon WHERE e.time < ?1 LIMIT ?2",
                    (long)Math.Min(asked.Before, long.MaxValue),
                    asked.MaxCount);
                while (row.Read())
                    rooms.Add(new RoomId(DigestOf(row, 0)));
                return (IReadOnlyList<RoomId>)rooms;
            },
            (Before: before, MaxCount: maxCount)));

    /// <inheritdoc/>
    public async ValueTask<int> ExpireMessagesAsync(RoomId room, ulong before, int maxCount, CancellationToken cancel = default)
        => await _writer.RunAsync(
            writer =>
            {
                if (TailOf(writer, room) is not { } tail)
                    return 0;
                int expired = writer["UPDATE entry SET message = NULL WHERE id IN (SELECT id FROM entry WHERE id >= ?1 AND id < ?2 AND time < ?3 AND message IS NOT NULL ORDER BY id LIMIT ?4)", 4]
                    .Run(RoomEncoding.KeyOf(tail.Id, 0), RoomEncoding.KeyOf(tail.Id + 1, 0), (long)Math.Min(before, long.MaxValue), maxCount);
                if (expired > 0)
                    writer["UPDATE room SET horizon = coalesce((SELECT min(id) FROM entry WHERE id >= ?1 AND id < ?2 AND message IS NOT NULL) - ?1, size) WHERE id = ?3", 3].Run(RoomEncoding.KeyOf(tail.Id, 0), RoomEncoding.KeyOf(tail.Id + 1, 0), tail.Id);
                return expired;
            },
            cancel);

    private void Append(SqliteSession writer, RoomId room, IReadOnlyList<RoomWrite> writes)
    {
        if (writes.Count == 0)
            return;
        if (TailOf(writer, room) is not { } tail)
            throw new StoreFencedException();
        foreach (RoomWrite write in writes)
        {
            RoomEntry entry = write.Entry;
            if (entry.Sequence != tail.Size)
                throw new StoreFencedException();
            writer["INSERT INTO entry VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", 8].Run(
                RoomEncoding.KeyOf(tail.Id, entry.Sequence),
                (int)entry.Kind,
                (long)entry.Stamp.Time,
                (long)entry.Stamp.RegistrySize,
                entry.Previous.ToArray(),
                entry.MessageHash.ToArray(),
                write.Receipt.ToArray(),
                write.Message.ToArray());
            tail = tail.Take(write);
            AppendBelongings(writer, room, tail.Id, write);
        }
        RoomEntry last = writes[^1].Entry;
        writer["UPDATE room SET size = ?2, head = ?3, time = ?4, registry_size = ?5, handshakes = ?6, externals = ?7 WHERE id = ?1", 7].Run(
            tail.Id, (long)tail.Size, last.Hash.ToArray(), (long)last.Stamp.Time, (long)last.Stamp.RegistrySize, RoomEncoding.Handshakes(tail.Handshakes), RoomEncoding.Externals(tail.Externals));
        _tails[room] = tail;
    }

    private static void AppendBelongings(SqliteSession writer, RoomId room, long id, RoomWrite write)
    {
        if (write.GroupInfo is { } info)
            writer["INSERT OR REPLACE INTO group_info VALUES(?1, ?2, ?3)", 3].Run(id, (long)write.Entry.Sequence, info.ToArray());
        if (write.Roster is { } roster)
            WriteRoster(writer, room, id, roster);
        if (write.Welcome is not { } welcome || write.WelcomeFor.Count == 0)
            return;
        writer["INSERT INTO welcome(room, sequence, time, welcome) VALUES(?1, ?2, ?3, ?4)", 4].Run(room.Value.ToArray(), (long)write.Entry.Sequence, (long)write.Entry.Stamp.Time, welcome.ToArray());
        foreach (Handle handle in write.WelcomeFor)
            writer["INSERT OR IGNORE INTO welcome_for VALUES(?1, (SELECT max(id) FROM welcome))", 1].Run(handle.ToString());
    }

    private static void WriteRoster(SqliteSession writer, RoomId room, long id, Roster roster)
    {
        writer["UPDATE room SET handles = ?2, open = ?3 WHERE id = ?1", 3].Run(id, RoomEncoding.HandlesOf(roster), roster.IsOpen ? 1 : 0);
        writer["DELETE FROM room_user WHERE room = ?1 AND owner = 0", 1].Run(room.Value.ToArray());
        foreach (Handle handle in roster.Handles)
            writer["INSERT OR IGNORE INTO room_user VALUES(?1, ?2, 0)", 2].Run(handle.ToString(), room.Value.ToArray());
    }

    private WriterTail? TailOf(SqliteSession writer, RoomId room)
    {
        if (_tails.TryGetValue(room, out WriterTail? known))
            return known;
        using SqliteDataReader row = writer[$"SELECT {RoomColumns} FROM room WHERE room = ?1", 1].Read(room.Value.ToArray());
        if (!row.Read())
            return null;
        StoredRoom stored = RoomOf(row, room);
        return _tails[room] = new WriterTail(row.GetInt64(0), stored.Tail.Chain.Size, stored.Tail.LastHandshakes, stored.ExternalCommits);
    }

    private static IReadOnlyList<StoredEntry> ReadEntries(SqliteSession connection, (RoomId Room, ulong From, int MaxCount, int MaxBytes) page)
    {
        var entries = new List<StoredEntry>();
        if (IdOf(connection, page.Room) is not { } id)
            return entries;
        int bytes = 0;
        using SqliteDataReader row = connection.Query("SELECT id, kind, time, registry_size, previous, hash, receipt, message FROM entry WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3",
            RoomEncoding.KeyOf(id, page.From),
            RoomEncoding.KeyOf(id + 1, 0),
            page.MaxCount);
        while (row.Read())
        {
            byte[]? message = row.IsDBNull(7) ? null : Blob(row, 7);
            if (entries.Count > 0 && bytes + (message?.Length ?? 0) > page.MaxBytes)
                break;
            bytes += message?.Length ?? 0;
            var stamp = new Stamp((ulong)row.GetInt64(2), (ulong)row.GetInt64(3));
            var entry = new RoomEntry(page.Room, RoomEncoding.SequenceOf(row.GetInt64(0)), DigestOf(row, 4), stamp, (EntryKind)row.GetByte(1), DigestOf(row, 5));
            entries.Add(new StoredEntry(entry, DigestOf(row, 6), message is null ? null : (ReadOnlyMemory<byte>?)message));
        }
        return entries;
    }

    private static StoredRoom RoomOf(SqliteDataReader row, RoomId room)
    {
        RoomGenesis genesis = RoomGenesis.Decode(Blob(row, 1));
        var chain = new RoomChain(room, (ulong)row.GetInt64(4), DigestOf(row, 5), new Stamp((ulong)row.GetInt64(6), (ulong)row.GetInt64(7)));
        return new StoredRoom(
            genesis,
            new Roster(genesis.Owners, RoomEncoding.HandlesOf(Blob(row, 2)), row.GetInt64(3) != 0),
            new RoomTail(chain, RoomEncoding.HandshakesOf(Blob(row, 9))),
            (ulong)row.GetInt64(8),
            RoomEncoding.ExternalsOf(Blob(row, 10)));
    }

    private static long? IdOf(SqliteSession connection, RoomId room)
    {
        using SqliteDataReader row = connection.Query("SELECT id FROM room WHERE room = ?1", room.Value.ToArray());
        return row.Read() ? row.GetInt64(0) : null;
    }
}
