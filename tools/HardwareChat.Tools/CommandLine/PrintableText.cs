using System.Globalization;
using System.Text;

namespace HardwareChat.Tools;

/// <summary>Text from outside (a reader's name, a certificate's subject, a file's name) made safe to print on a terminal.</summary>
internal static class PrintableText
{
    private const int Longest = 200;

    /// <summary>The program's own lines, in which names from outside may stand: as <see cref="Of"/>, but with line feeds and of any length.</summary>
    public static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => Clean(line, int.MaxValue)));

    /// <summary>The text without control, format and private-use characters, which could move the cursor or hide what follows; at most 200 characters.</summary>
    public static string Of(string text) => Clean(text, Longest);

    private static string Clean(string text, int longest)
    {
        var printable = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (printable.Length >= longest)
                return printable.Append('…').ToString();
            bool safe = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            printable.Append(safe ? rune.ToString() : "�");
        }
        return printable.ToString();
    }
}
