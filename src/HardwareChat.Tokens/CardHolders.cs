using System.Diagnostics;

namespace HardwareChat.Tokens;

/// <summary>Who likely has a card that is busy, and what to say about it.</summary>
public static class CardHolders
{
    // Programs that are known to hold a card: GnuPG's daemon first, since it never lets go by itself.
    private static readonly string[] Known =
    [
        "scdaemon", "gpg-agent", "ykman", "ykman-gui", "yubioath-flutter", "yubico-authenticator", "authenticator", "yubico-piv-tool", "yubikey-agent",
        "pkcs11-tool", "opensc-tool", "pivy-agent", "hwchat", "hwchat-tools",
    ];

    /// <summary>The programs among those running now that are known to hold cards: "scdaemon (process 4711)"; <see langword="null"/> if there is none.</summary>
    public static string? Likely()
    {
        string[] found = [.. Known.SelectMany(RunningAs)];
        return found.Length == 0 ? null : string.Join(" or ", found);
    }

    /// <summary>The error for a card that stayed busy.</summary>
    /// <param name="holder">Who likely has it, if anybody comes to mind.</param>
    /// <param name="cause">What the last attempt met.</param>
    public static CardChannelException Busy(string? holder, CardChannelException cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        string hint = holder?.Contains("scdaemon", StringComparison.Ordinal) == true
            ? "Free the token with: gpgconf --kill scdaemon"
            : "End the other program, or wait until it is done. If GnuPG holds it: gpgconf --kill scdaemon";
        return new CardChannelException(CardFault.Busy, $"The token is in use by {holder ?? "another program"}.", hint, cause.Code, cause);
    }

    /// <summary>"hwchat (process 4711)"; <see langword="null"/> if there is no such process.</summary>
    internal static string? Describe(int process)
    {
        if (process == Environment.ProcessId)
            return "this program itself";
        try
        {
            using var running = Process.GetProcessById(process);
            return $"{running.ProcessName} (process {process})";
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return null; // it has ended meanwhile
        }
    }

    private static IEnumerable<string> RunningAs(string name)
    {
        Process[] processes = Process.GetProcessesByName(name);
        try
        {
            return [.. processes.Where(process => process.Id != Environment.ProcessId).Select(process => $"{name} (process {process.Id})")];
        }
        finally
        {
            foreach (Process process in processes)
                process.Dispose();
        }
    }
}

/// <summary>Another process of ours has the card, and its lock file says which.</summary>
internal sealed class CardHeldException(string? holder)
    : CardChannelException(CardFault.Busy, $"The token is in use by {holder ?? "another program"}.", "Wait until it is done.")
{
    /// <summary>Which process; <see langword="null"/> if it cannot be told.</summary>
    public string? Holder { get; } = holder;
}
