using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using HardwareChat.Protocol;

namespace HardwareChat.Bench.Load;

/// <summary>The relay beside two baselines, under the same load in the same run; servers and load are separate processes.</summary>
/// <remarks>
/// <c>--short</c> for a glance, <c>--seconds N</c> for each measurement, <c>--idle 1000,10000</c> for idle connections,
/// <c>--servers bare,stored,relay</c> and <c>--only WORD</c> for a part, <c>--json</c> for lines.
/// </remarks>
internal sealed class RelayBench
{
    private readonly bool _json;
    private readonly string? _only;
    private readonly TimeSpan _warm;
    private readonly TimeSpan _long;
    private readonly int[] _idle;
    private readonly int _history;
    private readonly List<(string Bench, ServerKind Server, double Value)> _rows = [];

    private RelayBench(Arguments arguments)
    {
        bool brief = arguments.Has("short");
        _json = arguments.Has("json");
        _only = arguments.Text("only");
        _warm = TimeSpan.FromSeconds(brief ? 1 : 3);
        _long = TimeSpan.FromSeconds(arguments.Number("seconds", brief ? 2 : 6));
        _idle = arguments.Numbers("idle", 1000);
        _history = brief ? 20_000 : 100_000;
    }

    public static int Run(Arguments arguments)
    {
        ServerKind[] servers = arguments.Text("servers") is { } names
            ? [.. names.Split(',').Select(static name => Enum.TryParse(name, ignoreCase: true, out ServerKind kind) ? kind : throw new ArgumentException($"--servers: there is no {name}"))]
            : [ServerKind.Bare, ServerKind.Stored, ServerKind.Relay];
        new RelayBench(arguments).RunAsync(servers).GetAwaiter().GetResult();
        return 0;
    }

    private async Task RunAsync(ServerKind[] servers)
    {
        // Each scenario runs on all servers, one after the other, so that what else the machine does hits them alike.
        foreach ((string name, Func<LoadServer, string, Task> measure) in Scenarios())
        {
            if (_only is not null && !name.Contains(_only, StringComparison.Ordinal))
                continue;
            foreach (ServerKind kind in servers)
            {
                await using LoadServer server = await LoadServer.StartAsync(kind);
                await measure(server, name);
            }
        }
    }

    private IEnumerable<(string Name, Func<LoadServer, string, Task> Measure)> Scenarios()
    {
        yield return ("start to first connection", StartAsync);
        foreach (int window in (int[])[64, 1])
        {
            foreach ((int rooms, int members) in ((int, int)[])[(1, 10), (1, 100), (1, 1000), (200, 5)])
                yield return ($"window {window}, {rooms} x {members}", (server, name) => FanOutAsync(server, name, rooms, members, window));
        }
        yield return ("latency, 200/s in a room of 50", LatencyAsync);
        yield return ("handshakes", HandshakesAsync);
        foreach (int count in _idle)
            yield return ($"idle, {count} connections", (server, name) => IdleAsync(server, name, count));
        yield return ($"catch-up of {_history} messages", CatchUpAsync);
    }

    private async Task StartAsync(LoadServer server, string name)
    {
        long begin = Stopwatch.GetTimestamp();
        using LoadSocket socket = await server.ConnectAsync();
        Row(name, server.Kind, "s", (server.Process.Startup + Stopwatch.GetElapsedTime(begin)).TotalSeconds);
    }

    private async Task FanOutAsync(LoadServer server, string name, int roomCount, int memberCount, int window)
    {
        var rooms = new List<LoadRoom>();
        try
        {
            for (int i = 0; i < roomCount; i++)
                rooms.Add(await server.OpenRoomAsync(memberCount));
            foreach (LoadRoom room in rooms)
                await room.Sender.BeginAsync(window);
            await Task.Delay(_warm);
            (long received, TimeSpan processor, long at) = (rooms.Sum(static room => room.Received), server.Process.Processor, Stopwatch.GetTimestamp());
            await Task.Delay(_long);
            double deliveries = rooms.Sum(static room => room.Received) - received;
            double seconds = Stopwatch.GetElapsedTime(at).TotalSeconds;
            double cores = (server.Process.Processor - processor).TotalSeconds;
            foreach (LoadRoom room in rooms)
                room.Sender.End();
            foreach (LoadRoom room in rooms)
                await room.SettleAsync();
            Row(name, server.Kind, "deliveries/s", deliveries / seconds);
            Row(name, server.Kind, "server CPU s per million", cores / deliveries * 1e6);
        }
        finally
        {
            foreach (LoadRoom room in rooms)
                room.Dispose();
        }
    }

