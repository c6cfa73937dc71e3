using System.Text;
using HardwareChat.Client.Text;

namespace HardwareChat.Client.Attachments;

// A sender's name for a file becomes a name in the receiver's folder, and nothing but a name: the last step of a path, without what any of the three systems
// gives a meaning (separators, streams, wildcards, devices, hidden files, options of commands), without what hides the true
// ending (directions, zero widths, runs of spaces), and short enough for every file system.

/// <summary>Names for files that others named.</summary>
public static class FileName
{
    /// <summary>Bytes of a name in UTF-8, with room left for a number and an ending of ours below the 143 that encrypted folders leave of 255.</summary>
    public const int NameBytes = 120;

    private const int EndingBytes = 16;
    private const int Passes = 6;
    private const string Nameless = "file";

    private static readonly HashSet<string> Devices = new(
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$", .. Ports("COM"), .. Ports("LPT")],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>A harmless name. Made harmless again, it is the same.</summary>
    public static string Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        // What one step takes away can leave a beginning or an end that another step minds: until nothing changes.
        for (int pass = 0; pass < Passes; pass++)
        {
            string next = Once(name);
            if (next == name)
                return name;
            name = next;
        }
        return Nameless;
    }

    private static string Once(string name)
    {
        string last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var kept = new StringBuilder();
        foreach (char c in HarmlessText.Line(last))
            kept.Append(c is '<' or '>' or ':' or '"' or '|' or '?' or '*' or '/' or '\\' or '\u2215' or '\u2044' or '\uFF0F' or '\u29F8' ? '_' : c);
        string trimmed = Shorten(Trim(kept.ToString()));
        if (trimmed.Length == 0)
            return Nameless;
        int dot = trimmed.IndexOf('.', StringComparison.Ordinal);
        return Devices.Contains(trimmed[..(dot < 0 ? trimmed.Length : dot)].TrimEnd()) ? Shorten("_" + trimmed) : trimmed;
    }

    /// <summary>The name with a number before its ending: what a second file of the name is called.</summary>
    public static string Numbered(string name, int number)
    {
        ArgumentNullException.ThrowIfNull(name);
        string ending = EndingOf(name);
        return $"{name[..^ending.Length]} ({number}){ending}";
    }

    /// <summary>Makes any bytes a name, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        string name = Of(Encoding.UTF8.GetString(input));
        if (Of(name) != name || name.Length == 0 || Encoding.UTF8.GetByteCount(name) > NameBytes || Path.GetFileName(name) != name || name is "." or "..")
            throw new InvalidDataException("A name is not harmless.");
    }

    private static IEnumerable<string> Ports(string device) => "0123456789¹²³".Select(number => device + number);

    private static string Trim(string name) => name.TrimStart('.', '-', '~', ' ').TrimEnd('.', ' ');

    // Cut between characters, and before the ending, so that a picture stays a picture.
    private static string Shorten(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= NameBytes)
            return name;
        string ending = EndingOf(name);
        int left = NameBytes - Encoding.UTF8.GetByteCount(ending);
        int end = 0;
        for (int length; end < name.Length - ending.Length && (length = Cells.NextCluster(name.AsSpan(end))) > 0; end += length)
        {
            left -= Encoding.UTF8.GetByteCount(name.AsSpan(end, length));
            if (left < 0)
                break;
        }
        return Trim(name[..Math.Min(end, name.Length - ending.Length)].TrimEnd('.', ' ') + ending);
    }

    private static string EndingOf(string name)
    {
        string ending = Path.GetExtension(name);
        return ending.Length < name.Length && Encoding.UTF8.GetByteCount(ending) <= EndingBytes ? ending : "";
    }
}
