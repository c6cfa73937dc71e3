using System.Diagnostics;
using HardwareChat.Client;
using HardwareChat.Client.Text;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Screen;
using HardwareChat.Tokens;

namespace HardwareChat.Terminal.FullScreen;

/// <summary>What the full screen has besides the desk: what is being written, what was told, where one looks.</summary>
internal sealed class Scene
{
    /// <summary>What is being written.</summary>
    public Composer Composer { get; } = new();

    /// <summary>The secret that is being typed; null if none is asked for.</summary>
    public SecretLine? Secret { get; set; }

    /// <summary>The open room's timeline; null if no room is open.</summary>
    public Timeline? Timeline { get; set; }

    /// <summary>Lines that a command has answered; empty when they were put away.</summary>
    public IReadOnlyList<string> Panel { get; set; } = [];

    /// <summary>The panel's first line in sight.</summary>
    public int PanelTop { get; set; }

    /// <summary>A line for the person, and whether it is about something that went wrong.</summary>
    public (string Text, bool IsTrouble) Notice { get; set; } = ("", false);

    /// <summary>Whether the words to find are being written.</summary>
    public bool IsSearching { get; set; }
}

/// <summary>Draws desk and scene. A function of both and of the size: it changes neither, but for where the timeline has to load more.</summary>
internal static class Picture
{
    private const int RoomsWidth = 22;
    private const int RoomsFrom = 60;
    private const int ComposerRows = 6;
    private const int Indent = 4;
    private const int LeastWidth = 20;
    private const int LeastHeight = 5;
    private const string Hint = "Enter sends  Alt-Enter new line  /help  /keys  PgUp scrolls  Ctrl-P/N rooms  Ctrl-F finds";

    /// <summary>How wide the timeline is on a screen of that width.</summary>
    public static int TimelineWidth(int width) => width >= RoomsFrom ? width - RoomsWidth - 1 : width;

    /// <summary>The picture.</summary>
    public static Canvas Draw(Desk desk, Scene scene, int width, int height)
    {
        var canvas = new Canvas(width, height);
        if (width < LeastWidth || height < LeastHeight)
        {
            canvas.Put(0, 0, "too small", Ink.Plain);
            return canvas;
        }
        int top = DrawBars(canvas, desk);
        int bottom = desk.Asked is { } asked ? DrawPrompt(canvas, asked, scene) : DrawComposer(canvas, desk, scene);
        if (desk.Touch is { } touch)
            top = DrawTouch(canvas, touch, desk.TouchKey is not null, top, bottom);
        bottom = DrawPanel(canvas, scene, top, bottom);
        int left = 0;
        if (width >= RoomsFrom)
        {
            DrawRooms(canvas, desk, top, bottom);
            left = RoomsWidth + 1;
        }
        if (scene.Timeline is { } timeline)
        {
            IReadOnlyList<InkLine> lines = timeline.Lines(width - left, Math.Max(0, bottom - top));
            for (int i = 0; i < lines.Count; i++)
                Put(canvas, left, bottom - lines.Count + i, lines[i]);
            if (!timeline.IsAtEnd && bottom > top)
                canvas.Put(Math.Max(left, width - 24), bottom - 1, " older: End for newest ", new Ink(Look.Reverse));
        }
        else if (bottom > top)
        {
            canvas.Put(left + 1, top, desk.IsReady ? "No room is open. /new TITLE founds one, /join NAME enters one." : "Opening ...", Ink.Plain);
        }
        return canvas;
    }

