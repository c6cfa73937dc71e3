using System.Text;

namespace HardwareChat.Client;

// A word is a run of letters, digits and combining marks, in small letters. Characters that are written without spaces (ideographs, kana, Hangul
// are not told apart from letters by spaces alone) are each a word, and so is each pair of neighbours, so that a query of several finds them together.
// Accents are not folded: the platform's decomposition is not there under invariant globalization.

/// <summary>Cuts a text into the words under which it is found.</summary>
internal static class SearchTerms
{
    /// <summary>Longer words are found by their first so many characters.</summary>
    public const int MaxLength = 64;

    /// <summary>What a text has beyond so many words is not found: a bound on what one message can cost.</summary>
    public const int MaxWords = 16_384;

    public delegate void TermSink(ReadOnlySpan<char> term);

    /// <summary>Gives each word of the text, possibly more than once.</summary>
    public static void Cut(ReadOnlySpan<char> text, TermSink sink)
    {
        Span<char> word = stackalloc char[MaxLength];
        Span<char> dense = stackalloc char[4];
        int length = 0;
        int denseLength = 0;
        int words = 0;
        while (!text.IsEmpty && words < MaxWords)
        {
            Rune.DecodeFromUtf16(text, out Rune rune, out int consumed);
            text = text[consumed..];
            bool isDense = IsDense(rune);
            if (!isDense && IsWordPart(rune))
            {
                Rune small = Rune.ToLowerInvariant(rune);
                if (length + small.Utf16SequenceLength <= MaxLength)
                    length += small.EncodeToUtf16(word[length..]);
                denseLength = 0;
                continue;
            }

            if (length > 0)
            {
                sink(word[..length]);
                words++;
                length = 0;
            }

            if (!isDense)
            {
                denseLength = 0;
                continue;
            }

            int size = rune.EncodeToUtf16(dense[denseLength..]);
            sink(dense.Slice(denseLength, size));
            if (denseLength > 0)
                sink(dense[..(denseLength + size)]);
            dense.Slice(denseLength, size).CopyTo(dense);
            denseLength = size;
            words += 2;
        }

        if (length > 0)
            sink(word[..length]);
    }

    /// <summary>The distinct words of a text.</summary>
    public static HashSet<string> Distinct(string text)
    {
        HashSet<string> terms = new(StringComparer.Ordinal);
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup = terms.GetAlternateLookup<ReadOnlySpan<char>>();
        Cut(text, term => lookup.Add(term));
        return terms;
    }

    private static bool IsWordPart(Rune rune) => rune.IsAscii
        ? Rune.IsLetterOrDigit(rune)
        : Rune.GetUnicodeCategory(rune) is <= System.Globalization.UnicodeCategory.DecimalDigitNumber or System.Globalization.UnicodeCategory.LetterNumber;

    private static bool IsDense(Rune rune) => rune.Value is (>= 0x3041 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
