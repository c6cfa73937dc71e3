using HardwareChat.Bench;
using HardwareChat.Bench.Client;
using HardwareChat.Bench.Load;
using HardwareChat.Bench.Mls;
using HardwareChat.Bench.Protocol;

// dotnet run -c Release --project tests/HardwareChat.Bench -- VERB [options]
// One verb a subject, one class a verb: a new one is added here and nowhere else.
Dictionary<string, Func<Arguments, int>> verbs = new()
{
    ["mls"] = MlsBench.Run,
    ["protocol"] = ProtocolBench.Run,
    ["mls-growth"] = GrowthBench.Run,
    ["client"] = ClientBench.Run,
    ["vault"] = VaultBench.Run,
    ["relay"] = RelayBench.Run,
    ["relay-baseline"] = BaselineServer.Run,
    ["crash"] = CrashBench.Run,
    ["cluster"] = ClusterBench.Run,
};

if (args.Length == 0 || !verbs.TryGetValue(args[0], out Func<Arguments, int>? verb))
{
    Console.Error.WriteLine(args.Length == 0 ? "error: no verb given" : $"error: there is no verb {args[0]}");
    Console.Error.WriteLine($"hint: one of {string.Join(", ", verbs.Keys)}");
    return 2;
}

try
{
    return verb(Arguments.Parse(args.AsSpan(1)));
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine($"error: {exception.Message}");
    return 2;
}
