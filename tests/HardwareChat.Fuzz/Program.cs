using System.Diagnostics;
using System.Globalization;
using HardwareChat.Fuzz;
using SharpFuzz;

// Usage, see README.md:
//   HardwareChat.Fuzz list
//   HardwareChat.Fuzz afl TARGET                        under afl-fuzz, which tests/HardwareChat.Fuzz/run starts
//   HardwareChat.Fuzz replay TARGET FILE...
//   HardwareChat.Fuzz mutate TARGET SECONDS [SEED]      without AFL++: mutations of the corpus, no feedback

switch (args)
{
    case ["list"]:
        foreach (string name in FuzzTarget.All.Keys.Order(StringComparer.Ordinal))
            Console.WriteLine(name);
        return 0;

    case ["afl", string name] when FuzzTarget.All.TryGetValue(name, out FuzzTarget? target):
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            target.Run(input.GetBuffer().AsSpan(0, (int)input.Length));
        });
        return 0;

    case ["replay", string name, .. string[] files] when FuzzTarget.All.TryGetValue(name, out FuzzTarget? target):
        foreach (string file in files)
        {
            Console.WriteLine(file);
            target.Run(File.ReadAllBytes(file));
        }

        return 0;

    case ["mutate", string name, string seconds, .. string[] seed] when FuzzTarget.All.TryGetValue(name, out FuzzTarget? target):
        return Mutate(
            target,
            TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)),
            seed is [string chosen] ? int.Parse(chosen, CultureInfo.InvariantCulture) : Environment.TickCount);

    default:
        Console.Error.WriteLine("error: usage: list | afl TARGET | replay TARGET FILE... | mutate TARGET SECONDS [SEED]");
        return 2;
}

static int Mutate(FuzzTarget target, TimeSpan duration, int seed)
{
    string folder = Path.Combine(FuzzTarget.FindCorpora(AppContext.BaseDirectory), target.Name);
    byte[][] corpus = Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)] : [];
    Console.WriteLine($"{target.Name}: seed {seed}, {corpus.Length} files in the corpus");
    var mutator = new Mutator(seed);
    long executions = 0;
    for (Stopwatch watch = Stopwatch.StartNew(); watch.Elapsed < duration; executions++)
    {
        byte[] input = mutator.Next(corpus);
        try
        {
            target.Run(input);
        }
        catch (Exception find)
        {
            Console.WriteLine($"after {executions} executions: {Convert.ToHexString(input)}");
            Console.WriteLine(find);
            return 1;
        }
    }

    Console.WriteLine($"{executions} executions, 0 finds");
    return 0;
}
