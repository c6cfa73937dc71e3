using HardwareChat.Client.Text;
using HardwareChat.Terminal.Screen;

namespace HardwareChat.Terminal.FullScreen;

/// <summary>The text that is being written: several lines, a cursor, and what was written before.</summary>
internal sealed class Composer
{
    private const int Remembered = 100;

    private readonly List<string> _earlier = [];
    private int _recalled;
    private string _draft = "";

    /// <summary>The text.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Where the cursor stands in it: between two characters as people see them.</summary>
    public int Cursor { get; private set; }

    /// <summary>Replaces the text.</summary>
    public void Set(string text)
    {
        Text = text;
        Cursor = text.Length;
    }

    /// <summary>Takes the text, which is remembered, and leaves an empty line.</summary>
    public string Take()
    {
        string text = Text;
        if (text.Length > 0 && (_earlier.Count == 0 || _earlier[^1] != text))
            _earlier.Add(text);
        if (_earlier.Count > Remembered)
            _earlier.RemoveAt(0);
        _recalled = 0;
        Set("");
        return text;
    }

    /// <summary>Writes at the cursor.</summary>
    public void Insert(string text)
    {
        Text = Text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    /// <summary>Does what an editing key does; false for keys that do not edit.</summary>
    public bool Edit(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Text:
                Insert(key.Text);
                return true;
            case KeyKind.Paste:
                // As it is to be sent: what is invisible or moves cursors is not pasted unseen.
                Insert(HarmlessText.Lines(key.Text));
                return true;
            case KeyKind.NewLine:
                Insert("\n");
                return true;
            case KeyKind.Backspace when Cursor > 0:
                Remove(Before(Cursor), Cursor);
                return true;
            case KeyKind.Delete when Cursor < Text.Length:
                Remove(Cursor, After(Cursor));
                return true;
            case KeyKind.Left or KeyKind.Control when key is { Kind: KeyKind.Left } or { Text: "b" }:
                Cursor = Before(Cursor);
                return true;
            case KeyKind.Right or KeyKind.Control when key is { Kind: KeyKind.Right } or { Text: "f" }:
                Cursor = After(Cursor);
                return true;
            case KeyKind.Home or KeyKind.Control when key is { Kind: KeyKind.Home } or { Text: "a" }:
                Cursor = LineStart;
                return true;
            case KeyKind.End or KeyKind.Control when key is { Kind: KeyKind.End } or { Text: "e" }:
                Cursor = LineEnd;
                return true;
            case KeyKind.Control when key.Text == "u":
                Remove(LineStart, Cursor);
                return true;
            case KeyKind.Control when key.Text == "k":
                Remove(Cursor, LineEnd);
                return true;
            case KeyKind.Control when key.Text == "w":
                Remove(WordStart(), Cursor);
                return true;
            case KeyKind.Up when LineStart > 0:
                Cursor = Math.Min(LineStart - 1, Text.LastIndexOf('\n', Math.Max(0, LineStart - 2)) + 1 + (Cursor - LineStart));
                return true;
            case KeyKind.Down when LineEnd < Text.Length:
                int next = LineEnd + 1;
                int end = Text.IndexOf('\n', next);
                Cursor = Math.Min(end < 0 ? Text.Length : end, next + (Cursor - LineStart));
                return true;
            case KeyKind.Up:
                return Recall(1);
            case KeyKind.Down:
                return Recall(-1);
            default:
                return false;
        }
    }

    /// <summary>The word before the cursor, and where it begins.</summary>
    public (int Start, string Word) WordAtCursor()
    {
        int start = Cursor;
        while (start > 0 && !char.IsWhiteSpace(Text[start - 1]))
            start--;
        return (start, Text[start..Cursor]);
    }

    /// <summary>Puts something in the place of the word before the cursor.</summary>
    public void Complete(string word)
    {
        (int start, _) = WordAtCursor();
        Text = Text[..start] + word + Text[Cursor..];
        Cursor = start + word.Length;
    }

    /// <summary>The text broken to a width, and where in it the cursor stands.</summary>
    public (IReadOnlyList<string> Lines, int X, int Y) Lay(int cells)
    {
        List<string> lines = [];
        int x = 0;
        int y = 0;
        int at = 0;
        foreach (string line in Text.Split('\n'))
        {
            // A cell is left for the cursor behind the last character.
            int start = 0;
            int width = 0;
            for (int i = 0; ;)
            {
                if (at + i == Cursor)
                    (x, y) = (width, lines.Count);
                int length = Client.Text.Cells.NextCluster(line.AsSpan(i));
                if (length == 0)
                    break;
                int wide = Client.Text.Cells.WidthOf(line.AsSpan(i, length));
                if (width + wide >= cells)
                {
                    lines.Add(line[start..i]);
                    start = i;
                    width = 0;
                    if (at + i == Cursor)
                        (x, y) = (0, lines.Count);
                }
                width += wide;
                i += length;
            }
            lines.Add(line[start..]);
            at += line.Length + 1;
        }
        return (lines, x, y);
    }

    private int LineStart => Cursor == 0 ? 0 : Text.LastIndexOf('\n', Cursor - 1) + 1;

    private int LineEnd => Text.IndexOf('\n', Cursor) is >= 0 and var end ? end : Text.Length;

    private int After(int at) => at + Client.Text.Cells.NextCluster(Text.AsSpan(at));

    private int Before(int at)
    {
        int line = at == 0 ? 0 : Text.LastIndexOf('\n', at - 1) + 1;
        if (line == at)
            return Math.Max(0, at - 1);
        int before = line;
        for (int next = line; next < at; next = After(next))
            before = next;
        return before;
    }

    private int WordStart()
    {
        int at = Cursor;
        while (at > 0 && char.IsWhiteSpace(Text[at - 1]))
            at--;
        while (at > 0 && !char.IsWhiteSpace(Text[at - 1]))
            at--;
        return at;
    }

    private void Remove(int from, int to)
    {
        Text = Text.Remove(from, to - from);
        Cursor = from;
    }

    private bool Recall(int steps)
    {
        int recalled = Math.Clamp(_recalled + steps, 0, _earlier.Count);
        if (recalled == _recalled)
            return false;
        if (_recalled == 0)
            _draft = Text;
        _recalled = recalled;
        Set(recalled == 0 ? _draft : _earlier[^recalled]);
        return true;
    }
}
