using System.Text;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.FullScreen;
using HardwareChat.Terminal.Screen;

namespace HardwareChat.Terminal.Tests.Screen;

/// <summary>What is drawn, and what is sent to the terminal for it.</summary>
public static class PictureTests
{
    private static readonly Handle Alice = Handle.Parse("alice");
    private static readonly Handle Bob = Handle.Parse("bob");

    [Fact]
    public static void A_canvas_is_written_once_and_then_only_what_differs()
    {
        var writer = new CanvasWriter(hasColour: true);
        Canvas one = new(20, 3);
        one.Put(0, 1, "hello 漢字 there", new Ink(Look.Bold, Colour.Red));

        Assert.Contains("\e[0;1;31mhello 漢\e[9G字\e[11G there", writer.Write(one), StringComparison.Ordinal);
        Assert.Equal("", writer.Write(one));
        Canvas two = new(20, 3);
        two.Put(0, 1, "hello 漢子 there", new Ink(Look.Bold, Colour.Red));
        string difference = writer.Write(two);
        Assert.Contains("\e[2;9H\e[0;1;31m子\e[11G", difference, StringComparison.Ordinal);
        Assert.DoesNotContain("hello", difference, StringComparison.Ordinal);
    }

    [Fact]
    public static void Without_colour_nothing_is_coloured()
    {
        Canvas canvas = new(10, 1);
        canvas.Put(0, 0, "red", new Ink(Look.Bold, Colour.Red));

        Assert.Contains("\e[0;1mred", new CanvasWriter(hasColour: false).Write(canvas), StringComparison.Ordinal);
    }

    [Fact]
    public static void Text_is_clipped_at_the_edge_and_never_through_a_wide_character()
    {
        Canvas canvas = new(5, 1);
        canvas.Put(0, 0, "abcd漢", Ink.Plain);

        Assert.Equal("abcd ", Text(canvas.Row(0)));
        canvas.Put(-1, 0, "x", Ink.Plain);
        canvas.Put(0, 7, "x", Ink.Plain);
        Assert.Equal("abcd ", Text(canvas.Row(0)));
    }

    [Fact]
    public static void Hostile_text_sends_no_sequence_of_its_own()
    {
        RoomHistory history = new(Alice, static (_, _) => []);
        string[] hostile = ["\e[2J\e]52;c;AAAA\a", "a\u202Eb\u0000c\u009b31m", new string('x', 1_000_000), "é" + new string('\u0301', 500), "👨‍👩‍👧‍👦\u200d\u200d", "\ud800"];
        for (int i = 0; i < hostile.Length; i++)
            history.Take(new ReceivedContent(Id(i), Bob, (ulong)i, 0, new MessageContent(hostile[i], (TextFormat)(i % 2))));
        var timeline = new Timeline(history, Alice);
        var canvas = new Canvas(40, 30);
        IReadOnlyList<InkLine> lines = timeline.Lines(40, 30);
        for (int y = 0; y < lines.Count; y++)
            canvas.Put(0, y, string.Concat(lines[y].Pieces.Select(static piece => piece.Text)), Ink.Plain);

        string written = new CanvasWriter(hasColour: true).Write(canvas);

        // All that is left of sequences is ours: cursor, attributes, modes.
        string rest = System.Text.RegularExpressions.Regex.Replace(written, "\e\\[[?0-9;]*[HGJmhl]", "");
        Assert.DoesNotContain(rest, static c => char.IsControl(c) || c is '\u202e' or '\u200b');
        Assert.Contains("␛[2J␛]52;c;AAAA␇", string.Concat(Enumerable.Range(0, 30).Select(y => Text(canvas.Row(y)))) + Plain(timeline, history), StringComparison.Ordinal);
    }

    [Fact]
    public static void Where_one_looks_stays_while_others_write_and_scrolling_finds_everything()
    {
        RoomHistory history = new(Alice, static (_, _) => []);
        for (int i = 0; i < 100; i++)
            history.Take(Said(i));
        var timeline = new Timeline(history, Alice);
        Assert.EndsWith("message 99", Last(timeline), StringComparison.Ordinal);

        timeline.Scroll(30, 60);
        string looked = Last(timeline);
        Assert.EndsWith("message 69", looked, StringComparison.Ordinal);
        history.Take(Said(100));
        Assert.Equal(looked, Last(timeline));
        timeline.Scroll(1000, 60);
        Assert.EndsWith("message 0", Last(timeline), StringComparison.Ordinal);
        timeline.Scroll(-5, 60);
        Assert.EndsWith("message 5", Last(timeline), StringComparison.Ordinal);
        timeline.Scroll(-1000, 60);
        Assert.True(timeline.IsAtEnd);
        Assert.EndsWith("message 100", Last(timeline), StringComparison.Ordinal);
        timeline.To(42);
        Assert.EndsWith("message 42", Last(timeline), StringComparison.Ordinal);
    }

    [Fact]
    public static void What_is_written_is_edited_by_characters_as_people_see_them()
    {
        var composer = new Composer();
        foreach (Key key in (Key[])[new(KeyKind.Text, "one 👨‍👩‍👧 two"), new(KeyKind.Left), new(KeyKind.Left), new(KeyKind.Left), new(KeyKind.Left), new(KeyKind.Backspace), new(KeyKind.Home), new(KeyKind.NewLine), new(KeyKind.Up), new(KeyKind.Text, "zero")])
            composer.Edit(key);

        Assert.Equal("zero\none  two", composer.Text);
        (IReadOnlyList<string> lines, int x, int y) = composer.Lay(8);
        Assert.Equal(["zero", "one  tw", "o"], lines);
        Assert.Equal((4, 0), (x, y));
        Assert.Equal("zero\none  two", composer.Take());
        Assert.True(composer.Edit(new Key(KeyKind.Up)));
        Assert.Equal("zero\none  two", composer.Text);
        composer.Set("");
        composer.Edit(new Key(KeyKind.Paste, "a\tb\e[2J\u202Ec\n"));
        Assert.Equal("a    b␛[2Jc\n", composer.Text);
    }

    private static string Last(Timeline timeline) => string.Concat(timeline.Lines(60, 10)[^1].Pieces.Select(static piece => piece.Text));

    private static ReceivedContent Said(int i) => new(Id(i), Bob, (ulong)i, 0, new MessageContent($"message {i}", TextFormat.Plain));

    private static MessageId Id(int i)
    {
        byte[] id = new byte[MessageId.Size];
        BitConverter.TryWriteBytes(id, i);
        return MessageId.FromBytes(id);
    }

    private static string Plain(Timeline timeline, RoomHistory history)
    {
        timeline.To(0);
        return string.Concat(timeline.Lines(40, history.Items.Count).SelectMany(static line => line.Pieces).Select(static piece => piece.Text));
    }

    private static string Text(ReadOnlySpan<Cell> row)
    {
        var text = new StringBuilder();
        foreach (Cell cell in row)
            text.Append(cell.Text);
        return text.ToString();
    }
}
