using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

// The sequencer of one room. Calls come one at a time; each brings what has gathered in one process, and goes to disk as one
// write. Nothing is answered or published before it is on disk. Whenever a write fails, nobody knows what the disk holds:
// the room is read again before the next append.

/// <summary>A room: DESIGN's append rule, on disk.</summary>
internal sealed partial class RoomGrain(
    IRelayStore store,
    RegistryView registry,
    RelayIdentity identity,
    RoomHub hub,
    ProcessDirectory processes,
    RelayLimits limits,
    RelayMetrics metrics,
    RelayTime time,
    ILogger<RoomGrain> log) : Grain, IRoomGrain
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, (IRoomObserver Observer, long Since)> _observers = [];
    private RoomId _id;
    private StoredRoom? _room;
    private RecentMessages _recent = new(0);
    private bool _restored;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = RoomId.FromBytes(Convert.FromHexString(this.GetPrimaryKeyString()));
        return base.OnActivateAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<AppendReply[]> AppendAsync(AppendCall[] calls)
    {
        var replies = new AppendReply[calls.Length];
        try
        {
            if (!await LoadAsync())
                return Fill(replies, AppendReply.Refusal(ErrorCode.Refused));
            if (_restored && (_restored = await store.IsRestoredAsync()))
                return Fill(replies, AppendReply.Refusal(ErrorCode.Busy, retryAfter: 5));
            await AppendAsync(calls, replies);
        }
        catch (StoreException e)
        {
            _room = null;
            if (e is StoreFencedException)
                LogFenced(log);
            else
                LogStoreFailed(log, e);
            Fill(replies, AppendReply.Refusal(ErrorCode.Busy, retryAfter: 1));
        }
        return replies;
    }

    /// <inheritdoc/>
    public async Task<RoomStanding?> StandingAsync(string handle)
    {
        if (!await LoadAsync())
            return null;
        StoredRoom room = _room!;
        Handle user = Handle.Parse(handle);
        return new RoomStanding(
            room.Roster.MayRead(user),
            room.Roster.MayAppend(user, EntryKind.External),
            room.Tail.Chain.Size,
            room.Horizon,
            room.Tail.Chain.Head.ToArray(),
            [.. room.Roster.Owners.Select(static owner => owner.ToString())],
            [.. room.Roster.Handles.Select(static member => member.ToString()).Order(StringComparer.Ordinal)],
            room.Roster.IsOpen);
    }

    /// <inheritdoc/>
    public async Task<ulong?> AttachAsync(string process, IRoomObserver observer)
    {
        if (!await LoadAsync())
            return null;
        _observers[process] = (observer, time.GetTimestamp());
        return _room!.Tail.Chain.Size;
    }

    /// <inheritdoc/>
    public async Task EphemeralAsync(string handle, byte[] sender, byte[] frame)
    {
        if (!await LoadAsync() || !_room!.Roster.MayRead(Handle.Parse(handle)))
            return;
        hub.PublishEphemeral(_id, TokenId.FromBytes(sender), frame);
        foreach (IRoomObserver observer in LiveObservers())
            await observer.PublishEphemeralAsync(_id.Value.ToArray(), sender, frame);
    }

    /// <inheritdoc/>
    public async Task<int> OfferAsync(string handle, byte[] offer)
    {
        if (!await LoadAsync() || !await store.IsRestoredAsync() || !_room!.Roster.MayRead(Handle.Parse(handle)))
            return 0;
        StoredRoom room = _room;
        var writes = new List<RoomWrite>();
        var frames = new List<byte[]>();
        foreach (EntryPush push in ((OfferEntries)Frame.DecodeFromClient(offer).Body).Entries)
        {
            if (push.Entry.Sequence < room.Tail.Chain.Size)
                continue;
            Digest? hash = push.Message is { } message ? Digest.Of(message.Span) : null;
            bool ours = identity.Receipts.IsOfEntry(push.Entry, push.Receipt.ToArray());
            if (!ours || hash is null || room.Tail.Chain.Check(push.Entry, hash) is not null)
                break;
            writes.Add(new RoomWrite(push.Entry, push.Receipt, push.Message!.Value));
            frames.Add(TlsWriter.Encode(Frame.Unasked(push)));
            room = room with { Tail = room.Tail.Take(push.Entry) };
        }
        if (writes.Count == 0)
            return 0;
        try
        {
            await store.AppendAsync(_id, writes);
        }
        catch (StoreException e)
        {
            LogStoreFailed(log, e);
            _room = null;
            return 0;
        }
        await PublishAsync(room, writes, frames, []);
        return writes.Count;
    }

    /// <inheritdoc/>
    public async Task ExpireAsync(ulong before)
    {
        const int MessagesAtATime = 1000;
        if (!await LoadAsync() || await store.ExpireMessagesAsync(_id, before, MessagesAtATime) == 0)
            return;
        if (await store.LoadRoomAsync(_id) is { } expired)
            _room = _room! with { Horizon = expired.Horizon };
    }

    private async Task AppendAsync(AppendCall[] calls, AppendReply[] replies)
    {
        StoredRoom room = _room!;
        var writes = new List<RoomWrite>(calls.Length);
        var frames = new List<byte[]>(calls.Length);
        var dropped = new List<string>();
        var now = new Stamp(time.UnixSeconds(), registry.State.Size);
        var inBatch = new Dictionary<Digest, int>();
        for (int i = 0; i < calls.Length; i++)
        {
            Append append = calls[i].ToAppend();
            AppendRequest request = append.ToRequest();
            Handle handle = Handle.Parse(calls[i].Handle);
            TokenId token = TokenId.FromBytes(calls[i].Token);
            bool isInBatch = inBatch.TryGetValue(request.MessageHash, out int earlier);
            ulong? duplicate = isInBatch ? replies[earlier].Sequence : await FindAsync(request);
            bool external = append.EntryKind == EntryKind.External;
            bool withinRate = !external || room.ExternalCommits.Allows(token, now.Time);
            AppendVerdict verdict = AppendRule.Judge(request, room.Tail, room.Roster.MayAppend(handle, append.EntryKind), duplicate, withinRate, now);
            if (verdict.Answer == AppendAnswer.Duplicate)
            {
                replies[i] = isInBatch ? replies[earlier] : await DuplicateAsync(duplicate!.Value);
                continue;
            }
            if (verdict.Entry is not { } entry)
            {
                replies[i] = AppendReply.Refusal(ErrorCodes.Of(verdict.Answer)!.Value);
                continue;
            }
            (Roster? roster, RoomRule? rule) = room.Roster.Apply(append.RosterChanges, handle);
            if (rule is not null || !Belongs(append))
            {
                replies[i] = AppendReply.Refusal(ErrorCode.Refused);
                continue;
            }
            if (roster!.Handles.Count + roster.Owners.Count > limits.RosterHandles)
            {
                replies[i] = AppendReply.Refusal(ErrorCode.TooLarge);
                continue;
            }
            RoomWrite write = WriteOf(entry, append, roster == room.Roster ? null : roster, token);
            writes.Add(write);
            frames.Add(TlsWriter.Encode(Frame.Unasked(new EntryPush(entry, write.Receipt, append.Message))));
            inBatch.Add(request.MessageHash, i);
            dropped.AddRange(append.RosterChanges.OfType<RosterChange.Drop>().Select(static drop => drop.Handle.ToString()));
            replies[i] = new AppendReply(null, 0, entry.Sequence, entry.Stamp.Time, entry.Stamp.RegistrySize, write.Receipt.ToArray());
            room = room with
            {
                Tail = room.Tail.Take(entry),
                Roster = roster,
                ExternalCommits = external ? room.ExternalCommits.Take(token, now.Time) : room.ExternalCommits,
            };
        }
        if (writes.Count == 0)
            return;
        long started = time.GetTimestamp();
        await store.AppendAsync(_id, writes);
        metrics.Appended(writes.Count, time.GetElapsedTime(started));
        await PublishAsync(room, writes, frames, dropped);
    }

    private async Task PublishAsync(StoredRoom room, List<RoomWrite> writes, List<byte[]> frames, List<string> dropped)
    {
        _room = room;
        foreach (RoomWrite write in writes)
            _recent.Take(write.Entry);
        var batch = new RoomBatch(_id.Value.ToArray(), writes[0].Entry.Sequence, [.. frames], [.. dropped]);
        hub.Publish(_id, batch);
        foreach (IRoomObserver observer in LiveObservers())
            await observer.PublishAsync(batch);
        foreach (RoomWrite write in writes)
        {
            if (write.Welcome is { } welcome)
                await processes.WelcomeAsync(write.WelcomeFor, TlsWriter.Encode(Frame.Unasked(new WelcomePush(_id, write.Entry.Sequence, welcome))));
        }
    }

    // A GroupInfo or Welcome belongs to a commit, and to nothing else.
    private static bool Belongs(Append append)
        => append.EntryKind != EntryKind.Application || (append.GroupInfo is null && append.Welcome is null);

    private RoomWrite WriteOf(RoomEntry entry, Append append, Roster? roster, TokenId token)
        => new(entry, new Digest(identity.Receipts.OfEntry(entry)), append.Message)
        {
            GroupInfo = append.GroupInfo,
            Welcome = append.Welcome,
            WelcomeFor = append.Welcome is null ? [] : [.. append.RosterChanges.OfType<RosterChange.Add>().Select(static add => add.Handle)],
            Roster = roster,
            ExternalBy = append.EntryKind == EntryKind.External ? token : null,
        };

    // A retry carries the `after` of its first attempt, which is not above the position that it was given.
    private async ValueTask<ulong?> FindAsync(AppendRequest request)
    {
        if (_recent.Find(request.MessageHash) is { } recent)
            return recent;
        return request.After >= _recent.Start ? null : await store.FindMessageAsync(_id, request.MessageHash, request.After);
    }

    private async ValueTask<AppendReply> DuplicateAsync(ulong sequence)
    {
        IReadOnlyList<StoredEntry> found = await store.ReadEntriesAsync(_id, sequence, 1, ProtocolLimits.FrameBytes);
        RoomEntry entry = found[0].Entry;
        return new AppendReply(null, 0, sequence, entry.Stamp.Time, entry.Stamp.RegistrySize, found[0].Receipt.ToArray());
    }

    private async ValueTask<bool> LoadAsync()
    {
        if (_room is not null)
            return true;
        _room = await store.LoadRoomAsync(_id);
        if (_room is null)
            return false;
        _recent = new RecentMessages(_room.Tail.Chain.Size);
        _restored = await store.IsRestoredAsync();
        return true;
    }

    private IEnumerable<IRoomObserver> LiveObservers()
    {
        foreach ((string process, (IRoomObserver observer, long since)) in _observers.ToArray())
        {
            if (time.GetElapsedTime(since) > Lease)
                _observers.Remove(process);
            else
                yield return observer;
        }
    }

    private static AppendReply[] Fill(AppendReply[] replies, AppendReply reply)
    {
        Array.Fill(replies, reply);
        return replies;
    }

    [LoggerMessage(1, LogLevel.Warning, "a room was written by another sequencer: reading it again")]
    private static partial void LogFenced(ILogger logger);

    [LoggerMessage(2, LogLevel.Error, "the store did not take a write")]
    private static partial void LogStoreFailed(ILogger logger, Exception exception);
}
