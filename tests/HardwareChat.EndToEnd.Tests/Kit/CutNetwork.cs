using System.Diagnostics;
using System.Globalization;

namespace HardwareChat.EndToEnd;

/// <summary>A network namespace behind a bridge, whose cable can be pulled: packets vanish both ways, and nobody is told. Needs root.</summary>
public sealed class CutNetwork : IAsyncDisposable
{
    private readonly string _bridge = string.Create(CultureInfo.InvariantCulture, $"hwb{Environment.ProcessId}");
    private readonly string _cable = string.Create(CultureInfo.InvariantCulture, $"hwc{Environment.ProcessId}");
    private readonly int _net = 1 + (Environment.ProcessId % 250);

    private CutNetwork()
    {
    }

    /// <summary>Whether namespaces can be made here.</summary>
    public static bool IsPossible => Environment.IsPrivilegedProcess && File.Exists("/usr/sbin/ip");

    /// <summary>The namespace's name.</summary>
    public string Space { get; } = string.Create(CultureInfo.InvariantCulture, $"hwn{Environment.ProcessId}");

    /// <summary>This side's address.</summary>
    public string Here => string.Create(CultureInfo.InvariantCulture, $"10.213.{_net}.1");

    /// <summary>The namespace's address.</summary>
    public string There => string.Create(CultureInfo.InvariantCulture, $"10.213.{_net}.2");

    /// <summary>A network whose cable is in.</summary>
    public static async Task<CutNetwork> CreateAsync()
    {
        var network = new CutNetwork();
        try
        {
            await IpAsync($"link add {network._bridge} type bridge");
            await IpAsync($"addr add {network.Here}/24 dev {network._bridge}");
            await IpAsync($"link set {network._bridge} up");
            await IpAsync($"netns add {network.Space}");
            await IpAsync($"link add {network._cable} type veth peer name eth0 netns {network.Space}");
            await IpAsync($"link set {network._cable} master {network._bridge} up");
            await IpAsync($"-n {network.Space} addr add {network.There}/24 dev eth0");
            await IpAsync($"-n {network.Space} link set eth0 up");
            await IpAsync($"-n {network.Space} link set lo up");
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Pulls the cable.</summary>
    public Task CutAsync() => IpAsync($"link set {_cable} nomaster");

    /// <summary>Puts it in again.</summary>
    public Task JoinAsync() => IpAsync($"link set {_cable} master {_bridge}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (string what in (string[])[$"netns del {Space}", $"link del {_bridge}"])
        {
            using Process ip = Start(what);
            await ip.WaitForExitAsync();
        }
    }

    private static async Task IpAsync(string arguments)
    {
        using Process ip = Start(arguments);
        string error = await ip.StandardError.ReadToEndAsync();
        await ip.WaitForExitAsync();
        if (ip.ExitCode != 0)
            throw new InvalidOperationException($"ip {arguments}: {error.Trim()}");
    }

    private static Process Start(string arguments) => Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
}
