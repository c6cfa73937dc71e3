using System.Collections.Concurrent;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

/// <summary>The rooms that have readers in this process, and the way to those that have not.</summary>
internal sealed partial class RoomHub : IRoomObserver, IDisposable
{
    private const int PageEntries = 1000;
    private const int PageBytes = 512 * 1024;

    private readonly ConcurrentDictionary<RoomId, LiveRoom> _rooms = [];
    private readonly Lazy<IGrainFactory> _grains;
    private readonly IRelayStore _store;
    private readonly RelayMetrics _metrics;
    private readonly ILogger<RoomHub> _log;
    private readonly string _process = Guid.NewGuid().ToString("N");
    private readonly bool _clustered;
    private readonly SemaphoreSlim _attaching = new(32, 32);
    private IRoomObserver? _reference;

    public RoomHub(IServiceProvider services, IRelayStore store, RelayMetrics metrics, RelayOptions options, ILogger<RoomHub> log)
    {
        // The grain factory comes with the silo, which starts after this.
        _grains = new Lazy<IGrainFactory>(services.GetRequiredService<IGrainFactory>);
        _store = store;
        _metrics = metrics;
        _log = log;
        _clustered = options.Cluster is not null;
    }

    /// <summary>The grain of a room.</summary>
    public IRoomGrain Grain(RoomId room) => _grains.Value.GetGrain<IRoomGrain>(room.ToString());

    /// <summary>Begins a reading, from a sequence on; null if this user may neither read nor enter, or there is no such room.</summary>
    /// <remarks>Whoever stands before an open door reads the log first: a GroupInfo is held against it. The room is listened to before its roster and size are asked for, so that nothing goes by between.</remarks>
    public async Task<(Subscription Reader, RoomStanding Standing)?> SubscribeAsync(ClientConnection connection, RoomId id, ulong from)
    {
        var reader = new Subscription(connection, from);
        LiveRoom room = Enter(id, reader);
        if (_clustered)
            await AttachAsync(room);
        if (await Grain(id).StandingAsync(connection.Handle.ToString()) is not { MayEnter: true } standing)
        {
            room.Remove(reader);
            return null;
        }
        room.Reach(standing.Size);
        return (reader, standing);
    }

    /// <summary>Starts to send: history first, then what comes.</summary>
    public void Start(Subscription reader, RoomId id)
    {
        if (_rooms.TryGetValue(id, out LiveRoom? room))
            _ = ReadHistoryAsync(room, reader);
    }

    /// <summary>Ends a reading.</summary>
    public void Unsubscribe(Subscription reader, RoomId id)
    {
        if (_rooms.TryGetValue(id, out LiveRoom? room))
            room.Remove(reader);
    }

    /// <summary>New entries of a room in this process.</summary>
    public void Publish(RoomId id, RoomBatch batch)
    {
        if (!_rooms.TryGetValue(id, out LiveRoom? room))
            return;
        foreach (Subscription reader in batch.Dropped.Length == 0 ? [] : room.ReadersOf(batch.Dropped))
            reader.Until = batch.From + (ulong)batch.Frames.Length;
        room.Publish(batch.From, batch.Frames);
    }

    /// <summary>An ephemeral frame for a room's readers in this process.</summary>
    public void PublishEphemeral(RoomId id, TokenId sender, ReadOnlyMemory<byte> frame)
    {
        if (_rooms.TryGetValue(id, out LiveRoom? room))
            room.PublishEphemeral(sender, frame);
    }

    /// <inheritdoc/>
    Task IRoomObserver.PublishAsync(RoomBatch batch)
    {
        Publish(RoomId.FromBytes(batch.Room), batch);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    Task IRoomObserver.PublishEphemeralAsync(byte[] room, byte[] sender, byte[] frame)
    {
        PublishEphemeral(RoomId.FromBytes(room), TokenId.FromBytes(sender), frame);
        return Task.CompletedTask;
    }

    /// <summary>Renews the attachment of every room with readers, and learns of entries that went by; forgets rooms without.</summary>
    public async Task RenewAsync()
    {
        foreach ((RoomId id, LiveRoom room) in _rooms)
        {
            lock (_rooms)
            {
                if (!room.HasReaders)
                    _rooms.TryRemove(id, out _);
            }
            if (_clustered && room.HasReaders)
                await AttachAsync(room);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _attaching.Dispose();

    private LiveRoom Enter(RoomId id, Subscription reader)
    {
        lock (_rooms)
        {
            LiveRoom room = _rooms.GetOrAdd(id, key => new LiveRoom(key, _metrics) { Missed = ReadHistory });
            room.Add(reader);
            return room;
        }
    }

    private async Task AttachAsync(LiveRoom room)
    {
        await _attaching.WaitAsync();
        try
        {
            _reference ??= _grains.Value.CreateObjectReference<IRoomObserver>(this);
            if (await Grain(room.Id).AttachAsync(_process, _reference) is { } size)
                room.Reach(size);
        }
        finally
        {
            _attaching.Release();
        }
    }

    private void ReadHistory(LiveRoom room, IReadOnlyList<Subscription> readers)
    {
        foreach (Subscription reader in readers)
            _ = ReadHistoryAsync(room, reader);
    }

    private async Task ReadHistoryAsync(LiveRoom room, Subscription reader)
    {
        await Task.Yield();
        try
        {
            while (!room.TryGoLive(reader))
            {
                await reader.Connection.Outbox.HasRoomAsync();
                if (reader.IsOver)
                    return;
                await SendPageAsync(room.Id, reader);
                if (reader.IsAtItsEnd)
                    reader.Connection.Detach(room.Id, reader);
            }
        }
#pragma warning disable CA1031 // Nobody waits for this task: whatever ends it is told to the client, who subscribes again, and to the log.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogHistoryFailed(_log, e);
            reader.Connection.Detach(room.Id, reader);
        }
    }

    private async Task SendPageAsync(RoomId id, Subscription reader)
    {
        IReadOnlyList<StoredEntry> page = await _store.ReadEntriesAsync(id, reader.Next, PageEntries, PageBytes);
        foreach (StoredEntry stored in page)
        {
            if (stored.Entry.Sequence >= reader.Until)
                break;
            byte[] frame = TlsWriter.Encode(Frame.Unasked(new EntryPush(stored.Entry, stored.Receipt, stored.Message)));
            while (!reader.Connection.Outbox.TryPush(frame))
            {
                reader.Connection.Outbox.Drain();
                await reader.Connection.Outbox.HasRoomAsync();
            }
            reader.Next = stored.Entry.Sequence + 1;
        }
        reader.Connection.Outbox.Drain();

        // The room says that there is more: it has been published, and what is published is in the store.
        if (page.Count == 0)
            throw new StoreUnavailableException("the store does not show entries that it has taken");
    }

    [LoggerMessage(1, LogLevel.Error, "a reader's history could not be read")]
    private static partial void LogHistoryFailed(ILogger logger, Exception exception);
}
