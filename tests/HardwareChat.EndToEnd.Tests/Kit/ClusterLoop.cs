using System.Diagnostics;
using System.Globalization;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Relay;

namespace HardwareChat.EndToEnd;

/// <summary>What befalls a cluster. In this order each fault strikes the relay that has taken the rooms of the one struck before.</summary>
public enum ClusterFault
{
    /// <summary>The first relay stands still until the other has taken its rooms, and then goes on where it was.</summary>
    Freeze,

    /// <summary>The second relay is cut from the database, from the other and from its clients, and joined again.</summary>
    Partition,

    /// <summary>The first relay's process ends without a farewell.</summary>
    Kill,

    /// <summary>The database crashes, and is started again.</summary>
    Database,

    /// <summary>One relay after the other is asked to stop, and started again.</summary>
    Roll,
}

/// <summary>What a cluster loop has seen.</summary>
/// <param name="Faults">Faults so far.</param>
/// <param name="Acknowledged">Messages acknowledged.</param>
/// <param name="Retried">Messages sent again.</param>
/// <param name="LongestWait">The longest that any writer waited for an acknowledgement in this round.</param>
public sealed record ClusterReport(int Faults, int Acknowledged, int Retried, TimeSpan LongestWait);

/// <summary>Two relays over one PostgreSQL, rooms that writers and readers of both share, and faults under load.</summary>
/// <remarks>
/// Writers send one message at a time, and the same bytes again until they are acknowledged, to whichever relay answers. Readers
/// follow the rooms live through all faults. After each fault every log must chain, hold each acknowledged message at the
/// position that was told, no message twice, and each writer's messages in order; and each reader must have seen just that.
/// </remarks>
public sealed class ClusterLoop : IAsyncDisposable
{
    private const int Relays = 2;
    private const int Rooms = 4;
    private const int WritersPerRoom = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Declared = TimeSpan.FromSeconds(14);
    private static readonly TimeSpan Load = TimeSpan.FromMilliseconds(700);

    private static readonly (string, string)[] Limits =
    [
        ("Limits:ConnectionsPerToken", "64"), ("Limits:RequestBurst", "1000000"), ("Limits:RequestsPerSecond", "1000000"),
    ];

    private readonly FoundedRegistry _registry = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-cluster-").FullName;
    private readonly CutNetwork? _network;
    private readonly ServerProcess?[] _relays = new ServerProcess?[Relays];
    private readonly List<RoomId> _rooms = [];
    private readonly List<ClusterWriter> _writers = [];
    private PostgresProcess? _database;
    private string _connection = "";
    private Task[] _writing = [];
    private int _faults;

    private ClusterLoop(CutNetwork? network) => _network = network;

    /// <summary>A loop, founded and running.</summary>
    /// <param name="partitions">Whether the second relay stands behind a network that can be cut; needs root.</param>
    public static async Task<ClusterLoop> StartAsync(bool partitions = false)
    {
        var loop = new ClusterLoop(partitions ? await CutNetwork.CreateAsync() : null);
        try
        {
            loop._database = await PostgresProcess.StartAsync(loop._network?.Here);
            loop._connection = await loop._database.CreateDatabaseAsync(loop._network?.Here ?? "127.0.0.1");
            await using (IRelayStore store = await PostgresStore.OpenAsync(loop._connection))
                await loop._registry.WriteAsync(store);
            for (int i = 0; i < Relays; i++)
                await loop.StartRelayAsync(i);
            await loop.FoundAsync();
            return loop;
        }
        catch
        {
            await loop.DisposeAsync();
            throw;
        }
    }

