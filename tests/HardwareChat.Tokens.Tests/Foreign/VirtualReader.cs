using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tokens.Tests.Foreign;

/// <summary>A PC/SC service of our own with a virtual reader of two slots.</summary>
/// <remarks>
/// It runs in a network namespace of its own, since its port is open to every network, and in a mount namespace of its own, since its socket has
/// one fixed place: so it meets neither a service of the machine nor that of another test run. This process and what it starts find it by
/// PCSCLITE_CSOCK_NAME. Where something is missing, the tests skip and say what. The service ends with this object, and by the death of this
/// process too: its shell waits for the end of its input, and it is told to die with its shell.
/// </remarks>
public sealed partial class VirtualReader : IAsyncLifetime
{
    /// <summary>The reader's first slot.</summary>
    public const string Name = Family + " 00 00";

    /// <summary>The reader's second slot.</summary>
    public const string SecondName = Family + " 00 01";

    private const string Family = "Yubico YubiKey CCID";
    private const string SocketVariable = "PCSCLITE_CSOCK_NAME";
    private const string Driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
    private const string Script =
        "mkdir -p /run/pcscd && mount --bind \"$2\" /run/pcscd && ip link set lo up || exit 9; "
        + "setpriv --pdeathsig KILL pcscd --foreground --config \"$1\" >\"$1/../log\" 2>&1 & p=$!; echo $p; cat >/dev/null; kill $p; wait $p";

    private const int Insertions = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string SocketFolder = Path.Combine(Path.GetTempPath(), $"hwchat-pcscd-{Environment.ProcessId}");

    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-pcscd-").FullName;
    private Process? _shell;

    /// <summary>Where the service listens.</summary>
    public static string ServiceSocket { get; } = Path.Combine(SocketFolder, "pcscd.comm");

    /// <summary>Why there is none; null if there is one.</summary>
    public string? Missing { get; private set; }

    /// <summary>The service's process, in whose network namespace the reader listens.</summary>
    public int ServiceProcess { get; private set; }

    // The library reads the variable once, from the process's own environment: before any test has used it, and not by way of the copy that the runtime keeps.
    [ModuleInitializer]
    internal static void NameSocket()
    {
        Environment.SetEnvironmentVariable(SocketVariable, ServiceSocket);
        if (OperatingSystem.IsLinux())
            _ = SetEnvironment(SocketVariable, ServiceSocket, 1);
    }

    public async ValueTask InitializeAsync()
    {
        Missing = FindMissing();
        if (Missing is null)
            await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_shell is not null)
        {
            _shell.StandardInput.Close();
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await _shell.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _shell.Kill(entireProcessTree: true);
            }
            _shell.Dispose();
            Directory.Delete(SocketFolder, recursive: true);
        }
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Skips the test, with the reason, where the reader or one of these programs or files is missing.</summary>
    public void Require(params IEnumerable<string> needs)
    {
        if (Missing is not null)
            Assert.Skip(Missing);
        foreach (string need in needs)
        {
            if (!(Path.IsPathRooted(need) ? File.Exists(need) : ForeignTool.Find(need) is not null))
                Assert.Skip($"{need} is not installed");
        }
    }

    /// <summary>Puts the card into the reader; disposing the insertion pulls it out.</summary>
    /// <remarks>vpcd sometimes takes a connection and sees no card behind it, most often right after another card was pulled out. So the card is put in again then.</remarks>
    public async Task<CardInsertion> InsertAsync(SimulatedCard card, bool owned = true)
    {
        for (int attempt = 1; ; attempt++)
        {
            var socket = NetworkNamespace.ConnectLoopback(ServiceProcess, VpcdLink.DefaultPort, Patience);
            var insertion = new CardInsertion(new VpcdLink(socket, card), card, owned);
            try
            {
                await WaitAsync(cardPresent: true, patience: Patience / Insertions);
                return insertion;
            }
            catch (TimeoutException) when (attempt < Insertions)
            {
                await insertion.PullAsync();
            }
            catch
            {
                await insertion.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Waits until the service has seen a card come or go: it looks a few times a second only.</summary>
    internal static async Task WaitAsync(bool cardPresent, string name = Name, TimeSpan? patience = null)
    {
        long start = TimeProvider.System.GetTimestamp();
        string expected = cardPresent ? " Yes " : " No ";
        while (true)
        {
            string readers = await ForeignTool.RunAsync("opensc-tool", "--list-readers");
            if (readers.Split('\n').Any(line => line.Contains(name, StringComparison.Ordinal) && line.Contains(expected, StringComparison.Ordinal)))
                return;
            if (TimeProvider.System.GetElapsedTime(start) > (patience ?? Patience))
                throw new TimeoutException($"the service does not see the card come or go:\n{readers}");
        }
    }

    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux())
            return "the virtual reader is for Linux";
        if (!Environment.IsPrivilegedProcess)
            return "namespaces of one's own want root";
        string[] programs = ["pcscd", "unshare", "setpriv", "ip", "mount", "opensc-tool"];
        return programs.FirstOrDefault(program => ForeignTool.Find(program) is null) is { } program
            ? $"{program} is not installed"
            : File.Exists(Driver) ? null : "vsmartcard-vpcd is not installed";
    }

    private static async Task<bool> IsServedAsync()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(ServiceSocket));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task StartAsync()
    {
        Directory.CreateDirectory(SocketFolder);
        string configuration = Directory.CreateDirectory(Path.Combine(_folder, "readers")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(configuration, "vpcd"),
            $"FRIENDLYNAME \"{Family}\"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH {Driver}\nCHANNELID 0x8C7B\n");
        var start = new ProcessStartInfo("unshare", ["-mn", "--", "sh", "-c", Script, "sh", configuration, SocketFolder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _shell = Process.Start(start) ?? throw new InvalidOperationException("unshare did not start");
        string? line = await _shell.StandardOutput.ReadLineAsync();
        if (!int.TryParse(line, CultureInfo.InvariantCulture, out int service))
            throw new InvalidOperationException("the namespaces could not be set up");
        ServiceProcess = service;
        long began = TimeProvider.System.GetTimestamp();
        while (!await IsServedAsync())
        {
            if (_shell.HasExited || TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new InvalidOperationException("pcscd did not start: " + await File.ReadAllTextAsync(Path.Combine(_folder, "log")));
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}

/// <summary>The tests that share one PC/SC service.</summary>
[CollectionDefinition(Name)]
public sealed class WithVirtualReader : ICollectionFixture<VirtualReader>
{
    public const string Name = "pcscd";
}
