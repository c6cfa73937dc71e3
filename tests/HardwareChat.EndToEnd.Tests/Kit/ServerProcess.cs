using System.Diagnostics;
using System.Globalization;

namespace HardwareChat.EndToEnd;

/// <summary>A server in a process of its own, which prints the address where it listens.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _output;

    private ServerProcess(Process process, Uri address, TimeSpan startup, Task output)
    {
        _process = process;
        Address = address;
        Startup = startup;
        _output = output;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>From its start to the line that said so.</summary>
    public TimeSpan Startup { get; }

    /// <summary>Processor time of all its threads until now.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory that it has.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Whether it still runs.</summary>
    public bool IsAlive => !_process.HasExited;

    /// <summary>The relay, on this data folder and a free port.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="settings">Further keys of the configuration, as <c>Limits:Connections</c>.</param>
    public static Task<ServerProcess> StartRelayAsync(string folder, params IEnumerable<(string Key, string Value)> settings)
        => StartRelayAsync(null, folder, "127.0.0.1", settings);

    /// <summary>The relay in a network namespace; null for the one of this process.</summary>
    public static Task<ServerProcess> StartRelayAsync(string? space, string folder, string address, IEnumerable<(string Key, string Value)> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        string[] command = ["dotnet", Path.Combine(AppContext.BaseDirectory, "hwchat-relay.dll"), "--listen", $"{address}:0", "--data", folder];
        if (space is not null)
            command = ["ip", "netns", "exec", space, .. command];
        var start = new ProcessStartInfo(command[0], command[1..]);
        foreach ((string key, string value) in settings)
            start.Environment["HWCHAT_RELAY_" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        return StartAsync(start);
    }

    /// <summary>A server that prints <c>listening ADDRESS</c> once it does.</summary>
    public static async Task<ServerProcess> StartAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.UseShellExecute = false;
        long begin = Stopwatch.GetTimestamp();
        Process process = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        using var limit = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is not ["listening", string address])
                continue;
            TimeSpan startup = Stopwatch.GetElapsedTime(begin);
            return new ServerProcess(process, new Uri(address), startup, process.StandardOutput.ReadToEndAsync(CancellationToken.None));
        }
        await process.WaitForExitAsync(limit.Token);
        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The server ended with code {process.ExitCode} before it listened."));
    }

    /// <summary>Ends it as kill -9 does; complete when it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _output;
    }

    /// <summary>Asks it to stop, as a service manager does; returns its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        await _output;
        return _process.ExitCode;
    }

    /// <summary>Stops all its threads where they are, or lets them go on.</summary>
    public Task FreezeAsync(bool frozen) => SignalAsync(frozen ? "STOP" : "CONT");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (IsAlive)
            await KillAsync();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
