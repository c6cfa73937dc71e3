namespace HardwareChat.Bench.Protocol;

// protocol [--users 10000] [--json]

/// <summary>The costs of the protocol: the channel, then touches, grants and the registry.</summary>
internal static class ProtocolBench
{
    public static int Run(Arguments arguments)
    {
        var report = new Report(arguments.Has("json"));
        foreach (Measurement row in ChannelBench.Rows())
            report.Row(row);
        return RegistryBench.Run(arguments);
    }
}