    /// <summary>One fault under load, and everything checked after it.</summary>
    /// <param name="fault">What befalls the cluster.</param>
    /// <exception cref="CrashException">A message was lost, doubled or out of order, or somebody did not come back.</exception>
    public async Task<ClusterReport> RunAsync(ClusterFault fault)
    {
        using var stop = new CancellationTokenSource();
        _writing = [.. _writers.Select(writer => writer.RunAsync(ConnectAsync, stop.Token))];
        ClusterReader[] readers = [.. _rooms.SelectMany(room => Enumerable.Range(0, Relays).Select(first => new ClusterReader(room, first)))];
        Task[] reading = [.. readers.Select(reader => reader.RunAsync(ConnectAsync, stop.Token))];
        await ProgressAsync();
        await Task.Delay(Load, CancellationToken.None);
        await BefallAsync(fault);
        await ProgressAsync();
        await Task.Delay(Load, CancellationToken.None);
        foreach (ClusterWriter writer in _writers)
            writer.Finish();
        await Task.WhenAll(_writing).WaitAsync(Patience, CancellationToken.None);
        await CheckAsync(readers);
        await stop.CancelAsync();
        await Task.WhenAll(reading);
        _faults++;
        TimeSpan longest = _writers.Max(static writer => writer.TakeLongestWait());
        return new ClusterReport(_faults, _writers.Sum(static writer => writer.Messages.Acknowledged.Count), _writers.Sum(static writer => writer.Messages.Retried), longest);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ServerProcess? relay in _relays)
        {
            if (relay is not null)
                await relay.DisposeAsync();
        }
        if (_database is not null)
            await _database.DisposeAsync();
        if (_network is not null)
            await _network.DisposeAsync();
        _registry.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task BefallAsync(ClusterFault fault)
    {
        switch (fault)
        {
            case ClusterFault.Freeze:
                await _relays[0]!.FreezeAsync(frozen: true);
                await Task.WhenAll(ProgressAsync(), Task.Delay(Declared));
                await _relays[0]!.FreezeAsync(frozen: false);
                await ReviveAsync(0);
                break;
            case ClusterFault.Partition:
                await (_network ?? throw new InvalidOperationException("There is no network to cut.")).CutAsync();
                await Task.WhenAll(ProgressAsync(), Task.Delay(Declared));
                await _network.JoinAsync();
                await ReviveAsync(1);
                break;
            case ClusterFault.Kill:
                await _relays[0]!.KillAsync();
                await ProgressAsync();
                await StartRelayAsync(0);
                break;
            case ClusterFault.Database:
                await _database!.RestartAsync();
                break;
            case ClusterFault.Roll:
                for (int i = 0; i < Relays; i++)
                {
                    int code = await _relays[i]!.TerminateAsync();
                    if (code != 0)
                        throw new CrashException(string.Create(CultureInfo.InvariantCulture, $"a relay that was asked to stop ended with {code}"));
                    await StartRelayAsync(i);
                }
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault));
        }
    }

    // Every writer is acknowledged something that it sends from now on: whoever was with a dead relay has moved over.
    private async Task ProgressAsync()
    {
        Task all = Task.WhenAll(_writers.Select(static writer => writer.NextAsync()));
        Task first = await Task.WhenAny([all, Task.Delay(Patience), .. _writing]);
        if (first == all)
            return;
        await first;
        throw new CrashException("a writer was not acknowledged anything for a minute");
    }

    // A relay whose place has been taken ends, for its supervisor to start it again; one that was not missed goes on.
    private async Task ReviveAsync(int relay)
    {
        for (int i = 0; i < 100 && _relays[relay]!.IsAlive; i++)
            await Task.Delay(100, CancellationToken.None);
        if (!_relays[relay]!.IsAlive)
            await StartRelayAsync(relay);
    }

    private async Task StartRelayAsync(int relay)
    {
        if (_relays[relay] is { } former)
            await former.DisposeAsync();
        string data = Path.Combine(_folder, relay.ToString(CultureInfo.InvariantCulture));
        if (Directory.CreateDirectory(data).GetFiles("identity").Length == 0)
            await _registry.WriteIdentityAsync(data);
        string address = _network is null ? "127.0.0.1" : relay == 0 ? _network.Here : _network.There;
        _relays[relay] = await ServerProcess.StartRelayAsync(relay == 0 ? null : _network?.Space, data, address, [.. Limits, ("Cluster", _connection), ("SiloAddress", address)]);
    }

    private async Task FoundAsync()
    {
        await using RelayConnection alice = await ConnectAsync(0, static _ => ValueTask.CompletedTask);
        for (int i = 0; i < Rooms; i++)
        {
            RoomGenesis genesis = _registry.NewRoom();
            await alice.AskAsync<Done>(new CreateRoom(genesis));
            await alice.AskAsync<Appended>(new Append(genesis.RoomId, EntryKind.Handshake, 0, 1, new byte[] { 0 }, null, null, []));
            _rooms.Add(genesis.RoomId);
            for (int j = 0; j < WritersPerRoom; j++)
                _writers.Add(new ClusterWriter(new CrashWriter(genesis.RoomId, _writers.Count, underWay: 1), _writers.Count));
        }
    }

    private async Task CheckAsync(ClusterReader[] readers)
    {
        for (int relay = 0; relay < Relays; relay++)
        {
            Dictionary<RoomId, CrashLog> logs = _rooms.ToDictionary(static room => room, static room => new CrashLog(room));
            await using RelayConnection reader = await ConnectPatientlyAsync(relay, push => push is EntryPush entry ? logs[entry.Entry.Room].TakeAsync(push) : ValueTask.CompletedTask);
            foreach ((RoomId room, CrashLog log) in logs)
            {
                log.Size = (await reader.AskAsync<Subscribed>(new Subscribe(room, 0))).Size;
                await log.ReadAsync(reader.Ended);
                foreach (ClusterWriter writer in _writers.Where(writer => writer.Messages.Room == room))
                    writer.Messages.Check(log);
                foreach (ClusterReader live in readers.Where(live => live.Room == room))
                    await live.ReachAsync(log, Patience);
            }
        }
    }

    // The relay counts handshakes by address, and everybody here has the same.
    private async Task<RelayConnection> ConnectPatientlyAsync(int relay, Func<FrameBody, ValueTask> onPush)
    {
        for (long begin = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return await ConnectAsync(relay, onPush);
            }
            catch (ConnectionException) when (Stopwatch.GetElapsedTime(begin) < Patience)
            {
                await Task.Delay(200);
            }
        }
    }

    private Task<RelayConnection> ConnectAsync(int relay, Func<FrameBody, ValueTask> onPush)
    {
        (NSec.Cryptography.Key channel, ClientAuth auth) = _registry.Touch();
        var endpoint = new RelayEndpoint(_relays[relay % Relays]!.Address, _registry.State.Id, RelayPin.Of(_registry.RelayKey));
        return RelayConnection.ConnectAsync(endpoint, channel, _ => auth, onPush, TimeProvider.System);
    }
}

