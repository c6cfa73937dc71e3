using System.Diagnostics;
using System.Globalization;
using HardwareChat.EndToEnd;

namespace HardwareChat.Bench.Load;

/// <summary>Two relays over PostgreSQL under load: faults in turn for so many minutes, and everything read after each.</summary>
/// <remarks><c>--minutes N</c> (5), <c>--fault NAME</c> for one alone. As root one relay stands behind a network that is cut, too.</remarks>
internal static class ClusterBench
{
    public static int Run(Arguments arguments) => RunAsync(TimeSpan.FromMinutes(arguments.Number("minutes", 5)), arguments.Text("fault")).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(TimeSpan time, string? only)
    {
        if (!PostgresProcess.IsInstalled)
        {
            Console.Error.WriteLine("error: PostgreSQL is not installed here\nhint: Debian: postgresql");
            return 1;
        }
        bool partitions = CutNetwork.IsPossible;
        if (!partitions)
            Console.WriteLine("no partitions: network namespaces need root");
        ClusterFault[] faults = [.. Enum.GetValues<ClusterFault>().Where(fault => partitions || fault != ClusterFault.Partition).Where(fault => only is null || fault.ToString() == only)];
        long begin = Stopwatch.GetTimestamp();
        try
        {
            await using ClusterLoop loop = await ClusterLoop.StartAsync(partitions);
            do
            {
                foreach (ClusterFault fault in faults)
                {
                    ClusterReport report = await loop.RunAsync(fault);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{fault,-10} {report.Acknowledged,8} acknowledged {report.Retried,6} sent again, longest wait {report.LongestWait.TotalSeconds:0.0} s: lost 0, doubled 0, out of order 0"));
                }
            }
            while (Stopwatch.GetElapsedTime(begin) < time);
            return 0;
        }
        catch (CrashException e)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }
}
