using System.Diagnostics;
using System.Globalization;
using HardwareChat.EndToEnd;

namespace HardwareChat.Bench.Load;

/// <summary>Kills the relay under load for so many minutes, and reads everything after each restart.</summary>
/// <remarks><c>--minutes N</c> (10), <c>--seed N</c>.</remarks>
internal static class CrashBench
{
    public static int Run(Arguments arguments)
    {
        var time = TimeSpan.FromMinutes(arguments.Number("minutes", 10));
        int seed = arguments.Number("seed", Environment.ProcessId);
        Console.WriteLine($"seed {seed}");
        return RunAsync(seed, time).GetAwaiter().GetResult();
    }

    private static async Task<int> RunAsync(int seed, TimeSpan time)
    {
        await using var loop = new CrashLoop(seed);
        long begin = Stopwatch.GetTimestamp();
        try
        {
            CrashReport report = await loop.RunAsync(_ => Stopwatch.GetElapsedTime(begin) < time, static report => Console.WriteLine(report));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Kills} kills, {report.Acknowledged} acknowledged, {report.Retried} sent again: lost 0, doubled 0, out of order 0"));
            return 0;
        }
        catch (CrashException e)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }
}
