using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.EndToEnd;

/// <summary>What a crash loop has seen.</summary>
/// <param name="Kills">Times that the relay was killed.</param>
/// <param name="Acknowledged">Messages that it had acknowledged.</param>
/// <param name="Retried">Messages that were sent again after a kill, as nobody knew whether they had been taken.</param>
public sealed record CrashReport(int Kills, int Acknowledged, int Retried);

/// <summary>Kills the relay again and again while clients write, and reads all rooms after each restart.</summary>
/// <remarks>
/// Several writers share a room. Each sends its messages in order, many under way, and sends the same bytes again until they
/// are acknowledged. After each restart every log must chain, hold each acknowledged message at the position that was told,
/// no message twice, and each writer's messages in the order in which it sent them.
/// </remarks>
public sealed class CrashLoop : IAsyncDisposable
{
    private const int Rooms = 3;
    private const int WritersPerRoom = 2;

    private static readonly (string, string)[] Limits =
    [
        ("Limits:ConnectionsPerToken", "64"), ("Limits:RequestBurst", "1000000"), ("Limits:RequestsPerSecond", "1000000"),
        ("Limits:RequestBytesBurst", "1000000000"), ("Limits:RequestBytesPerSecond", "1000000000"),
    ];

    private readonly FoundedRegistry _registry = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-crash-").FullName;
    private readonly Random _random;
    private readonly List<RoomId> _rooms = [];
    private readonly List<CrashWriter> _writers = [];
    private ServerProcess? _relay;

    /// <summary>A loop whose pauses follow from a seed.</summary>
    public CrashLoop(int seed) => _random = new Random(seed);

    /// <summary>Kills until it is told to stop.</summary>
    /// <param name="another">Given the kills so far: whether there is to be another.</param>
    /// <param name="told">Told of each kill.</param>
    /// <exception cref="CrashException">A message was lost, doubled or out of order.</exception>
    public async Task<CrashReport> RunAsync(Func<int, bool> another, Action<CrashReport>? told = null)
    {
        await _registry.WriteAsync(_folder);
        await StartAsync();
        await FoundAsync();
        int kills = 0;
        while (another(kills))
        {
            using var stop = new CancellationTokenSource();
            Task[] writing = [.. _writers.Select(writer => WriteAsync(writer, stop.Token))];
            await Task.Delay(_random.Next(200, 1200), CancellationToken.None);
            await _relay!.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(writing);
            kills++;
            await StartAsync();
            await CheckAsync();
            told?.Invoke(Report(kills));
        }

        // What nobody knew about is sent to its end, and all is read once more.
        await Task.WhenAll(_writers.Select(FinishAsync));
        await CheckAsync();
        return Report(kills);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_relay is not null)
            await _relay.DisposeAsync();
        _registry.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private CrashReport Report(int kills) => new(kills, _writers.Sum(static writer => writer.Acknowledged.Count), _writers.Sum(static writer => writer.Retried));

    private async Task StartAsync()
    {
        if (_relay is not null)
            await _relay.DisposeAsync();
        _relay = await ServerProcess.StartRelayAsync(_folder, Limits);
    }

    private async Task FoundAsync()
    {
        await using RelayConnection alice = await ConnectAsync(static _ => ValueTask.CompletedTask);
        for (int i = 0; i < Rooms; i++)
        {
            RoomGenesis genesis = _registry.NewRoom();
            await alice.AskAsync<Done>(new CreateRoom(genesis));
            await alice.AskAsync<Appended>(new Append(genesis.RoomId, EntryKind.Handshake, 0, 1, new byte[] { 0 }, null, null, []));
            _rooms.Add(genesis.RoomId);
            for (int j = 0; j < WritersPerRoom; j++)
                _writers.Add(new CrashWriter(genesis.RoomId, _writers.Count));
        }
    }

    private async Task WriteAsync(CrashWriter writer, CancellationToken stop)
    {
        try
        {
            await using RelayConnection connection = await ConnectAsync(static _ => ValueTask.CompletedTask);
            while (!stop.IsCancellationRequested)
                await writer.WriteAsync(connection);
        }
        catch (ConnectionException)
        {
            // Killed: what was not acknowledged waits in the writer.
        }
    }

    private async Task FinishAsync(CrashWriter writer)
    {
        await using RelayConnection connection = await ConnectAsync(static _ => ValueTask.CompletedTask);
        await writer.WriteAsync(connection);
    }

    private async Task CheckAsync()
    {
        foreach (RoomId room in _rooms)
        {
            var log = new CrashLog(room);
            await using RelayConnection reader = await ConnectAsync(log.TakeAsync);
            log.Size = (await reader.AskAsync<Subscribed>(new Subscribe(room, 0))).Size;
            await log.ReadAsync(reader.Ended);
            foreach (CrashWriter writer in _writers.Where(writer => writer.Room == room))
                writer.Check(log);
        }
    }

    private Task<RelayConnection> ConnectAsync(Func<FrameBody, ValueTask> onPush)
    {
        (NSec.Cryptography.Key channel, ClientAuth auth) = _registry.Touch();
        var endpoint = new RelayEndpoint(_relay!.Address, _registry.State.Id, RelayPin.Of(_registry.RelayKey));
        return RelayConnection.ConnectAsync(endpoint, channel, _ => auth, onPush, TimeProvider.System);
    }
}