    private async Task LatencyAsync(LoadServer server, string name)
    {
        using LoadRoom room = await server.OpenRoomAsync(50);
        await SendSteadilyAsync(room, _warm);
        foreach (LoadMember member in room.Members)
            member.Latencies = new List<long>(1024 * 1024);
        TimeSpan processor = server.Process.Processor;
        await SendSteadilyAsync(room, _long * 2);
        double cores = (server.Process.Processor - processor).TotalSeconds;
        await room.SettleAsync();
        long[] all = [.. room.Members.SelectMany(static member => member.Latencies!).Order()];
        Row(name, server.Kind, "ms p50", Stopwatch.GetElapsedTime(0, all[all.Length / 2]).TotalMilliseconds);
        Row(name, server.Kind, "ms p99", Stopwatch.GetElapsedTime(0, all[all.Length * 99 / 100]).TotalMilliseconds);
        Row(name, server.Kind, "server CPU s per million", cores / all.Length * 1e6);
    }

    private static async Task SendSteadilyAsync(LoadRoom room, TimeSpan time)
    {
        const int PerSecond = 200;
        long begin = Stopwatch.GetTimestamp();
        int count = (int)(time.TotalSeconds * PerSecond);
        for (int i = 0; i < count; i++)
        {
            TimeSpan due = TimeSpan.FromSeconds((double)i / PerSecond) - Stopwatch.GetElapsedTime(begin);
            if (due > TimeSpan.Zero)
                await Task.Delay(due);
            await room.Sender.SendAsync(1);
        }
        await room.SettleAsync();
    }

    private async Task HandshakesAsync(LoadServer server, string name)
    {
        const int Warm = 200;
        const int Count = 800;
        const int AtOnce = 8;
        (NSec.Cryptography.Key, ClientAuth)?[] who = [.. Enumerable.Range(0, Warm + Count).Select(_ => server.Touch())];
        var sockets = new LoadSocket[Warm + Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForAsync(0, Warm, options, async (i, _) => sockets[i] = await server.ConnectAsync("/idle", who[i]));
        (TimeSpan processor, long begin) = (server.Process.Processor, Stopwatch.GetTimestamp());
        await Parallel.ForAsync(Warm, Warm + Count, options, async (i, _) => sockets[i] = await server.ConnectAsync("/idle", who[i]));
        Row(name, server.Kind, "handshakes/s", Count / Stopwatch.GetElapsedTime(begin).TotalSeconds);
        Row(name, server.Kind, "server CPU ms each", (server.Process.Processor - processor).TotalMilliseconds / Count);
        foreach (LoadSocket socket in sockets)
            socket.Dispose();
    }

    private async Task IdleAsync(LoadServer server, string name, int count)
    {
        // What the first connections compile and fill is not theirs.
        var sockets = new List<LoadSocket>();
        for (int i = 0; i < 100; i++)
            sockets.Add(await server.ConnectAsync());
        await Task.Delay(_warm);
        long before = server.Process.ResidentBytes;
        for (int i = 0; i < count; i++)
            sockets.Add(await server.ConnectAsync());
        await Task.Delay(_warm);
        Row(name, server.Kind, "KiB each", (server.Process.ResidentBytes - before) / 1024.0 / count);
        foreach (LoadSocket socket in sockets)
            socket.Dispose();
    }

    private async Task CatchUpAsync(LoadServer server, string name)
    {
        if (server.Kind != ServerKind.Relay)
            return;
        using LoadRoom room = await server.OpenRoomAsync(1);
        await room.Sender.BeginAsync(64);
        while (room.Sender.Received < _history)
            await Task.Delay(50);
        room.Sender.End();
        await room.SettleAsync();
        long begin = Stopwatch.GetTimestamp();
        using var reader = new LoadMember(await server.ConnectAsync(), default);
        await reader.AskAsync(new Subscribe(room.Sender.Room, 1));
        _ = Task.Run(reader.ReceiveAsync);
        while (reader.Received < _history)
            await Task.Delay(1);
        Row(name, server.Kind, "messages/s", _history / Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    private void Row(string bench, ServerKind server, string unit, double value)
    {
        string key = $"{bench}, {unit}";
        _rows.Add((key, server, value));
        if (_json)
        {
            Console.WriteLine(new JsonObject { ["bench"] = bench, ["server"] = server.ToString(), ["unit"] = unit, ["value"] = Math.Round(value, 4) }.ToJsonString());
            return;
        }
        string line = string.Create(CultureInfo.InvariantCulture, $"{bench,-34} {server,-7} {value,14:#,0.###} {unit,-26}");
        foreach ((_, ServerKind other, double theirs) in _rows.Where(row => row.Bench == key && row.Server != server))
            line += string.Create(CultureInfo.InvariantCulture, $" {value / theirs:0.00} of {other}");
        Console.WriteLine(line);
    }
}