    // Room, trust and connection: always in sight, in one bar or, where they do not fit, in two.
    private static int DrawBars(Canvas canvas, Desk desk)
    {
        bool isTrouble = desk.Link == LinkState.Alarm;
        var bar = new Ink(Look.Reverse | (isTrouble ? Look.Bold : Look.None), isTrouble ? Colour.Red : desk.Link == LinkState.Online ? Colour.Own : Colour.Yellow);
        string title = desk.Open?.Title ?? "HardwareChat";
        string trust = desk.Open?.Trust ?? "";
        string link = desk.LinkText;
        canvas.Fill(0, 0, canvas.Width, bar);
        int wanted = Cells.Width(title) + Cells.Width(trust) + Cells.Width(link) + 8;
        if (wanted <= canvas.Width)
        {
            int x = canvas.Put(1, 0, title, bar with { Look = bar.Look | Look.Bold });
            if (trust.Length > 0)
                canvas.Put(x + 2, 0, $"({trust})", bar);
            canvas.Put(canvas.Width - Cells.Width(link) - 1, 0, link, bar);
            return 1;
        }
        canvas.Fill(0, 1, canvas.Width, bar);
        string state = desk.Link switch { LinkState.Online => "online", LinkState.Alarm => "ALARM", _ => link.StartsWith("offline", StringComparison.Ordinal) ? "offline" : link };
        canvas.Put(canvas.Width - state.Length - 1, 0, state, bar);
        canvas.Put(1, 0, Cells.Truncate(title, Math.Max(1, canvas.Width - state.Length - 4)), bar with { Look = bar.Look | Look.Bold });

        // What is wrong comes before what is right.
        string second = desk.Link == LinkState.Online ? trust : desk.LinkWhy.Length > 0 ? desk.LinkWhy : trust;
        if (second.Length > 0)
            canvas.Put(1, 1, Cells.Truncate(second, canvas.Width - 2), bar);
        return 2;
    }

    private static void DrawRooms(Canvas canvas, Desk desk, int top, int bottom)
    {
        for (int y = top; y < bottom; y++)
            canvas.Put(RoomsWidth, y, "│", new Ink(Look.Dim));
        int rows = bottom - top;
        int open = Math.Max(0, desk.Rooms.ToList().IndexOf(desk.Open!));
        int first = Math.Max(0, Math.Min(open - (rows / 2), desk.Rooms.Count - rows));
        for (int i = first; i < desk.Rooms.Count && i - first < rows; i++)
        {
            DeskRoom room = desk.Rooms[i];
            int y = top + i - first;
            int unread = room == desk.Open ? 0 : room.Unread;
            string count = room.InvitedBy is not null ? "invited" : unread == 0 ? "" : room.IsMentioned ? $"@{Math.Min(unread, 999)}" : $"{Math.Min(unread, 999)}";
            Ink ink = room == desk.Open ? new Ink(Look.Reverse) : unread > 0 || room.InvitedBy is not null ? new Ink(Look.Bold, room.IsMentioned ? Colour.Yellow : Colour.Own) : room.IsOpen ? Ink.Plain : new Ink(Look.Dim);
            canvas.Fill(0, y, RoomsWidth, ink);
            canvas.Put(0, y, Cells.Truncate($" {i + 1} {room.Title}", RoomsWidth - count.Length - 2), ink);
            canvas.Put(RoomsWidth - count.Length - 1, y, count, ink);
        }
    }

    private static int DrawTouch(Canvas canvas, WantedTouch touch, bool hasKey, int top, int bottom)
    {
        var ink = new Ink(Look.Reverse | Look.Bold, Colour.Yellow);
        int left = Math.Max(0, (int)(TouchEventArgs.Patience - Stopwatch.GetElapsedTime(touch.Since)).TotalSeconds);
        string[] lines = [$"TOUCH YOUR KEY ({left} s): {HarmlessText.Line(touch.Purpose)}", hasKey ? "t touches it (it is simulated)   Esc gives up" : "Esc gives up"];
        foreach (string line in lines.SelectMany(line => Layout.Wrap(line, canvas.Width - 2)))
        {
            if (top >= bottom)
                break;
            canvas.Fill(0, top, canvas.Width, ink);
            canvas.Put(1, top++, line, ink);
        }
        return top;
    }

