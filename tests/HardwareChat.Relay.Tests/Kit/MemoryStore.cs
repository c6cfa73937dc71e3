using System.Collections.Immutable;
using HardwareChat.Protocol;

namespace HardwareChat.Relay.Tests;

/// <summary>A store without a disk, for tests of what stands above one; a test may make it fail or wait.</summary>
public sealed class MemoryStore : IRelayStore
{
    private readonly Lock _gate = new();
    private readonly List<StoredLeaf> _leaves = [];
    private readonly Dictionary<Digest, byte[]> _evidence = [];
    private readonly Dictionary<RoomId, Room> _rooms = [];
    private readonly List<(Handle For, WelcomePush Welcome)> _welcomes = [];
    private readonly Dictionary<TokenId, (List<byte[]> Stock, byte[]? LastResort)> _packages = [];
    private readonly Dictionary<Digest, (StoredBlob Blob, MemoryStream Bytes)> _blobs = [];

    public bool IsRestored { get; set; }

    /// <summary>Called before every append to a room: may throw, or wait.</summary>
    public Func<Task> BeforeAppend { get; set; } = static () => Task.CompletedTask;

    public ValueTask<bool> IsRestoredAsync(CancellationToken cancel = default) => new(IsRestored);

    public Task BeginHealingAsync(CancellationToken cancel = default)
    {
        IsRestored = true;
        return Task.CompletedTask;
    }

    public Task EndHealingAsync(CancellationToken cancel = default)
    {
        IsRestored = false;
        return Task.CompletedTask;
    }

