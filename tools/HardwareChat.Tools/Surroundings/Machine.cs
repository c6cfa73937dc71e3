using System.Diagnostics;

namespace HardwareChat.Tools;

/// <summary>What of this machine bears on whether a token can be reached.</summary>
internal static class Machine
{
    private const string YubicoVendor = "1050";

    /// <summary>Windows Subsystem for Linux: it sees no USB device unless one was attached to it.</summary>
    public static bool IsWsl => OperatingSystem.IsLinux() && Environment.OSVersion.VersionString.Contains("microsoft", StringComparison.OrdinalIgnoreCase)
        || Environment.GetEnvironmentVariable("WSL_DISTRO_NAME") is { Length: > 0 };

    /// <summary>A session over SSH: nothing of the token is forwarded, and polkit counts it as not local.</summary>
    public static bool IsSsh => Environment.GetEnvironmentVariable("SSH_CONNECTION") is { Length: > 0 };

    /// <summary>A container: the token and the service's socket are there only if they were passed in.</summary>
    public static bool IsContainer => File.Exists("/.dockerenv") || File.Exists("/run/.containerenv");

    /// <summary>How many YubiKeys the USB bus of a Linux machine shows; null where it does not tell.</summary>
    public static int? YubiKeysOnUsb()
    {
        const string devices = "/sys/bus/usb/devices";
        if (!OperatingSystem.IsLinux() || !Directory.Exists(devices))
            return null;
        return Directory.EnumerateDirectories(devices).Count(device =>
        {
            string vendor = Path.Combine(device, "idVendor");
            return File.Exists(vendor) && File.ReadAllText(vendor).Trim() == YubicoVendor;
        });
    }

    /// <summary>Whether gpg's smart-card daemon is told to leave the readers to pcscd; null where gpg keeps no such file.</summary>
    public static bool? GpgLeavesReaders()
    {
        string home = Environment.GetEnvironmentVariable("GNUPGHOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".gnupg");
        string file = Path.Combine(home, "scdaemon.conf");
        if (!Directory.Exists(home))
            return null;
        return File.Exists(file) && File.ReadLines(file).Any(line => line.Trim() == "disable-ccid");
    }

    /// <summary>The process of GnuPG's smart-card daemon, which keeps a token it has used; null if it does not run.</summary>
    public static int? SmartCardDaemon()
    {
        Process[] daemons = Process.GetProcessesByName("scdaemon");
        try
        {
            return daemons.Length > 0 ? daemons[0].Id : null;
        }
        finally
        {
            foreach (Process daemon in daemons)
                daemon.Dispose();
        }
    }

    /// <summary>The polkit rule that lets this user reach pcscd from where polkit sees no local session.</summary>
    public static string PolkitRule(string user) => $$"""
        // /etc/polkit-1/rules.d/50-hardwarechat-pcscd.rules
        polkit.addRule(function(action, subject) {
          if ((action.id == "org.debian.pcsc-lite.access_pcsc" || action.id == "org.debian.pcsc-lite.access_card") && subject.user == "{{user}}") {
            return polkit.Result.YES;
          }
        });
        """;
}