    private static int DrawPrompt(Canvas canvas, Prompt asked, Scene scene)
    {
        var ink = new Ink(Look.Reverse | Look.Bold, Colour.Yellow);
        IReadOnlyList<string> question = Layout.Wrap(HarmlessText.Line(asked.Question), canvas.Width - 2);
        string keys = asked is SecretPrompt ? "Enter gives it   Esc gives up" : "y yes   n or Esc no";
        string typed = asked is SecretPrompt ? new string('*', Math.Min(scene.Secret?.Length ?? 0, canvas.Width - 4)) : "";
        string[] lines = [.. question.Take(Math.Max(1, canvas.Height - 4)), $"> {typed}", keys];
        int top = canvas.Height - lines.Length;
        for (int i = 0; i < lines.Length; i++)
        {
            canvas.Fill(0, top + i, canvas.Width, ink);
            canvas.Put(1, top + i, lines[i], ink);
        }
        canvas.Cursor = (Math.Min(3 + typed.Length, canvas.Width - 1), canvas.Height - 2);
        return top;
    }

    private static int DrawComposer(Canvas canvas, Desk desk, Scene scene)
    {
        string prompt = scene.IsSearching ? "find: " : "> ";
        (IReadOnlyList<string> lines, int x, int y) = scene.Composer.Lay(canvas.Width - prompt.Length);
        int rows = Math.Clamp(lines.Count, 1, Math.Min(ComposerRows, canvas.Height - 3));
        int first = Math.Clamp(y - rows + 1, 0, Math.Max(0, lines.Count - rows));
        int top = canvas.Height - 1 - rows;
        canvas.Put(0, top, prompt, new Ink(Look.Bold));
        for (int i = 0; i < rows && first + i < lines.Count; i++)
            canvas.Put(prompt.Length, top + i, HarmlessText.Lines(lines[first + i]), Ink.Plain);
        if (desk.Touch is null)
            canvas.Cursor = (prompt.Length + x, top + y - first);
        (string text, bool isTrouble) = scene.Notice;
        if (text.Length > 0)
            canvas.Put(0, canvas.Height - 1, Cells.Truncate(text, canvas.Width), isTrouble ? new Ink(Look.Bold, Colour.Red) : Ink.Plain);
        else
            canvas.Put(0, canvas.Height - 1, lines.Count > 1 ? $"{lines.Count} lines: Enter sends them as one message" : Hint, new Ink(Look.Dim));
        return top;
    }

    private static int DrawPanel(Canvas canvas, Scene scene, int top, int bottom)
    {
        if (scene.Panel.Count == 0 || bottom - top < 2)
            return bottom;
        // Over the whole width and without a frame, so that it can be selected and copied.
        int width = canvas.Width;
        string[] lines = [.. scene.Panel.SelectMany(line => Wrap(HarmlessText.Lines(line).Replace('\n', ' '), Math.Max(10, width)))];
        int rows = Math.Min(lines.Length, bottom - top - 1);
        scene.PanelTop = Math.Clamp(scene.PanelTop, 0, lines.Length - rows);
        int y = bottom - rows - 1;
        string more = lines.Length > rows ? $" {scene.PanelTop + 1}-{scene.PanelTop + rows} of {lines.Length}, PgUp/PgDn;" : "";
        canvas.Fill(0, y, width, new Ink(Look.Reverse));
        canvas.Put(0, y, $"{more} Esc closes ", new Ink(Look.Reverse));
        for (int i = 0; i < rows; i++)
        {
            canvas.Fill(0, y + 1 + i, width, Ink.Plain);
            canvas.Put(0, y + 1 + i, lines[scene.PanelTop + i], Ink.Plain);
        }
        return y;
    }

    // The lines after the first are set in.
    private static IEnumerable<string> Wrap(string line, int cells)
    {
        IReadOnlyList<string> whole = Layout.Wrap(line, cells);
        if (whole.Count == 1)
            return whole;

        // A space at the break is the break.
        string rest = line[whole[0].Length..];
        return [whole[0], .. Layout.Wrap(rest.StartsWith(' ') ? rest[1..] : rest, cells - Indent).Select(static more => new string(' ', Indent) + more)];
    }

    private static void Put(Canvas canvas, int x, int y, InkLine line)
    {
        foreach ((string text, Ink ink) in line.Pieces)
            x = canvas.Put(x, y, text, ink);
    }
}
