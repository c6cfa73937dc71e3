using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Screen;

namespace HardwareChat.Terminal.FullScreen;

/// <summary>A line of the timeline: pieces of text, each with its ink.</summary>
internal sealed record InkLine(IReadOnlyList<(string Text, Ink Ink)> Pieces);

// Where one looks is held by the message at the bottom edge, not by a number of lines: so nothing above it needs to be laid out, and what comes
// in below moves nothing.

/// <summary>The history of a room as lines, and where in it the person looks.</summary>
internal sealed class Timeline(RoomHistory history, Handle own)
{
    private const int Indent = 4;

    private readonly Dictionary<HistoryItem, IReadOnlyList<InkLine>> _laid = new(ReferenceEqualityComparer.Instance);
    private int _width;
    private ulong _bottom = ulong.MaxValue;
    private int _hidden;

    /// <summary>Whether the newest message is in sight.</summary>
    public bool IsAtEnd => _bottom == ulong.MaxValue;

    /// <summary>Above this place a line says that what follows is new; null for none.</summary>
    public ulong? NewFrom { get; set; }

    /// <summary>A place that is marked: what search has found.</summary>
    public ulong? Marked { get; set; }

    /// <summary>Looks at the newest.</summary>
    public void ToEnd()
    {
        _bottom = ulong.MaxValue;
        _hidden = 0;
    }

    /// <summary>Looks at a place, which is loaded if it must be.</summary>
    public void To(ulong sequence)
    {
        history.LoadTo(sequence);
        _bottom = sequence;
        _hidden = 0;
    }

    /// <summary>Looks further up, or down, by so many lines.</summary>
    public void Scroll(int lines, int width)
    {
        Use(width);
        int at = Bottom();
        if (at < 0)
            return;
        int hidden = _hidden + lines;
        while (hidden > 0 && hidden >= LinesOf(at).Count)
        {
            if (at == 0 && !LoadAbove(ref at))
            {
                hidden = LinesOf(0).Count - 1;
                break;
            }
            hidden -= LinesOf(at).Count;
            at--;
        }
        while (hidden < 0 && at < history.Items.Count - 1)
        {
            at++;
            hidden += LinesOf(at).Count;
        }
        if (hidden < 0 || (at == history.Items.Count - 1 && hidden == 0))
        {
            ToEnd();
            return;
        }
        _bottom = history.Items[at].Sequence;
        _hidden = hidden;
    }

    /// <summary>The lines in sight, no more than fit; at the end also what is not sent yet.</summary>
    public IReadOnlyList<InkLine> Lines(int width, int height)
    {
        Use(width);
        List<InkLine> lines = [];
        if (IsAtEnd)
        {
            foreach (PendingMessage pending in history.Pending.Reverse())
                lines.AddRange(Enumerable.Reverse(Lay(pending)));
        }
        int at = Bottom();
        int hidden = IsAtEnd ? 0 : _hidden;
        while (lines.Count < height)
        {
            if (at < 0 && !(history.HasOlder && LoadAbove(ref at)))
                break;
            lines.AddRange(Enumerable.Reverse(LinesOf(at)).Skip(hidden));
            hidden = 0;
            if (NewFrom is { } from && history.Items[at].Sequence >= from && (at == 0 || history.Items[at - 1].Sequence < from))
                lines.Add(Rule("new"));
            if (at == 0 ? !history.HasOlder : DayOf(at) != DayOf(at - 1))
                lines.Add(Rule(DayOf(at)));
            at--;
        }
        lines.Reverse();
        return lines.Count > height ? lines[^height..] : lines;
    }

    private string DayOf(int at) => MessageLines.When(history.Items[at].Time) is { Length: >= 10 } when ? when[..10] : "";

    private InkLine Rule(string text)
        => new([($"── {text} ", new Ink(Look.Dim)), (new string('─', Math.Max(0, Math.Min(_width, 60) - text.Length - 4)), new Ink(Look.Dim))]);

    private int Bottom()
    {
        if (IsAtEnd)
            return history.Items.Count - 1;
        int at = history.PlaceOf(_bottom);
        return at >= 0 ? at : Math.Min(~at, history.Items.Count - 1);
    }

    private bool LoadAbove(ref int at)
    {
        int before = history.Items.Count;
        if (!history.LoadOlder())
            return false;
        at += history.Items.Count - before;
        return at >= 0;
    }

    private void Use(int width)
    {
        if (_width == width && _laid.Count < 4000)
            return;
        _width = width;
        _laid.Clear();
    }

    private IReadOnlyList<InkLine> LinesOf(int at)
    {
        HistoryItem item = history.Items[at];
        if (!_laid.TryGetValue(item, out IReadOnlyList<InkLine>? lines) || item.Sequence == Marked)
            _laid[item] = lines = Lay(item);
        return lines;
    }

    private List<InkLine> Lay(HistoryItem item)
    {
        string place = _width >= 60 ? $"#{item.Sequence} {MessageLines.Hour(item.Time)} " : $"#{item.Sequence} ";
        Ink ink = item.Sequence == Marked ? new Ink(Look.Reverse) : new Ink(Look.Dim);
        switch (item)
        {
            case HistoryItem.Happened happened:
                return Wrap([(place, ink), ($"* {HarmlessText.Line(happened.Text)}", new Ink(Look.Dim))]);
            case HistoryItem.NotShown trouble:
                return Wrap([(place, ink), ($"! not shown: {HarmlessText.Line(trouble.Why)}", new Ink(Look.Bold, Colour.Red))]);
            case HistoryItem.Said said:
                return Lay(said, place, ink);
            default:
                return [];
        }
    }

