using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Text;

// The subset of draft-ietf-mimi-content §7.1's Markdown that a chat needs, a line at a time: fenced code, quotes, lists, headings, and inside of a line
// what MarkdownSpans reads. A line of the source is a line of the result, since people who press Enter mean it. HTML is text. Everything
// is made harmless before it is parsed, so what is not understood is shown as it was written, and harmless too.

/// <summary>Messages as styled lines. Time and memory are linear in the text, whatever it is.</summary>
public static class Markdown
{
    private const int QuoteDepth = 4;
    private const int IndentDepth = 4;
    private const int FenceLength = 3;
    private const int HeadingDepth = 6;
    private const int ItemDigits = 9;

    /// <summary>The lines of a message's text.</summary>
    public static IReadOnlyList<StyledLine> Lines(MessageContent message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Format == TextFormat.Markdown
            ? Lines(message.Text)
            : AsWritten(message.Text);
    }

    /// <summary>The lines of a Markdown text.</summary>
    public static IReadOnlyList<StyledLine> Lines(string markdown)
    {
        var lines = new List<StyledLine>();
        int fence = 0;
        foreach (string line in HarmlessText.Lines(markdown).Split('\n'))
        {
            int ticks = FenceOf(line);
            if (fence == 0 && ticks >= FenceLength)
                fence = ticks;
            else if (fence == 0)
                lines.Add(Block(line));
            else if (ticks >= fence && line.AsSpan().Trim().Length == ticks)
                fence = 0;
            else
                lines.Add(new StyledLine(LineKind.Code, 0, 0, "", [new StyledRun(line, RunStyle.Code)]));
        }
        // A fence around nothing would be a message that is not seen.
        return lines.Count > 0 ? lines : AsWritten(markdown);
    }

    /// <summary>The users that a message mentions, each once.</summary>
    public static IReadOnlyList<Handle> Mentions(MessageContent message)
    {
        var handles = new HashSet<Handle>();
        foreach (StyledRun run in Lines(message).SelectMany(line => line.Runs))
        {
            if (run.Style.HasFlag(RunStyle.Mention) && ContentUri.TryParseUser(run.Target, out Handle handle))
                handles.Add(handle);
        }
        return [.. handles];
    }

    /// <summary>Text that means itself: for names that are put into a Markdown text.</summary>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var escaped = new StringBuilder();
        foreach (char c in text)
        {
            if (char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c)))
                escaped.Append('\\');
            escaped.Append(c);
        }
        return escaped.ToString();
    }

    /// <summary>A mention of a user, as it is written into a Markdown text.</summary>
    public static string Mention(Handle user) => $"[@{Escape(user.ToString())}]({ContentUri.OfUser(user)})";

    /// <summary>Reads any bytes as Markdown, for fuzzing: every run is harmless and has no end of line.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        foreach (StyledLine line in Lines(Encoding.UTF8.GetString(input)))
        {
            foreach (StyledRun run in line.Runs)
            {
                if (run.Text.Any(c => char.IsControl(c)))
                    throw new CryptographicException("A run of text is not harmless.");
            }
            Layout.Wrap(line.Runs, 20);
        }
    }

    private static List<StyledLine> AsWritten(string text)
        => [.. HarmlessText.Lines(text).Split('\n').Select(line => new StyledLine(LineKind.Text, 0, 0, "", [new StyledRun(line)]))];

    private static int FenceOf(string line)
    {
        ReadOnlySpan<char> text = line.AsSpan().TrimStart(' ');
        int ticks = text.IndexOfAnyExcept('`') is var end and >= 0 ? end : text.Length;
        return ticks >= FenceLength && !text[ticks..].Contains('`') ? ticks : 0;
    }

    private static StyledLine Block(string line)
    {
        int at = 0;
        int quote = 0;
        while (quote < QuoteDepth && at < line.Length && line[at] == '>')
        {
            quote++;
            at++;
            if (at < line.Length && line[at] == ' ')
                at++;
        }
        int spaces = line.AsSpan(at).IndexOfAnyExcept(' ') is var first and >= 0 ? first : line.Length - at;
        string text = line[(at + spaces)..];
        if (ItemOf(text) is (string marker, int after))
            return new StyledLine(LineKind.Item, quote, Math.Min(spaces / 2, IndentDepth), marker, MarkdownSpans.Read(text[after..]));
        int hashes = text.AsSpan().IndexOfAnyExcept('#');
        if (hashes is > 0 and <= HeadingDepth && text[hashes] == ' ')
            return new StyledLine(LineKind.Heading, quote, 0, "", MarkdownSpans.Read(text[(hashes + 1)..]));
        return new StyledLine(LineKind.Text, quote, 0, "", MarkdownSpans.Read(line[at..]));
    }

    private static (string Marker, int After)? ItemOf(string text)
    {
        if (text.Length >= 2 && text[0] is '-' or '*' or '+' && text[1] == ' ')
            return ("• ", 2);
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits is > 0 and <= ItemDigits && digits + 1 < text.Length && text[digits] is '.' or ')' && text[digits + 1] == ' ')
            return (string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, digits)}. "), digits + 2);
        return null;
    }
}
