using System.Globalization;

namespace HardwareChat.EndToEnd.Tests.Secrets;

/// <summary>All that a process of ours could leave in a dump: every readable page that is its own.</summary>
internal static class ProcessMemory
{
    private const int Piece = 4 * 1024 * 1024;
    private const int Longest = 4096;

    /// <summary>Whether the system lets us look.</summary>
    public static bool CanBeRead(int process)
    {
        try
        {
            using FileStream memory = Open(process);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>How often each secret is there.</summary>
    public static Dictionary<string, int> Count(int process, IReadOnlyList<Planted> secrets)
    {
        var found = secrets.ToDictionary(static secret => secret.Name, static _ => 0);
        byte[] buffer = new byte[Piece + Longest];
        using FileStream memory = Open(process);
        foreach ((long from, long to) in Regions(process))
        {
            for (long at = from; at < to; at += Piece)
            {
                // What begins in this piece may end in the next; what begins there is that one's to count.
                int length = (int)Math.Min(buffer.Length, to - at);
                int read = Read(memory, at, buffer.AsSpan(0, length));
                foreach (Planted secret in secrets)
                {
                    int reach = Math.Min(read, Piece + secret.Forms.Max(static form => form.Length) - 1);
                    found[secret.Name] += secret.CountIn(buffer.AsSpan(0, reach));
                }
            }
        }

        return found;
    }

    private static FileStream Open(int process) => new($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);

    private static int Read(FileStream memory, long at, Span<byte> buffer)
    {
        try
        {
            memory.Position = at;
            return memory.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (IOException)
        {
            // Unmapped since the map was read, or the kernel's own.
            return 0;
        }
    }

    private static IEnumerable<(long From, long To)> Regions(int process)
    {
        foreach (string line in File.ReadLines($"/proc/{process}/maps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            bool isOwn = words[1].StartsWith("rw", StringComparison.Ordinal) && !line.EndsWith("[vvar]", StringComparison.Ordinal);
            string[] ends = words[0].Split('-');
            if (isOwn && long.TryParse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long from)
                && long.TryParse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long to))
            {
                yield return (from, to);
            }
        }
    }
}