    private List<InkLine> Lay(HistoryItem.Said said, string place, Ink placeInk)
    {
        ShownMessage message = said.Message;
        bool names = !said.IsOwn && message.Content is MessageContent content && Markdown.Mentions(content).Contains(own);
        Ink name = new(Look.Bold, names ? Colour.Yellow : said.IsOwn ? Colour.Green : Colour.Cyan);
        List<(string, Ink)> head = [(place, placeInk), (names ? "→ " : "", name), (said.Name, name)];
        if (message.Wordings.Count > 0)
            head.Add((" (edited)", new Ink(Look.Dim)));
        head.Add((": ", name));
        List<InkLine> lines = [];
        if (MessageLines.Answered(said) is { } answered)
        {
            lines.AddRange(Wrap([.. head, ($"▌{answered}", new Ink(Look.Dim))]));
            head = [(new string(' ', Indent), Ink.Plain)];
        }
        foreach (StyledLine line in MessageLines.Body(said))
        {
            lines.AddRange(Wrap([.. head, .. PiecesOf(line)]));
            head = [(new string(' ', Indent), Ink.Plain)];
        }
        string beneath = MessageLines.Reactions(message);
        if (said.IsOwn && message.Statuses.Count > 0)
            beneath = beneath.Length > 0 ? $"{beneath}  {MessageLines.StateOf(message)}" : MessageLines.StateOf(message);
        if (beneath.Length > 0)
            lines.AddRange(Wrap([(new string(' ', Indent), Ink.Plain), (beneath, new Ink(Look.Dim))]));
        return lines;
    }

    private List<InkLine> Lay(PendingMessage pending)
    {
        bool hasFailed = pending.State == MessageState.Failed;
        string text = string.Join(' ', Markdown.Lines(pending.Content).Select(static line => line.Text));
        return Wrap([("… ", new Ink(Look.Dim)), ("you: ", new Ink(Look.Bold, Colour.Green)), (text, new Ink(Look.Dim)), ($" ({MessageLines.StateOf(pending)})", new Ink(Look.Bold, hasFailed ? Colour.Red : Colour.Yellow))]);
    }

    private static IEnumerable<(string, Ink)> PiecesOf(StyledLine line)
    {
        if (line.Quote > 0)
            yield return (string.Concat(Enumerable.Repeat("▌ ", line.Quote)), new Ink(Look.Dim));
        if (line.Indent > 0 || line.Marker.Length > 0)
            yield return (new string(' ', 2 * line.Indent) + line.Marker, Ink.Plain);
        foreach (StyledRun run in line.Runs)
        {
            Look look = Look.None;
            look |= run.Style.HasFlag(RunStyle.Bold) || line.Kind == LineKind.Heading ? Look.Bold : Look.None;
            look |= run.Style.HasFlag(RunStyle.Italic) ? Look.Italic : Look.None;
            look |= run.Style.HasFlag(RunStyle.Strike) ? Look.Strike : Look.None;
            look |= run.Style.HasFlag(RunStyle.Link) ? Look.Underline : Look.None;
            look |= run.Style.HasFlag(RunStyle.Mention) ? Look.Bold : Look.None;
            yield return (run.Text, new Ink(look, run.Style.HasFlag(RunStyle.Code) ? Colour.Cyan : run.Style.HasFlag(RunStyle.Link) ? Colour.Blue : Colour.Own));
        }
    }

    // The lines after the first are set in.
    private List<InkLine> Wrap(IReadOnlyList<(string Text, Ink Ink)> pieces)
    {
        List<InkLine> lines = [];
        List<(StyledRun Run, Ink Ink)> runs = [.. pieces.Where(static piece => piece.Text.Length > 0).Select(static piece => (new StyledRun(piece.Text, Target: InkName(piece.Ink)), piece.Ink))];
        Dictionary<string, Ink> byName = runs.Select(static run => run.Ink).Distinct().ToDictionary(InkName);
        IReadOnlyList<StyledRun> all = [.. runs.Select(static run => run.Run)];
        IReadOnlyList<IReadOnlyList<StyledRun>> whole = Layout.Wrap(all, Math.Max(2, _width));
        if (whole.Count <= 1 || _width <= 2 * Indent)
        {
            lines.AddRange(whole.Select(line => new InkLine([.. line.Select(run => (run.Text, byName[run.Target!]))])));
            return lines;
        }

        // The first line as wide as there is room, the others less their indent: so the rest is broken anew.
        lines.Add(new InkLine([.. whole[0].Select(run => (run.Text, byName[run.Target!]))]));
        foreach (IReadOnlyList<StyledRun> line in Layout.Wrap(After(all, whole[0].Sum(static run => run.Text.Length)), _width - Indent))
            lines.Add(new InkLine([(new string(' ', Indent), Ink.Plain), .. line.Select(run => (run.Text, byName[run.Target!]))]));
        return lines;
    }

    // What stands behind the first characters; a space at the break is the break.
    private static List<StyledRun> After(IReadOnlyList<StyledRun> runs, int characters)
    {
        List<StyledRun> rest = [];
        foreach (StyledRun run in runs)
        {
            if (run.Text.Length > characters)
                rest.Add(run with { Text = run.Text[characters..] });
            characters = Math.Max(0, characters - run.Text.Length);
        }
        if (rest is [{ Text: [' ', ..] } first, ..])
            rest[0] = first with { Text = first.Text[1..] };
        return rest;
    }

    private static string InkName(Ink ink) => $"{(int)ink.Look} {(int)ink.Colour}";
}
