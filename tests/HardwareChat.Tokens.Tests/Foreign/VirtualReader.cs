using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tokens.Tests.Foreign;

/// <summary>A PC/SC service of our own with a virtual reader, kept off the network in a namespace of its own.</summary>
/// <remarks>
/// pcscd's socket has one fixed place, so one reader runs at a time on a machine: a lock file sees to that. Where something is missing,
/// the tests skip and say what. The service ends with this object, and by the death of this process too: its shell waits for the end of
/// its input, and it is told to die with its shell.
/// </remarks>
public sealed class VirtualReader : IAsyncLifetime
{
    public const string Name = Family + " 00 00";

    private const string Family = "Yubico YubiKey CCID";
    private const string LockPath = "/run/lock/hardwarechat-pcscd.lock";
    private const string ServicePath = "/run/pcscd/pcscd.comm";
    private const string Driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
    private const string Script =
        "ip link set lo up || exit 9; setpriv --pdeathsig KILL pcscd --foreground --config \"$1\" >\"$1/../log\" 2>&1 & p=$!; echo $p; cat >/dev/null; kill $p; wait $p";

    private static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-pcscd-").FullName;
    private FileStream? _lock;
    private Process? _shell;
    private int _pcscd;

    /// <summary>Why there is none; null if there is one.</summary>
    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Missing = FindMissing();
        if (Missing is not null)
            return;
        _lock = await TakeLockAsync();
        if (_lock is null || await IsServedAsync())
        {
            Missing = "another PC/SC service is running";
            return;
        }
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
        }
        _lock?.Dispose();
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
    public async Task<CardInsertion> InsertAsync(SimulatedCard card, bool owned = true)
    {
        var socket = NetworkNamespace.ConnectLoopback(_pcscd, VpcdLink.DefaultPort, Patience);
        var insertion = new CardInsertion(new VpcdLink(socket, card), card, owned);
        try
        {
            await WaitAsync(cardPresent: true);
            return insertion;
        }
        catch
        {
            await insertion.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the service has seen a card come or go: it looks a few times a second only.</summary>
    internal static async Task WaitAsync(bool cardPresent)
    {
        long start = TimeProvider.System.GetTimestamp();
        string expected = cardPresent ? " Yes " : " No ";
        while (true)
        {
            string readers = await ForeignTool.RunAsync("opensc-tool", "--list-readers");
            if (readers.Split('\n').Any(line => line.Contains(Name, StringComparison.Ordinal) && line.Contains(expected, StringComparison.Ordinal)))
                return;
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                throw new TimeoutException($"the service does not see the card come or go:\n{readers}");
        }
    }

    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux())
            return "the virtual reader is for Linux";
        if (!Environment.IsPrivilegedProcess)
            return "a network namespace of one's own wants root";
        string[] programs = ["pcscd", "unshare", "setpriv", "ip", "opensc-tool"];
        return programs.FirstOrDefault(program => ForeignTool.Find(program) is null) is { } program
            ? $"{program} is not installed"
            : File.Exists(Driver) ? null : "vsmartcard-vpcd is not installed";
    }

    private static async Task<FileStream?> TakeLockAsync()
    {
        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < LockPatience)
        {
            try
            {
                return new FileStream(LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
        return null;
    }

    private static async Task<bool> IsServedAsync()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(ServicePath));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task StartAsync()
    {
        Directory.CreateDirectory("/run/pcscd");
        string configuration = Directory.CreateDirectory(Path.Combine(_folder, "readers")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(configuration, "vpcd"),
            $"FRIENDLYNAME \"{Family}\"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH {Driver}\nCHANNELID 0x8C7B\n");
        var start = new ProcessStartInfo("unshare", ["-n", "--", "sh", "-c", Script, "sh", configuration])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _shell = Process.Start(start) ?? throw new InvalidOperationException("unshare did not start");
        string? line = await _shell.StandardOutput.ReadLineAsync();
        if (!int.TryParse(line, CultureInfo.InvariantCulture, out _pcscd))
            throw new InvalidOperationException("the network namespace could not be set up");
        long began = TimeProvider.System.GetTimestamp();
        while (!await IsServedAsync())
        {
            if (_shell.HasExited || TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new InvalidOperationException("pcscd did not start: " + await File.ReadAllTextAsync(Path.Combine(_folder, "log")));
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }
}

/// <summary>The tests that share one PC/SC service.</summary>
[CollectionDefinition(Name)]
public sealed class WithVirtualReader : ICollectionFixture<VirtualReader>
{
    public const string Name = "pcscd";
}
