using System.Globalization;
using System.Text;

namespace HardwareChat.Terminal.Screen;

/// <summary>What has to be written to a terminal so that it shows another canvas: of each row no more than what differs.</summary>
internal sealed class CanvasWriter(bool hasColour)
{
    private readonly StringBuilder _text = new();
    private Canvas? _shown;
    private Ink? _ink;

    /// <summary>Forgets what the terminal shows: the next canvas is written whole.</summary>
    public void Forget() => _shown = null;

    /// <summary>The escape sequences and text that bring the terminal to this canvas; empty if it shows it.</summary>
    public string Write(Canvas canvas)
    {
        _text.Clear();
        _ink = null;
        bool isWhole = _shown is null || _shown.Width != canvas.Width || _shown.Height != canvas.Height;
        if (isWhole)
            _text.Append("\e[0m\e[2J");
        for (int y = 0; y < canvas.Height; y++)
            WriteRow(canvas.Row(y), isWhole ? default : _shown!.Row(y), y);
        bool isSame = _text.Length == 0 && canvas.Cursor == _shown?.Cursor;
        _shown = canvas;
        if (isSame)
            return "";
        string cursor = canvas.Cursor is { } at ? string.Create(CultureInfo.InvariantCulture, $"\e[{at.Y + 1};{at.X + 1}H\e[?25h") : "";

        // Shown at once where the terminal can (mode 2026); elsewhere the two marks mean nothing.
        return $"\e[?2026h\e[?25l{_text}\e[0m{cursor}\e[?2026l";
    }

    private void WriteRow(ReadOnlySpan<Cell> row, ReadOnlySpan<Cell> shown, int y)
    {
        int first = 0;
        int last = row.Length - 1;
        if (!shown.IsEmpty)
        {
            while (first <= last && row[first] == shown[first])
                first++;
            while (last >= first && row[last] == shown[last])
                last--;
            if (first > last)
                return;
        }

        // Never from the middle of a wide character, of either picture.
        while (first > 0 && (row[first].Text is null || (!shown.IsEmpty && shown[first].Text is null)))
            first--;
        _text.Append(CultureInfo.InvariantCulture, $"\e[{y + 1};{first + 1}H");
        for (int x = first; x <= last; x++)
        {
            if (row[x].Text is not { } text)
                continue;
            Change(row[x].Ink);
            _text.Append(text);

            // Terminals differ about how wide these are: the next cell is said, not assumed.
            if (text.Length > 1 || text[0] >= 128)
                _text.Append(CultureInfo.InvariantCulture, $"\e[{x + (x + 1 < row.Length && row[x + 1].Text is null ? 3 : 2)}G");
        }
    }

    private void Change(Ink ink)
    {
        if (_ink == ink)
            return;
        _ink = ink;
        _text.Append("\e[0");
        foreach ((Look look, string code) in (ReadOnlySpan<(Look, string)>)[(Look.Bold, ";1"), (Look.Dim, ";2"), (Look.Italic, ";3"), (Look.Underline, ";4"), (Look.Reverse, ";7"), (Look.Strike, ";9")])
        {
            if (ink.Look.HasFlag(look))
                _text.Append(code);
        }
        if (hasColour && ink.Colour != Colour.Own)
            _text.Append(CultureInfo.InvariantCulture, $";{(int)ink.Colour}");
        _text.Append('m');
    }
}
