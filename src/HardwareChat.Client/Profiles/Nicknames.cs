using System.Diagnostics;
using System.Globalization;

namespace HardwareChat.Client;

// A person tells tokens apart by what they call them, not by eight digits. One line a token: SERIAL NICKNAME.

/// <summary>The names that this user has given to tokens, by serial number.</summary>
public static class Nicknames
{
    private const int LargestFile = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>$XDG_CONFIG_HOME/hwchat/token-names; else ~/.config/hwchat/token-names.</summary>
    private static string File
    {
        get
        {
            string configuration = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } given && Path.IsPathFullyQualified(given)
                ? given
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".config");
            return Path.Combine(configuration, "hwchat", "token-names");
        }
    }

    /// <summary>Whether there is a home directory to keep names in.</summary>
    public static bool HavePlace => Path.IsPathFullyQualified(File);

    /// <summary>All of them. A line that is none is passed over: names are a convenience, and no verb fails for want of one.</summary>
    public static IReadOnlyList<(uint Serial, string Name)> All()
    {
        try
        {
            return HavePlace && new FileInfo(File) is { Exists: true, Length: <= LargestFile }
                ? [.. System.IO.File.ReadLines(File).Select(Read).OfType<(uint, string)>()]
                : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The name of the token with this serial number, or null.</summary>
    public static string? Of(uint? serial) => All().Where(known => known.Serial == serial).Select(known => known.Name).FirstOrDefault();

    /// <summary>The token of this name, or null.</summary>
    public static uint? SerialOf(string name) => All().Where(known => known.Name == name).Select(known => (uint?)known.Serial).FirstOrDefault();

    /// <summary>Gives the token this name, in place of any other; null takes its name away.</summary>
    /// <returns>False if another token has the name: nothing is changed.</returns>
    /// <exception cref="IOException">They cannot be written, or another process is changing them.</exception>
    public static bool TrySet(uint serial, string? name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        using FileStream claim = Claim();
        var known = All().Where(other => other.Serial != serial).ToList();
        if (name is not null && known.Exists(other => other.Name == name))
            return false;
        if (name is not null)
            known.Add((serial, name));
        // Written beside it and renamed, so that there is always one whole file.
        System.IO.File.WriteAllLines(File + ".new", known.OrderBy(other => other.Serial).Select(other => $"{other.Serial} {other.Name}"));
        System.IO.File.Move(File + ".new", File, overwrite: true);
        return true;
    }

    private static (uint, string)? Read(string line)
    {
        string[] words = line.Split(' ', 2);
        return words.Length == 2 && uint.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint serial) && TokenChoice.IsName(words[1])
            ? (serial, words[1])
            : null;
    }

    // Whoever changes names is done in a moment.
    private static FileStream Claim()
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(File + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(start) < Patience)
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
