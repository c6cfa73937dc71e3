using System.Globalization;
using System.Text;

namespace HardwareChat.Client.Text;

/// <summary>How many cells of a terminal text takes, character by character as people see them (Unicode's grapheme clusters).</summary>
/// <remarks>Of harmless text. Terminals differ about emoji; an error here costs a ragged edge, no more.</remarks>
public static class Cells
{
    // A cluster can be long without end (a row of leading jamo); harmless ones of living languages are far shorter than this.
    private const int ClusterCharacters = 32;

    private const string Ellipsis = "…";

    // East Asian Wide and Fullwidth, and what is an emoji without being asked (Unicode 16, UAX #11 and UTS #51), ascending.
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23EC), (0x23F0, 0x23F0), (0x23F3, 0x23F3), (0x25FD, 0x25FE),
        (0x2614, 0x2615), (0x2630, 0x2637), (0x2648, 0x2653), (0x267F, 0x267F), (0x268A, 0x268F), (0x2693, 0x2693), (0x26A1, 0x26A1),
        (0x26AA, 0x26AB), (0x26BD, 0x26BE), (0x26C4, 0x26C5), (0x26CE, 0x26CE), (0x26D4, 0x26D4), (0x26EA, 0x26EA), (0x26F2, 0x26F3),
        (0x26F5, 0x26F5), (0x26FA, 0x26FA), (0x26FD, 0x26FD), (0x2705, 0x2705), (0x270A, 0x270B), (0x2728, 0x2728), (0x274C, 0x274C),
        (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757), (0x2795, 0x2797), (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2B1B, 0x2B1C),
        (0x2B50, 0x2B50), (0x2B55, 0x2B55), (0x2E80, 0x303E), (0x3041, 0x4DBF), (0x4E00, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF), (0xFE10, 0xFE19), (0xFE30, 0xFE6F), (0xFF01, 0xFF60), (0xFFE0, 0xFFE6), (0x16FE0, 0x18CFF), (0x1AFF0, 0x1B2FF),
        (0x1D300, 0x1D376), (0x1F004, 0x1F004), (0x1F0CF, 0x1F0CF), (0x1F18E, 0x1F18E), (0x1F191, 0x1F19A), (0x1F1E6, 0x1F320),
        (0x1F32D, 0x1F335), (0x1F337, 0x1F37C), (0x1F37E, 0x1F393), (0x1F3A0, 0x1F3CA), (0x1F3CF, 0x1F3D3), (0x1F3E0, 0x1F3F0),
        (0x1F3F4, 0x1F3F4), (0x1F3F8, 0x1F43E), (0x1F440, 0x1F440), (0x1F442, 0x1F4FC), (0x1F4FF, 0x1F53D), (0x1F54B, 0x1F54E),
        (0x1F550, 0x1F567), (0x1F57A, 0x1F57A), (0x1F595, 0x1F596), (0x1F5A4, 0x1F5A4), (0x1F5FB, 0x1F64F), (0x1F680, 0x1F6C5),
        (0x1F6CC, 0x1F6CC), (0x1F6D0, 0x1F6D2), (0x1F6D5, 0x1F6D7), (0x1F6DC, 0x1F6DF), (0x1F6EB, 0x1F6EC), (0x1F6F4, 0x1F6FC),
        (0x1F7E0, 0x1F7EB), (0x1F7F0, 0x1F7F0), (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945), (0x1F947, 0x1F9FF), (0x1FA70, 0x1FAFF),
        (0x20000, 0x3FFFD),
    ];

    /// <summary>UTF-16 length of the first cluster; 0 at the end.</summary>
    public static int NextCluster(ReadOnlySpan<char> text)
    {
        // The framework looks no further than it must, but a cluster may be as long as the text: so it is shown no more than one may have.
        ReadOnlySpan<char> window = text[..Math.Min(text.Length, ClusterCharacters)];
        if (window.Length < text.Length && char.IsHighSurrogate(window[^1]))
            window = window[..^1];
        return StringInfo.GetNextTextElementLength(window);
    }

    /// <summary>Cells of one cluster: 0, 1 or 2.</summary>
    public static int WidthOf(ReadOnlySpan<char> cluster)
    {
        int width = 0;
        foreach (Rune rune in cluster.EnumerateRunes())
        {
            if (rune.Value == 0xFE0F || IsWide(rune.Value))
                return 2;
            if (width == 0 && !Rune.IsControl(rune) && !Characters.IsInvisible(rune) && !IsZero(rune))
                width = 1;
        }
        return width;
    }

    /// <summary>Cells of a line.</summary>
    public static int Width(ReadOnlySpan<char> text)
    {
        int width = 0;
        for (int length; (length = NextCluster(text)) > 0; text = text[length..])
            width += WidthOf(text[..length]);
        return width;
    }

    /// <summary>As much of a line as fits, with … for the rest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not one cell.</exception>
    public static string Truncate(string text, int cells)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cells);
        int width = 0;
        int kept = 0;
        for (int at = 0, length; (length = NextCluster(text.AsSpan(at))) > 0; at += length)
        {
            width += WidthOf(text.AsSpan(at, length));
            if (width > cells)
                return string.Concat(text.AsSpan(0, kept), Ellipsis);
            if (width < cells)
                kept = at + length;
        }
        return text;
    }

    private static bool IsZero(Rune rune)
        => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark || Characters.IsPresentation(rune)
            || rune == Characters.Joiner || rune == Characters.NonJoiner;

    private static bool IsWide(int rune)
    {
        int low = 0;
        int high = Wide.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (rune < Wide[middle].First)
                high = middle - 1;
            else if (rune > Wide[middle].Last)
                low = middle + 1;
            else
                return true;
        }
        return false;
    }
}
