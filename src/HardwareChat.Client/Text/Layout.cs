using System.Text;

namespace HardwareChat.Client.Text;

/// <summary>Lines broken to a width.</summary>
public static class Layout
{
    /// <summary>A line of text, broken.</summary>
    public static IReadOnlyList<string> Wrap(string line, int cells)
        => [.. Wrap([new StyledRun(line)], cells).Select(runs => string.Concat(runs.Select(run => run.Text)))];

    /// <summary>A line of runs, broken at spaces where there are any and anywhere between two characters where a word is too long.</summary>
    /// <param name="runs">Harmless text without ends of lines.</param>
    /// <param name="cells">At least two, as a character may be that wide.</param>
    public static IReadOnlyList<IReadOnlyList<StyledRun>> Wrap(IReadOnlyList<StyledRun> runs, int cells)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 2);
        var lines = new WrappedLines(cells);
        foreach (StyledRun run in runs)
        {
            for (int at = 0, length; (length = Cells.NextCluster(run.Text.AsSpan(at))) > 0; at += length)
                lines.Add(run, run.Text.AsSpan(at, length));
        }
        return lines.Finish();
    }

    // A word may reach over several runs, so what is not yet placed is a list of pieces.
    private sealed class WrappedLines(int cells)
    {
        private readonly List<IReadOnlyList<StyledRun>> _lines = [];
        private readonly PendingRuns _word = new();
        private PendingRuns _line = new();
        private int _lineWidth;
        private int _wordWidth;

        public void Add(StyledRun run, ReadOnlySpan<char> cluster)
        {
            int width = Cells.WidthOf(cluster);
            if (cluster is " ")
            {
                PlaceWord();
                // A space that does not fit is the break itself.
                if (_lineWidth < cells)
                {
                    _line.Append(run, cluster);
                    _lineWidth++;
                }
                else
                {
                    BreakLine();
                }
                return;
            }
            if (_lineWidth + _wordWidth + width > cells)
            {
                if (_lineWidth > 0)
                    BreakLine();
                if (_wordWidth + width > cells)
                {
                    PlaceWord();
                    BreakLine();
                }
            }
            _word.Append(run, cluster);
            _wordWidth += width;
        }

        public List<IReadOnlyList<StyledRun>> Finish()
        {
            PlaceWord();
            if (_line.Any || _lines.Count == 0)
                BreakLine();
            return _lines;
        }

        private void PlaceWord()
        {
            _word.MoveTo(_line);
            _lineWidth += _wordWidth;
            _wordWidth = 0;
        }

        private void BreakLine()
        {
            _lines.Add(_line.ToRuns());
            _line = new PendingRuns();
            _lineWidth = 0;
        }
    }

    private sealed class PendingRuns
    {
        private readonly List<(StyledRun Run, StringBuilder Text)> _pieces = [];

        public bool Any => _pieces.Count > 0;

        public void Append(StyledRun run, ReadOnlySpan<char> text)
        {
            if (_pieces.Count == 0 || !ReferenceEquals(_pieces[^1].Run, run))
                _pieces.Add((run, new StringBuilder()));
            _pieces[^1].Text.Append(text);
        }

        public void MoveTo(PendingRuns other)
        {
            foreach ((StyledRun run, StringBuilder text) in _pieces)
                other.Append(run, text.ToString());
            _pieces.Clear();
        }

        public List<StyledRun> ToRuns() => [.. _pieces.Select(piece => piece.Run with { Text = piece.Text.ToString() })];
    }
}
