using System.Globalization;
using System.Text;

namespace HardwareChat.Client.Text;

/// <summary>What a terminal, or an eye, could be deceived with, character by character.</summary>
internal static class Characters
{
    public static readonly Rune Replacement = Rune.ReplacementChar;
    public static readonly Rune DottedCircle = new(0x25CC);
    public static readonly Rune Joiner = new(0x200D);
    public static readonly Rune NonJoiner = new(0x200C);

    /// <summary>Invisible, and dropped wherever it stands: directions, zero widths, tags, fillers, annotations. Joiners and variation selectors are looked at apart.</summary>
    public static bool IsInvisible(Rune rune) => rune.Value switch
    {
        0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0 => true,
        >= 0x180B and <= 0x180F => true,
        >= 0xFE00 and <= 0xFE0D => true,
        >= 0xE0000 and <= 0xE0FFF => true,
        0x200C or 0x200D => false,
        _ => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format,
    };

    /// <summary>No character: a surrogate's place, a non-character, or one whose picture is a private matter of fonts.</summary>
    public static bool IsNone(Rune rune)
        => (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF || Rune.GetUnicodeCategory(rune) == UnicodeCategory.PrivateUse;

    /// <summary>Ends a line, in some program or other.</summary>
    public static bool IsLineEnd(Rune rune) => rune.Value is '\n' or '\r' or '\v' or '\f' or 0x85 or 0x2028 or 0x2029;

    /// <summary>Looks like a space.</summary>
    public static bool IsSpace(Rune rune) => rune.Value == 0x2800 || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator;

    /// <summary>Combines with what stands before it.</summary>
    public static bool IsMark(Rune rune)
        => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark;

    /// <summary>U+FE0E or U+FE0F: text or emoji.</summary>
    public static bool IsPresentation(Rune rune) => rune.Value is 0xFE0E or 0xFE0F;

    /// <summary>May have a presentation: an emoji, or the digit of a keycap.</summary>
    public static bool HasPresentation(Rune rune) => IsEmoji(rune) || rune.Value is '#' or '*' or (>= '0' and <= '9') or 0xA9 or 0xAE or 0x203C or 0x2049;

    /// <summary>May stand beside a joiner: an emoji, or a letter or mark of the scripts that join.</summary>
    public static bool Joins(Rune rune)
        => IsEmoji(rune) || IsPresentation(rune) || (rune.Value is >= 0x0600 and <= 0x1CFF && (Rune.IsLetter(rune) || IsMark(rune)));

    private static bool IsEmoji(Rune rune)
        => rune.Value >= 0x2100 && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.MathSymbol;
}
