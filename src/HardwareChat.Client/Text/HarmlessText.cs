using System.Security.Cryptography;
using System.Text;

namespace HardwareChat.Client.Text;

// What others wrote, made so that it can only be read: no character of the result moves a cursor, turns the direction of what stands beside it,
// hides, or grows out of its line. What was a control is shown as its picture, so that an attack is seen and not only prevented; what
// is invisible by nature is dropped. The result is stable: made harmless again, it is the same.

/// <summary>Hostile text made harmless.</summary>
public static class HarmlessText
{
    /// <summary>Marks on one character: enough for every living language, too few to climb into the lines above.</summary>
    public const int Marks = 4;

    /// <summary>Joiners in one character: the longest family has three.</summary>
    public const int Joiners = 6;

    private const string Tab = "    ";
    private const int ControlPictures = 0x2400;
    private const int DeletePicture = 0x2421;

    /// <summary>Text of several lines, ended by \n and nothing else.</summary>
    public static string Lines(string text) => Clean(text, "\n");

    /// <summary>Text of one line, for names and titles: ends of lines are spaces, runs of spaces are one, none at the ends.</summary>
    public static string Line(string text)
    {
        var line = new StringBuilder();
        foreach (char c in Clean(text, " "))
        {
            if (c != ' ' || (line.Length > 0 && line[^1] != ' '))
                line.Append(c);
        }
        if (line.Length > 0 && line[^1] == ' ')
            line.Length--;
        return line.ToString();
    }

    /// <summary>Text of one line and at most so many cells, with … for what is left out.</summary>
    public static string Line(string text, int cells) => Cells.Truncate(Line(text), cells);

    /// <summary>Makes any bytes harmless, for fuzzing, and sees that they are.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        // Both what a decoder of UTF-8 makes of broken bytes, and broken UTF-16.
        foreach (string text in (string[])[Encoding.UTF8.GetString(input), Encoding.Unicode.GetString(input)])
        {
            string lines = Lines(text);
            if (Lines(lines) != lines || Line(Line(text)) != Line(text))
                throw new CryptographicException("Text is not harmless at once.");
            foreach (Rune rune in lines.EnumerateRunes())
            {
                if ((Rune.IsControl(rune) && rune.Value != '\n') || Characters.IsInvisible(rune))
                    throw new CryptographicException("Text is not harmless.");
            }
        }
    }

    private static string Clean(string text, string lineEnd)
    {
        ArgumentNullException.ThrowIfNull(text);
        var output = new CleanText(lineEnd);
        for (int at = 0; at < text.Length;)
        {
            // A surrogate without its other half reads as U+FFFD.
            Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out int length);
            at += length;
            if (rune.Value == '\r' && at < text.Length && text[at] == '\n')
                continue;
            output.Add(rune);
        }
        return output.ToString();
    }

    private sealed class CleanText(string lineEnd)
    {
        private readonly StringBuilder _text = new();
        private Rune? _last;
        private Rune? _joiner;
        private int _marks;
        private int _joiners;

        public override string ToString() => _text.ToString();

        public void Add(Rune rune)
        {
            if (rune == Characters.Joiner || rune == Characters.NonJoiner)
                _joiner ??= rune;
            else if (Characters.IsLineEnd(rune))
                Break(lineEnd, lineEnd == "\n" ? null : new Rune(' '));
            else if (rune.Value == '\t')
                Break(Tab, new Rune(' '));
            else if (Rune.IsControl(rune))
                Put(Picture(rune));
            else if (Characters.IsInvisible(rune))
                return;
            else if (Characters.IsNone(rune))
                Put(Characters.Replacement);
            else if (Characters.IsSpace(rune))
                Put(new Rune(' '));
            else if (Characters.IsPresentation(rune))
                Present(rune);
            else if (Characters.IsMark(rune))
                Mark(rune);
            else
                Put(rune);
        }

        private static Rune Picture(Rune control) => control.Value switch
        {
            < 0x20 => new Rune(ControlPictures + control.Value),
            0x7F => new Rune(DeletePicture),
            _ => Characters.Replacement,
        };

        private void Break(string with, Rune? last)
        {
            _joiner = null;
            _text.Append(with);
            _last = last;
            _marks = 0;
            _joiners = 0;
        }

        private void Put(Rune rune)
        {
            if (_joiner is { } joiner && _last is { } before && Characters.Joins(before) && Characters.Joins(rune) && _joiners < Joiners)
            {
                _text.Append(joiner.ToString());
                _joiners++;
            }
            else
            {
                _joiners = 0;
            }
            _joiner = null;
            _text.Append(rune.ToString());
            _last = rune;
            _marks = 0;
        }

        private void Present(Rune selector)
        {
            if (_joiner is not null || _last is not { } before || !Characters.HasPresentation(before))
                return;
            _text.Append(selector.ToString());
            _last = selector;
        }

        // A mark with nothing before it, or a space that may be taken away, would climb onto what a face wrote there.
        private void Mark(Rune mark)
        {
            if (_last is not { } before || before.Value == ' ')
                Put(Characters.DottedCircle);
            if (_marks == Marks)
                return;
            _joiner = null;
            _marks++;
            _text.Append(mark.ToString());
            _last = mark;
        }
    }
}