/// <summary>Opens a channel to one of a cluster's relays, by its number.</summary>
public delegate Task<RelayConnection> ClusterConnect(int relay, Func<FrameBody, ValueTask> onPush);

/// <summary>A writer that goes to the next relay when one fails it.</summary>
public sealed class ClusterWriter(CrashWriter messages, int first)
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _writing = Task.CompletedTask;
    private TimeSpan _longestWait;
    private volatile bool _finish;

    /// <summary>What it has sent.</summary>
    public CrashWriter Messages { get; } = messages;

    /// <summary>Completes when a message has been acknowledged that was sent from now on.</summary>
    public async Task NextAsync()
    {
        for (int i = 0; i < 2; i++)
        {
            Task next;
            lock (_gate)
                next = _next.Task;
            await next;
        }
    }

    /// <summary>Lets it end when everything that it has sent is acknowledged.</summary>
    public void Finish() => _finish = true;

    /// <summary>The longest wait for an acknowledgement since this was last asked.</summary>
    public TimeSpan TakeLongestWait()
    {
        TimeSpan longest = _longestWait;
        _longestWait = TimeSpan.Zero;
        return longest;
    }

    /// <summary>Writes until it may end.</summary>
    public async Task RunAsync(ClusterConnect connect, CancellationToken stop)
    {
        _finish = false;
        int relay = first;
        long acknowledged = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using RelayConnection connection = await connect(relay, static _ => ValueTask.CompletedTask);
                while (!stop.IsCancellationRequested)
                {
                    await WriteAsync(connection);
                    TimeSpan wait = Stopwatch.GetElapsedTime(acknowledged);
                    acknowledged = Stopwatch.GetTimestamp();
                    _longestWait = wait > _longestWait ? wait : _longestWait;
                    Tell();
                    if (_finish)
                        return;
                }
            }
            catch (Exception e) when (e is ConnectionException or RelayException)
            {
                // What was not acknowledged waits in the messages, for the next relay.
                await Task.WhenAny(_writing);
                relay++;
                await Task.Delay(200, CancellationToken.None);
            }
        }
    }

    // A relay that stands still does not say so: whoever gets no answer goes elsewhere. The channel is closed by then, and the writing with it.
    private async Task WriteAsync(RelayConnection connection)
    {
        _writing = Messages.WriteAsync(connection);
        if (await Task.WhenAny(_writing, Task.Delay(AnswerTime)) != _writing)
            throw new ConnectionException(ConnectionFault.TimedOut, "no answer");
        await _writing;
    }

    private void Tell()
    {
        lock (_gate)
        {
            _next.SetResult();
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

/// <summary>A reader that follows a room through all faults, from wherever it was.</summary>
public sealed class ClusterReader(RoomId room, int first)
{
    private readonly CrashLog _log = new(room);

    /// <summary>What it reads.</summary>
    public RoomId Room { get; } = room;

    /// <summary>Reads until it is stopped.</summary>
    public async Task RunAsync(ClusterConnect connect, CancellationToken stop)
    {
        for (int relay = first; !stop.IsCancellationRequested && !_log.Whole.IsFaulted; relay++)
        {
            try
            {
                var detached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using RelayConnection connection = await connect(relay, push => Take(push, detached));
                await connection.AskAsync<Subscribed>(new Subscribe(Room, _log.Next), stop);
                await Heartbeat(connection, detached.Task, stop);
            }
            catch (Exception e) when (e is ConnectionException or RelayException or TimeoutException or OperationCanceledException)
            {
                await Task.Delay(200, CancellationToken.None);
            }
        }
    }

    /// <summary>Waits until it has read as far as a log, and holds itself against it.</summary>
    public async Task ReachAsync(CrashLog log, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(log);
        long begin = Stopwatch.GetTimestamp();
        while (_log.Next < log.Next)
        {
            if (_log.Whole.IsFaulted)
                await _log.Whole;
            if (Stopwatch.GetElapsedTime(begin) > patience)
                throw new CrashException($"a reader stands at {_log.Next} of {log.Next}");
            await Task.Delay(50, CancellationToken.None);
        }
        if (!_log.Messages.SequenceEqual(log.Messages))
            throw new CrashException("a reader was shown another log");
    }

    private ValueTask Take(FrameBody push, TaskCompletionSource detached)
    {
        if (push is Detached)
            detached.TrySetResult();
        return _log.TakeAsync(push);
    }

    // A relay that stands still is noticed by asking it.
    private static async Task Heartbeat(RelayConnection connection, Task detached, CancellationToken stop)
    {
        while (true)
        {
            if (await Task.WhenAny(detached, connection.Ended, Task.Delay(1000, stop)) == detached || connection.Ended.IsCompleted || stop.IsCancellationRequested)
                return;
            await connection.AskAsync<Pong>(new Ping(), stop).WaitAsync(TimeSpan.FromSeconds(3), stop);
        }
    }
}
