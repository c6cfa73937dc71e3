using System.Diagnostics;
using HardwareChat.Client;
using HardwareChat.EndToEnd.Tests;
using HardwareChat.Protocol;

namespace HardwareChat.Bench.Client;

/// <summary>The client against a real relay on this machine: coming into rooms of many members, starting from a vault, and doing nothing.</summary>
/// <remarks>
/// <c>--members 10,100,500</c> sets the sizes; <c>--messages N</c> the history of the start (2,000). The founder adds most members, since few may come in by the door in an hour; those
/// who are measured come by the door, and go offline again. The baseline of coming in is looking at the room from outside: the same GroupInfo fetched, and every member's touch verified.
/// </remarks>
internal static class ClientBench
{
    private const int Samples = 5;
    private const int AddedAtOnce = 20;

    public static int Run(Arguments arguments)
    {
        RunAsync(new Report(arguments.Has("json")), arguments.Numbers("members", 10, 100, 500), arguments.Number("messages", 2000)).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task RunAsync(Report report, int[] sizes, int messages)
    {
        await using Village village = await Village.FoundAsync(static limits => limits.StatementsPerHour = 1_000_000);
        Person alice = village.Alice;
        RoomId room = await alice.Client.CreateRoomAsync("hall", RoomSettings.Standard with { Door = new Door.Everybody() });
        int members = 1;
        foreach (int size in sizes.Order())
        {
            while (members < size)
                members += await FillAsync(village, room, members, Math.Min(AddedAtOnce, size - members));
            var joins = new List<double>();
            var looks = new List<double>();
            for (int i = 0; i < Samples; i++, members++)
            {
                (double look, double join) = await ComeInAsync(village, room, $"person{members}");
                looks.Add(look);
                joins.Add(join);
            }
            report.Row(Row("join, peer: look from outside", size, joins), Median(looks));
        }
        await StartAsync(report, village, room, messages);
        await IdleAsync(report, members);
    }

    // Each is a token that has enrolled and published its key packages.
    private static async Task<int> FillAsync(Village village, RoomId room, int first, int count)
    {
        var handles = new List<Handle>();
        for (int i = first; i < first + count; i++)
        {
            await using Person person = await village.NeighbourAsync($"person{i}");
            handles.Add(person.Handle);
        }
        await village.Alice.Client.AddAsync(room, handles);
        return count;
    }

    private static async Task<(double Look, double Join)> ComeInAsync(Village village, RoomId room, string name)
    {
        Person person = await village.NeighbourAsync(name);
        await using (person)
        {
            long began = Stopwatch.GetTimestamp();
            await person.Client.LookAtAsync(room);
            double look = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            began = Stopwatch.GetTimestamp();
            if (!await person.Client.JoinAsync(room))
                throw new InvalidOperationException("nobody has answered who came in");
            double join = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            await person.EndAsync();
            return (look, join);
        }
    }

    // From the vault's first byte to the room read to its end; the touch of the last run is still good.
    private static async Task StartAsync(Report report, Village village, RoomId room, int messages)
    {
        Person bob = await village.NeighbourAsync("bob");
        await bob.Client.JoinAsync(room);
        await bob.EndAsync();
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < messages; i++)
            await village.Alice.SayAsync(room, $"message {i}");
        double said = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        began = Stopwatch.GetTimestamp();
        await bob.BeginAsync(village.Relay.Address);
        double started = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await bob.ReadsAsync($"message {messages - 1}");
        double read = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        report.Row(Row("start, connected", messages, [started]));
        report.Row(Row("start, read to the end, peer: saying it", messages, [read]), said);
    }

    // Relay, founder and one reader in this process.
    private static async Task IdleAsync(Report report, int members)
    {
        const int Seconds = 10;
        var process = Process.GetCurrentProcess();
        await Task.Delay(TimeSpan.FromSeconds(Seconds));
        process.Refresh();
        TimeSpan before = process.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(Seconds));
        process.Refresh();
        double share = (process.TotalProcessorTime - before).TotalSeconds / Seconds * 100;
        report.Note($"idle with {members} members, relay and two clients in one process: {share:0.00} % of a core, {GC.GetTotalMemory(true) / 1048576} MB managed, {process.WorkingSet64 / 1048576} MB in all");
    }

    private static Measurement Row(string name, int members, List<double> milliseconds) => new(name, 1, members, Median(milliseconds), 0);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
