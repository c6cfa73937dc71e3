using HardwareChat.Protocol;
using HardwareChat.Wire;
using Npgsql;

namespace HardwareChat.Relay;

/// <content>Rooms, their logs, GroupInfos and rosters.</content>
public sealed partial class PostgresStore
{
    private const string RoomColumns = "id, genesis, handles, open, size, head, time, registry_size, horizon, handshakes, externals";

    /// <inheritdoc/>
    public async ValueTask<bool> CreateRoomAsync(RoomGenesis genesis, Handle founder, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(genesis);
        byte[] room = KeyOf(genesis.RoomId);
        return await _writer.RunAsync(
            async writer =>
            {
                int made = await writer.RunAsync(
                    "INSERT INTO room(room, genesis, handles, open, size, head, time, registry_size, horizon, handshakes, externals) VALUES($1, $2, '', 0, 0, $1, 0, 0, 0, '', '') ON CONFLICT DO NOTHING",
                    room,
                    TlsWriter.Encode(genesis));
                foreach (Handle owner in made == 0 ? [] : genesis.Owners)
                    writer.Add("INSERT INTO room_user VALUES($1, $2, $3)", owner.ToString(), room, RoomEncoding.Place(owner, founder));
                await writer.FlushAsync();
                return made == 1;
            },
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredRoom?> LoadRoomAsync(RoomId room, CancellationToken cancel = default)
        => (await ListAsync(row => RoomOf(row, room), new Query($"SELECT {RoomColumns} FROM room WHERE room = $1", KeyOf(room)), cancel)).FirstOrDefault();

    /// <inheritdoc/>
    public Task AppendAsync(RoomId room, IReadOnlyList<RoomWrite> writes, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(writes);
        return writes.Count == 0 ? Task.CompletedTask : _writer.RunAsync(
            async writer =>
            {
                await AppendAsync(writer, room, writes);
                return true;
            },
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<ulong?> FindMessageAsync(RoomId room, Digest messageHash, ulong from, CancellationToken cancel = default)
        => await ReadAsync(
            async session =>
            {
                if (await IdOfAsync(session, room) is not { } id)
                    return (ulong?)null;
                long? found = await session.NumberAsync(
                    "SELECT id FROM entry WHERE id >= $1 AND id < $2 AND hash = $3 ORDER BY id LIMIT 1",
                    RoomEncoding.KeyOf(id, from),
                    RoomEncoding.KeyOf(id + 1, 0),
                    messageHash.ToArray());
                return found is { } key ? RoomEncoding.SequenceOf(key) : null;
            },
            cancel);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(RoomId room, ulong from, int maxCount, int maxBytes, CancellationToken cancel = default)
        => await ReadAsync(
            async session =>
            {
                var entries = new List<StoredEntry>();
                if (await IdOfAsync(session, room) is not { } id)
                    return entries;
                int bytes = 0;
                await session.ReadAsync(
                    row =>
                    {
                        byte[]? message = row.IsDBNull(7) ? null : Blob(row, 7);
                        if (entries.Count > 0 && bytes + (message?.Length ?? 0) > maxBytes)
                            return false;
                        bytes += message?.Length ?? 0;
                        var entry = new RoomEntry(room, RoomEncoding.SequenceOf(row.GetInt64(0)), DigestOf(row, 4), new Stamp(Count(row, 2), Count(row, 3)), (EntryKind)row.GetInt64(1), DigestOf(row, 5));
                        entries.Add(new StoredEntry(entry, DigestOf(row, 6), message is null ? null : (ReadOnlyMemory<byte>?)message));
                        return true;
                    },
                    "SELECT id, kind, time, registry_size, previous, hash, receipt, message FROM entry WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3",
                    RoomEncoding.KeyOf(id, from),
                    RoomEncoding.KeyOf(id + 1, 0),
                    maxCount);
                return entries;
            },
            cancel);

    /// <inheritdoc/>
    public async ValueTask<StoredGroupInfo?> FindGroupInfoAsync(RoomId room, CancellationToken cancel = default)
        => (await ListAsync(
            static row => new StoredGroupInfo(Count(row, 0), Blob(row, 1)),
            new Query("SELECT g.sequence, g.info FROM group_info g JOIN room r ON r.id = g.room WHERE r.room = $1",
            KeyOf(room)), cancel)).FirstOrDefault();

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RoomSummary>> ListRoomsAsync(Handle handle, RoomId? after, int maxCount, CancellationToken cancel = default)
        => await ListAsync(
            static row => new RoomSummary(new RoomId(DigestOf(row, 0)), Count(row, 1), Count(row, 2)),
            new Query("SELECT r.room, r.size, r.horizon FROM room_user u JOIN room r ON r.room = u.room WHERE u.handle = $1 AND u.room > $2 ORDER BY u.room LIMIT $3",
            handle.ToString(),
            after is { } last ? KeyOf(last) : [],
            maxCount), cancel);

    /// <inheritdoc/>
    public async ValueTask<int> CountRoomsFoundedAsync(Handle founder, CancellationToken cancel = default)
        => (int)(await ReadAsync(session => session.NumberAsync("SELECT count(*) FROM room_user WHERE handle = $1 AND owner = 2", founder.ToString()), cancel))!.Value;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RoomId>> RoomsToExpireAsync(ulong before, int maxCount, CancellationToken cancel = default)
        => await ListAsync(
            static row => new RoomId(DigestOf(row, 0)),
            new Query($"SELECT r.room FROM room r JOIN entry e ON e.id = (r.id << {RoomEncoding.SequenceBits}) + r.horizon WHERE e.time < $1 LIMIT $2", before, maxCount),
            cancel);

    /// <inheritdoc/>
    public async ValueTask<int> ExpireMessagesAsync(RoomId room, ulong before, int maxCount, CancellationToken cancel = default)
        => await _writer.RunAsync(
            async writer =>
            {
                if (await writer.NumberAsync("SELECT id FROM room WHERE room = $1 FOR UPDATE", KeyOf(room)) is not { } id)
                    return 0;
                long first = RoomEncoding.KeyOf(id, 0), end = RoomEncoding.KeyOf(id + 1, 0);
                int expired = await writer.RunAsync(
                    "UPDATE entry SET message = NULL WHERE id IN (SELECT id FROM entry WHERE id >= $1 AND id < $2 AND time < $3 AND message IS NOT NULL ORDER BY id LIMIT $4)",
                    first,
                    end,
                    before,
                    maxCount);
                if (expired > 0)
                    await writer.RunAsync("UPDATE room SET horizon = coalesce((SELECT min(id) FROM entry WHERE id >= $1 AND id < $2 AND message IS NOT NULL) - $1, size) WHERE id = $3", first, end, id);
                return expired;
            },
            cancel);

    private static async Task AppendAsync(PostgresSession writer, RoomId room, IReadOnlyList<RoomWrite> writes)
    {
        WriterTail? tail = null;
        await writer.ReadAsync(
            row =>
            {
                StoredRoom stored = RoomOf(row, room);
                tail = new WriterTail(row.GetInt64(0), stored.Tail.Chain.Size, stored.Tail.LastHandshakes, stored.ExternalCommits);
                return true;
            },
            $"SELECT {RoomColumns} FROM room WHERE room = $1 FOR UPDATE",
            KeyOf(room));
        if (tail is null)
            throw new StoreFencedException();
        foreach (RoomWrite write in writes)
        {
            RoomEntry entry = write.Entry;
            if (entry.Sequence != tail.Size)
                throw new StoreFencedException();
            writer.Add(
                "INSERT INTO entry VALUES($1, $2, $3, $4, $5, $6, $7, $8)",
                RoomEncoding.KeyOf(tail.Id, entry.Sequence),
                (long)entry.Kind,
                entry.Stamp.Time,
                entry.Stamp.RegistrySize,
                entry.Previous.ToArray(),
                entry.MessageHash.ToArray(),
                write.Receipt.ToArray(),
                write.Message.ToArray());
            tail = tail.Take(write);
            AddBelongings(writer, room, tail.Id, write);
        }
        RoomEntry last = writes[^1].Entry;
        writer.Add(
            "UPDATE room SET size = $2, head = $3, time = $4, registry_size = $5, handshakes = $6, externals = $7 WHERE id = $1",
            tail.Id,
            tail.Size,
            last.Hash.ToArray(),
            last.Stamp.Time,
            last.Stamp.RegistrySize,
            RoomEncoding.Handshakes(tail.Handshakes),
            RoomEncoding.Externals(tail.Externals));
        await writer.FlushAsync();
    }

    private static void AddBelongings(PostgresSession writer, RoomId room, long id, RoomWrite write)
    {
        if (write.GroupInfo is { } info)
            writer.Add("INSERT INTO group_info VALUES($1, $2, $3) ON CONFLICT(room) DO UPDATE SET sequence = $2, info = $3", id, write.Entry.Sequence, info.ToArray());
        if (write.Roster is { } roster)
        {
            writer.Add("UPDATE room SET handles = $2, open = $3 WHERE id = $1", id, RoomEncoding.HandlesOf(roster), roster.IsOpen ? 1 : 0);
            writer.Add("DELETE FROM room_user WHERE room = $1 AND owner = 0", KeyOf(room));
            foreach (Handle handle in roster.Handles)
                writer.Add("INSERT INTO room_user VALUES($1, $2, 0) ON CONFLICT DO NOTHING", handle.ToString(), KeyOf(room));
        }
        if (write.Welcome is not { } welcome || write.WelcomeFor.Count == 0)
            return;
        writer.Add("INSERT INTO welcome(room, sequence, time, welcome) VALUES($1, $2, $3, $4)", KeyOf(room), write.Entry.Sequence, write.Entry.Stamp.Time, welcome.ToArray());
        foreach (Handle handle in write.WelcomeFor)
            writer.Add("INSERT INTO welcome_for VALUES($1, currval(pg_get_serial_sequence('welcome', 'id'))) ON CONFLICT DO NOTHING", handle.ToString());
    }

    private static Task<long?> IdOfAsync(PostgresSession session, RoomId room) => session.NumberAsync("SELECT id FROM room WHERE room = $1", KeyOf(room));

    private static StoredRoom RoomOf(NpgsqlDataReader row, RoomId room)
    {
        RoomGenesis genesis = RoomGenesis.Decode(Blob(row, 1));
        var chain = new RoomChain(room, Count(row, 4), DigestOf(row, 5), new Stamp(Count(row, 6), Count(row, 7)));
        return new StoredRoom(
            genesis,
            new Roster(genesis.Owners, RoomEncoding.HandlesOf(Blob(row, 2)), row.GetInt64(3) != 0),
            new RoomTail(chain, RoomEncoding.HandshakesOf(Blob(row, 9))),
            Count(row, 8),
            RoomEncoding.ExternalsOf(Blob(row, 10)));
    }
}
