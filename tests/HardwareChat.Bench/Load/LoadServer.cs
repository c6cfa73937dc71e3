using System.Diagnostics;
using HardwareChat.EndToEnd;
using HardwareChat.Protocol;

namespace HardwareChat.Bench.Load;

/// <summary>Which server is under load.</summary>
internal enum ServerKind
{
    /// <summary>Kestrel's WebSockets, which copy.</summary>
    Bare,

    /// <summary>The same, with every message in SQLite before it is copied.</summary>
    Stored,

    /// <summary>The relay.</summary>
    Relay,
}

/// <summary>A server in its process, and the load's way to it.</summary>
internal sealed class LoadServer : IAsyncDisposable
{
    // Few tokens stand for many people: what the relay holds one token to is lifted, and nothing else.
    private static readonly (string, string)[] Limits =
    [
        ("Limits:ConnectionsPerToken", "20000"), ("Limits:RoomsPerOwner", "100000"),
        ("Limits:RequestBurst", "1000000000"), ("Limits:RequestsPerSecond", "1000000000"),
        ("Limits:RequestBytesBurst", "1000000000000"), ("Limits:RequestBytesPerSecond", "1000000000000"),
    ];

    private readonly FoundedRegistry? _registry;
    private readonly string _folder;
    private readonly ServerProcess _process;
    private int _rooms;

    private LoadServer(ServerKind kind, FoundedRegistry? registry, string folder, ServerProcess process)
    {
        Kind = kind;
        _registry = registry;
        _folder = folder;
        _process = process;
        Target = new LoadTarget(process.Address, registry?.State.Id, registry?.RelayKey ?? default);
    }

    /// <summary>Which one.</summary>
    public ServerKind Kind { get; }

    /// <summary>Where it is.</summary>
    public LoadTarget Target { get; }

    /// <summary>The process.</summary>
    public ServerProcess Process => _process;

    /// <summary>Starts one; the relay on a registry that stands.</summary>
    public static async Task<LoadServer> StartAsync(ServerKind kind)
    {
        string folder = Directory.CreateTempSubdirectory("hwchat-bench-").FullName;
        if (kind == ServerKind.Relay)
        {
            var registry = new FoundedRegistry();
            await registry.WriteAsync(folder);
            return new LoadServer(kind, registry, folder, await ServerProcess.StartRelayAsync(folder, Limits));
        }
        string[] store = kind == ServerKind.Stored ? ["--store", Path.Combine(folder, "messages.db")] : [];
        var start = new ProcessStartInfo("dotnet", [typeof(LoadServer).Assembly.Location, "relay-baseline", .. store]);
        return new LoadServer(kind, null, folder, await ServerProcess.StartAsync(start));
    }

    /// <summary>Room names: on the relay alice founds them.</summary>
    public async Task<LoadRoom> OpenRoomAsync(int members)
    {
        var room = new LoadRoom();
        string path = $"/room/{_rooms++}";
        RoomGenesis? genesis = _registry?.NewRoom();
        for (int i = 0; i < members; i++)
        {
            var member = new LoadMember(await ConnectAsync(path), genesis?.RoomId ?? default);
            if (genesis is not null)
                await EnterAsync(member, genesis, isFirst: i == 0);
            room.Add(member);
        }
        return room;
    }

    /// <summary>A connection that has been let in.</summary>
    public Task<LoadSocket> ConnectAsync(string path = "/idle") => ConnectAsync(path, _registry?.Touch());

    /// <summary>A connection of somebody who touched before.</summary>
    public async Task<LoadSocket> ConnectAsync(string path, (NSec.Cryptography.Key, ClientAuth)? who)
    {
        while (true)
        {
            try
            {
                return await LoadSocket.ConnectAsync(Target, _registry is null ? path : "/channel", who);
            }
            catch (LoadRefusedException) when (_process.IsAlive && _registry is not null)
            {
                // The relay begins 200 handshakes a second once its burst is used up: the rest wait.
                await Task.Delay(100);
            }
        }
    }

    /// <summary>A touch ahead of time; null where none is asked for.</summary>
    public (NSec.Cryptography.Key, ClientAuth)? Touch() => _registry?.Touch();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _registry?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task EnterAsync(LoadMember member, RoomGenesis genesis, bool isFirst)
    {
        if (isFirst)
        {
            await member.AskAsync(new CreateRoom(genesis));
            await member.AskAsync(new Append(genesis.RoomId, EntryKind.Handshake, 0, 1, new byte[] { 0 }, null, null, []));
        }
        await member.AskAsync(new Subscribe(genesis.RoomId, 1));
    }
}

/// <summary>The members of one room; the first sends.</summary>
internal sealed class LoadRoom : IDisposable
{
    private readonly List<LoadMember> _members = [];

    /// <summary>Everybody.</summary>
    public IReadOnlyList<LoadMember> Members => _members;

    /// <summary>Who sends.</summary>
    public LoadMember Sender => _members[0];

    /// <summary>Messages that arrived, at all of them.</summary>
    public long Received => _members.Sum(static member => member.Received);

    /// <summary>One more, who begins to count.</summary>
    public void Add(LoadMember member)
    {
        _members.Add(member);
        _ = Task.Run(member.ReceiveAsync);
    }

    /// <summary>Waits until everybody has all that was sent.</summary>
    public async Task SettleAsync()
    {
        long begin = Stopwatch.GetTimestamp();
        while (_members.Any(member => member.Received < Sender.Sent))
        {
            if (_members.Select(static member => member.Fault).FirstOrDefault(static fault => fault is not null) is { } fault)
                throw new InvalidOperationException($"The relay answered the load with {fault}.");
            if (Stopwatch.GetElapsedTime(begin) > TimeSpan.FromSeconds(30))
                throw new InvalidOperationException($"A message is missing: {Sender.Sent} were sent, and a member has {_members.Min(static member => member.Received)}.");
            await Task.Delay(5);
        }
    }

    public void Dispose()
    {
        foreach (LoadMember member in _members)
            member.Dispose();
    }
}
