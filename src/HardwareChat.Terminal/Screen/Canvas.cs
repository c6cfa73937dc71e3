using HardwareChat.Client.Text;

namespace HardwareChat.Terminal.Screen;

/// <summary>A cell of the screen: one character as people see it. The second cell of a wide one holds nothing.</summary>
/// <param name="Text">The character; null in the second cell of a wide one.</param>
/// <param name="Ink">How it is written.</param>
internal readonly record struct Cell(string? Text, Ink Ink)
{
    /// <summary>Nothing written.</summary>
    public static Cell Blank => new(" ", Ink.Plain);
}

/// <summary>What the screen is to show.</summary>
internal sealed class Canvas
{
    private static readonly string[] Ascii = [.. Enumerable.Range(0, 128).Select(static c => ((char)c).ToString())];

    private readonly Cell[] _cells;

    /// <summary>An empty canvas.</summary>
    public Canvas(int width, int height)
    {
        Width = width;
        Height = height;
        _cells = new Cell[width * height];
        Array.Fill(_cells, Cell.Blank);
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Where the cursor stands; null where it is not shown.</summary>
    public (int X, int Y)? Cursor { get; set; }

    /// <summary>A row.</summary>
    public ReadOnlySpan<Cell> Row(int y) => _cells.AsSpan(y * Width, Width);

    /// <summary>Fills a piece of a row.</summary>
    public void Fill(int x, int y, int width, Ink ink)
    {
        for (int at = Math.Max(x, 0); at < Math.Min(x + width, Width) && y >= 0 && y < Height; at++)
            _cells[(y * Width) + at] = new Cell(" ", ink);
    }

    /// <summary>Writes harmless text into a row, as much as fits before an edge; returns the column behind it.</summary>
    public int Put(int x, int y, string text, Ink ink, int edge = int.MaxValue)
    {
        edge = Math.Min(edge, Width);
        if (y < 0 || y >= Height || x < 0)
            return x;
        for (int at = 0, length; (length = Cells.NextCluster(text.AsSpan(at))) > 0; at += length)
        {
            // A control here would be a defect of whoever writes: it is not passed on to the terminal.
            int width = char.IsControl(text[at]) ? 0 : Cells.WidthOf(text.AsSpan(at, length));
            if (width == 0)
                continue;
            if (x + width > edge)
                break;
            _cells[(y * Width) + x] = new Cell(length == 1 && text[at] < 128 ? Ascii[text[at]] : text.Substring(at, length), ink);
            if (width == 2)
                _cells[(y * Width) + x + 1] = new Cell(null, ink);
            x += width;
        }
        return x;
    }
}
