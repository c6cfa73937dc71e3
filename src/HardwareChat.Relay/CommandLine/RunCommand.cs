using System.CommandLine;
using System.Reflection;

namespace HardwareChat.Relay;

/// <summary><c>hwchat-relay</c> itself: runs until it is asked to stop.</summary>
internal static class RunCommand
{
    /// <summary>Makes the root command run a relay.</summary>
    public static void AddTo(RootCommand root)
    {
        var flags = new RelayFlags();
        flags.AddTo(root);
        root.SetAction((parsed, cancel) => RunAsync(flags.Read(parsed), cancel));
    }

    private static async Task<int> RunAsync(RelayOptions options, CancellationToken cancel)
    {
        PrepareFolder(options.Data);
        IRelayStore store = await RelayStores.OpenAsync(options);
        await using var relay = RelayApplication.Build(options, store, builder => RelayTelemetry.Add(builder, options));
        await relay.StartAsync(cancel);
        Greet(relay);
        await relay.WaitForShutdownAsync(cancel);
        Console.Error.WriteLine("stopping: clients are told to come back, and what is under way is finished");
        await relay.StopAsync(CancellationToken.None);
        return 0;
    }

    // The folder holds the identity and everybody's ciphertext: it is the owner's alone.
    private static void PrepareFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void Greet(RelayApplication relay)
    {
        string version = typeof(RunCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        Console.WriteLine($"hwchat-relay {version}");
        Console.WriteLine($"  fingerprint  {relay.Identity.Id}");
        Console.WriteLine($"  listening    {relay.Address}");
        Console.WriteLine($"  data         {Path.GetFullPath(relay.Options.Data)}");
        if (relay.SetupLink is not { } link)
            return;
        Console.WriteLine($"""

            There is no community yet. The founder types, with a token in the reader:

              hwchat-tools token init --slot 9A --slot 9D --slot 9C
              hwchat-tools registry init '{link}' --handle YOUR-NAME --roots roots.pem
              hwchat-tools invite SOMEBODY --days 7

            The link is good until this relay stops or the registry is founded. Whoever has it can found the community: hand it to nobody else.
            With a simulated token, to try things, --allow-simulated stands in place of --roots.
            """);
    }
}