    public Task AppendLeafAsync(StoredLeaf leaf, IReadOnlyList<StoredEvidence> evidence, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            if (leaf.Index != (ulong)_leaves.Count)
                throw new StoreFencedException();
            _leaves.Add(leaf);
            foreach (StoredEvidence blob in evidence)
                _evidence[blob.Hash] = blob.Blob.ToArray();
        }
        return Task.CompletedTask;
    }

    public ValueTask<IReadOnlyList<StoredLeaf>> ReadLeavesAsync(ulong from, int maxCount, int maxBytes, CancellationToken cancel = default)
    {
        lock (_gate)
            return new([.. _leaves.Skip((int)Math.Min(from, int.MaxValue)).Take(maxCount)]);
    }

    public ValueTask<byte[]?> FindEvidenceAsync(Digest hash, CancellationToken cancel = default)
    {
        lock (_gate)
            return new(_evidence.GetValueOrDefault(hash));
    }

    public ValueTask<bool> CreateRoomAsync(RoomGenesis genesis, Handle founder, CancellationToken cancel = default)
    {
        lock (_gate)
            return new(_rooms.TryAdd(genesis.RoomId, new Room(genesis, founder)));
    }

    public ValueTask<StoredRoom?> LoadRoomAsync(RoomId room, CancellationToken cancel = default)
    {
        lock (_gate)
            return new(_rooms.TryGetValue(room, out Room? found) ? new StoredRoom(found.Genesis, found.Roster, found.Tail, found.Horizon, found.External) : null);
    }

    public async Task AppendAsync(RoomId room, IReadOnlyList<RoomWrite> writes, CancellationToken cancel = default)
    {
        await BeforeAppend();
        lock (_gate)
        {
            Room found = _rooms[room];
            if (writes[0].Entry.Sequence != (ulong)found.Entries.Count)
                throw new StoreFencedException();
            foreach (RoomWrite write in writes)
                Take(found, write);
        }
    }

    public ValueTask<ulong?> FindMessageAsync(RoomId room, Digest messageHash, ulong from, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            StoredEntry? found = _rooms[room].Entries.Skip((int)from).FirstOrDefault(entry => entry.Entry.MessageHash == messageHash);
            return new(found?.Entry.Sequence);
        }
    }

    public ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(RoomId room, ulong from, int maxCount, int maxBytes, CancellationToken cancel = default)
    {
        lock (_gate)
            return new([.. _rooms[room].Entries.Skip((int)Math.Min(from, int.MaxValue)).Take(Math.Min(maxCount, 7))]);
    }

    public ValueTask<StoredGroupInfo?> FindGroupInfoAsync(RoomId room, CancellationToken cancel = default)
    {
        lock (_gate)
            return new(_rooms[room].GroupInfo);
    }

    public ValueTask<IReadOnlyList<RoomSummary>> ListRoomsAsync(Handle handle, RoomId? after, int maxCount, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            IEnumerable<RoomSummary> rooms = _rooms.Values
                .Where(room => room.Roster.MayRead(handle))
                .Select(static room => new RoomSummary(room.Genesis.RoomId, (ulong)room.Entries.Count, room.Horizon))
                .Where(room => after is null || string.CompareOrdinal(room.Room.ToString(), after.ToString()) > 0)
                .OrderBy(static room => room.Room.ToString(), StringComparer.Ordinal);
            return new([.. rooms.Take(maxCount)]);
        }
    }

    public ValueTask<int> CountRoomsFoundedAsync(Handle founder, CancellationToken cancel = default)
    {
        lock (_gate)
            return new(_rooms.Values.Count(room => room.Founder == founder));
    }

    public ValueTask<IReadOnlyList<RoomId>> RoomsToExpireAsync(ulong before, int maxCount, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            return new([.. _rooms.Values
                .Where(room => room.Horizon < (ulong)room.Entries.Count && room.Entries[(int)room.Horizon].Entry.Stamp.Time < before)
                .Select(static room => room.Genesis.RoomId)
                .Take(maxCount)]);
        }
    }

    public ValueTask<int> ExpireMessagesAsync(RoomId room, ulong before, int maxCount, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            Room found = _rooms[room];
            int expired = 0;
            while (expired < maxCount && found.Horizon < (ulong)found.Entries.Count && found.Entries[(int)found.Horizon].Entry.Stamp.Time < before)
            {
                found.Entries[(int)found.Horizon] = found.Entries[(int)found.Horizon] with { Message = null };
                found.Horizon++;
                expired++;
            }
            return new(expired);
        }
    }

    public ValueTask<IReadOnlyList<WelcomePush>> ReadWelcomesAsync(Handle handle, int maxCount, CancellationToken cancel = default)
    {
        lock (_gate)
            return new([.. _welcomes.Where(waiting => waiting.For == handle).Select(static waiting => waiting.Welcome).Take(maxCount)]);
    }

    public Task DropWelcomeAsync(Handle handle, RoomId room, ulong sequence, CancellationToken cancel = default)
    {
        lock (_gate)
            _welcomes.RemoveAll(waiting => waiting.For == handle && waiting.Welcome.Room == room && waiting.Welcome.Sequence == sequence);
        return Task.CompletedTask;
    }

    public ValueTask<int> ExpireWelcomesAsync(ulong before, CancellationToken cancel = default) => new(0);

    public ValueTask<bool> PublishKeyPackagesAsync(TokenId token, PublishKeyPackages publication, int stockLimit, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            (List<byte[]> stock, byte[]? lastResort) = _packages.GetValueOrDefault(token, ([], null));
            List<byte[]> next = [.. publication.Replace ? [] : stock, .. publication.Packages.Select(static package => package.ToArray())];
            if (next.Count > stockLimit)
                return new(false);
            _packages[token] = (next, publication.LastResort?.ToArray() ?? lastResort);
            return new(true);
        }
    }

    public ValueTask<byte[]?> TakeKeyPackageAsync(TokenId token, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            (List<byte[]> stock, byte[]? lastResort) = _packages.GetValueOrDefault(token, ([], null));
            if (stock.Count == 0)
                return new(lastResort);
            byte[] first = stock[0];
            stock.RemoveAt(0);
            return new(first);
        }
    }

    public ValueTask<KeyPackageCount> CountKeyPackagesAsync(TokenId token, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            (List<byte[]> stock, byte[]? lastResort) = _packages.GetValueOrDefault(token, ([], null));
            return new(new KeyPackageCount((uint)stock.Count, lastResort is not null));
        }
    }

    public Task ForgetKeyPackagesAsync(TokenId token, CancellationToken cancel = default)
    {
        lock (_gate)
            _packages.Remove(token);
        return Task.CompletedTask;
    }

    public ValueTask<bool> CreateBlobAsync(StoredBlob blob, ulong quota, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            ulong held = _blobs.Values.Where(known => known.Blob.Owner == blob.Owner).Aggregate(0UL, static (sum, known) => sum + known.Blob.Size);
            if (held + blob.Size > quota)
                return new(false);
            _blobs[blob.Id] = (blob, new MemoryStream());
            return new(true);
        }
    }

    public ValueTask<StoredBlob?> FindBlobAsync(Digest blob, CancellationToken cancel = default)
    {
        lock (_gate)
            return new(_blobs.TryGetValue(blob, out (StoredBlob Blob, MemoryStream Bytes) found) ? found.Blob with { Held = (ulong)found.Bytes.Length } : null);
    }

    public ValueTask<ulong?> AppendBlobAsync(Digest blob, ulong offset, ReadOnlyMemory<byte> bytes, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            (StoredBlob known, MemoryStream held) = _blobs[blob];
            if (offset != (ulong)held.Length || offset + (ulong)bytes.Length > known.Size)
                return new(result: null);
            held.Position = held.Length;
            held.Write(bytes.Span);
            return new((ulong)held.Length);
        }
    }

    public ValueTask<int> ReadBlobAsync(Digest blob, ulong offset, Memory<byte> buffer, CancellationToken cancel = default)
    {
        lock (_gate)
        {
            if (!_blobs.TryGetValue(blob, out (StoredBlob Blob, MemoryStream Bytes) found))
                return new(0);
            found.Bytes.Position = (long)offset;
            return new(found.Bytes.Read(buffer.Span));
        }
    }

    public ValueTask<int> ExpireBlobsAsync(ulong completeBefore, ulong incompleteBefore, int maxCount, CancellationToken cancel = default) => new(0);

    public string? Damage { get; set; }

    /// <summary>What the next examination finds.</summary>
    public string? Fault { get; set; }

    public ValueTask<StoreHealth> CheckAsync(CancellationToken cancel = default) => new(Damage is null ? StoreHealth.Sound : StoreHealth.ReadOnly);

    public Task<string?> ExamineAsync(CancellationToken cancel = default) => Task.FromResult(Damage = Fault);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Take(Room room, RoomWrite write)
    {
        room.Entries.Add(new StoredEntry(write.Entry, write.Receipt, write.Message));
        room.Tail = room.Tail.Take(write.Entry);
        room.Roster = write.Roster ?? room.Roster;
        if (write.ExternalBy is { } token)
            room.External = room.External.Take(token, write.Entry.Stamp.Time);
        if (write.GroupInfo is { } info)
            room.GroupInfo = new StoredGroupInfo(write.Entry.Sequence, info);
        if (write.Welcome is { } welcome)
            _welcomes.AddRange(write.WelcomeFor.Select(handle => (handle, new WelcomePush(room.Genesis.RoomId, write.Entry.Sequence, welcome))));
    }

    private sealed class Room(RoomGenesis genesis, Handle founder)
    {
        public Handle Founder { get; } = founder;

        public RoomGenesis Genesis { get; } = genesis;

        public Roster Roster { get; set; } = Roster.Of(genesis);

        public RoomTail Tail { get; set; } = RoomTail.Empty(genesis.RoomId);

        public ulong Horizon { get; set; }

        public ExternalCommitRate External { get; set; } = new(ImmutableList<(TokenId Token, ulong Time)>.Empty);

        public List<StoredEntry> Entries { get; } = [];

        public StoredGroupInfo? GroupInfo { get; set; }
    }
}
