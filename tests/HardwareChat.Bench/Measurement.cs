using System.Diagnostics;

namespace HardwareChat.Bench;

/// <summary>One row: the median time of a piece of work, and what one run of it allocates on all threads together.</summary>
internal sealed record Measurement(string Bench, int Suite, int Members, double MedianMilliseconds, long AllocatedBytes)
{
    // Runs are added until both bounds are met, so that short work is run often and long work a few times.
    private const int FewestRuns = 3;
    private const int MostRuns = 400;
    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(700);

    /// <summary>Measures <paramref name="work"/>; <paramref name="prepare"/> runs before each run and is not counted.</summary>
    public static Measurement Of<T>(string bench, int suite, int members, Func<T> prepare, Action<T> work)
    {
        // One run is not counted: it compiles and fills caches.
        work(prepare());
        var times = new List<double>();
        var allocations = new List<long>();
        var whole = Stopwatch.StartNew();
        while (times.Count < FewestRuns || (whole.Elapsed < Enough && times.Count < MostRuns))
        {
            T prepared = prepare();
            long before = GC.GetTotalAllocatedBytes(precise: true);
            long start = Stopwatch.GetTimestamp();
            work(prepared);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            allocations.Add(GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return new Measurement(bench, suite, members, Median(times), (long)Median([.. allocations.Select(bytes => (double)bytes)]));
    }

    public static Measurement Of(string bench, int suite, int members, Action work) => Of(bench, suite, members, () => 0, _ => work());

    private static double Median(List<double> values)
    {
        values.Sort();
        int middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
