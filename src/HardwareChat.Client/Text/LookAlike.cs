using System.Globalization;
using System.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Text;

// Handles are ASCII, and the registry keeps look-alikes apart. Titles and file names are anybody's text, and can be made to look like a handle, like each
// other, or like what a face writes. The table holds letters that common fonts draw as a Latin one; it is no copy of Unicode's and not whole: what
// it misses, the mixture of scripts in one word mostly shows.

/// <summary>Names that look alike.</summary>
public static class LookAlike
{
    private const string Foreign =
        "аеорсухіјѕԁһԛԝӏвкмнтгьԍ" // Cyrillic
        + "αορνικτυχγηω" // Greek
        + "օոսհցզ" // Armenian
        + "ıɑɡɩʟꞵ" // Latin that is not ASCII
        + "∕⁄∣⏐ǀ٠۰߀ഠ";

    private const string Latin =
        "aeopcyxijsdhqwlbkmhtrbg"
        + "aopviktuxynw"
        + "onuhgq"
        + "iagilb"
        + "//lllooo" + "o";

    private static readonly Dictionary<char, char> Letters = Foreign.Zip(Latin).ToDictionary(pair => pair.First, pair => pair.Second);

    /// <summary>What a name looks like: names with one skeleton are look-alikes, and a name with a handle's skeleton looks like the handle.</summary>
    public static string Skeleton(string name)
    {
        var letters = new StringBuilder();
        foreach (Rune rune in HarmlessText.Line(name).EnumerateRunes())
        {
            if (Characters.IsMark(rune) || rune == Characters.DottedCircle || Characters.IsSpace(rune))
                continue;
            Rune lower = Rune.ToLowerInvariant(Plain(rune));
            letters.Append(lower.IsBmp && Letters.TryGetValue((char)lower.Value, out char latin) ? latin.ToString() : lower.ToString());
        }
        return Handle.SkeletonOf(letters.ToString());
    }

    /// <summary>Whether a name looks like a handle that it does not belong to.</summary>
    public static bool Imitates(string name, Handle handle) => Skeleton(name) == handle.Skeleton;

    /// <summary>Whether a word of the name has letters of two scripts that people do not mix, such as Latin and Cyrillic.</summary>
    public static bool MixesScripts(string name)
    {
        foreach (string word in HarmlessText.Line(name).Split(' '))
        {
            Script seen = Script.None;
            foreach (Rune rune in word.EnumerateRunes())
                seen |= ScriptOf(rune);
            if ((seen & (seen - 1)) != 0)
                return true;
        }
        return false;
    }

    // Full-width letters, and the bold, italic, script, Fraktur, double-struck and monospaced letters and digits of mathematics: whole alphabets in
    // rows of 52, then five rows of digits.
    private static Rune Plain(Rune rune) => rune.Value switch
    {
        >= 0xFF01 and <= 0xFF5E => new Rune(rune.Value - 0xFF01 + '!'),
        >= 0x1D400 and <= 0x1D6A3 => MathematicalLetter((rune.Value - 0x1D400) % 52),
        >= 0x1D7CE and <= 0x1D7FF => new Rune('0' + ((rune.Value - 0x1D7CE) % 10)),
        >= 0x24B6 and <= 0x24CF => new Rune('a' + rune.Value - 0x24B6),
        >= 0x24D0 and <= 0x24E9 => new Rune('a' + rune.Value - 0x24D0),
        _ => rune,
    };

    private static Rune MathematicalLetter(int letter) => new(letter < 26 ? 'A' + letter : 'a' + letter - 26);

    private static Script ScriptOf(Rune rune)
        => !Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.ModifierLetter ? Script.None : rune.Value switch
        {
            < 0x0250 or (>= 0x1E00 and <= 0x1EFF) => Script.Latin,
            (>= 0x0370 and <= 0x03FF) or (>= 0x1F00 and <= 0x1FFF) => Script.Greek,
            (>= 0x0400 and <= 0x052F) or (>= 0x1C80 and <= 0x1C8F) or (>= 0x2DE0 and <= 0x2DFF) or (>= 0xA640 and <= 0xA69F) => Script.Cyrillic,
            >= 0x0530 and <= 0x058F => Script.Armenian,
            (>= 0x13A0 and <= 0x13FF) or (>= 0xAB70 and <= 0xABBF) => Script.Cherokee,
            _ => Script.None,
        };

    [Flags]
    private enum Script
    {
        None = 0,
        Latin = 1,
        Greek = 2,
        Cyrillic = 4,
        Armenian = 8,
        Cherokee = 16,
    }
}
