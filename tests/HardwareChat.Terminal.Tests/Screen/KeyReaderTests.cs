using System.Text;
using CsCheck;
using HardwareChat.Terminal.Screen;

namespace HardwareChat.Terminal.Tests.Screen;

/// <summary>What a terminal sends, as keys.</summary>
public static class KeyReaderTests
{
    [Theory]
    [InlineData("héllo", KeyKind.Text, "héllo")]
    [InlineData("\r", KeyKind.Enter, "")]
    [InlineData("\n", KeyKind.NewLine, "")]
    [InlineData("\e\r", KeyKind.NewLine, "")]
    [InlineData("\x7f", KeyKind.Backspace, "")]
    [InlineData("\x01", KeyKind.Control, "a")]
    [InlineData("\ea", KeyKind.Alt, "a")]
    [InlineData("\e[A", KeyKind.Up, "")]
    [InlineData("\eOB", KeyKind.Down, "")]
    [InlineData("\e[1;5C", KeyKind.Right, "")]
    [InlineData("\e[5~", KeyKind.PageUp, "")]
    [InlineData("\e[200~one\r\ntwo\e[A\rthree\e[201~", KeyKind.Paste, "one\ntwo\e[A\nthree")]
    public static void A_key_is_read_whole_or_in_pieces(string sent, object kind, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(sent);

        Assert.Equal(new Key((KeyKind)kind, text), Assert.Single(new KeyReader().Read(bytes)));
        var reader = new KeyReader();
        Key[] keys = [.. bytes.SelectMany(one => reader.Read([one]))];
        Assert.All(keys, key => Assert.Equal((KeyKind)kind, key.Kind));
        Assert.Equal(text, string.Concat(keys.Select(static key => key.Text)));
        Assert.False(reader.IsWaiting);
    }

    [Fact]
    public static void Escape_alone_is_a_key_when_nothing_follows()
    {
        var reader = new KeyReader();

        Assert.Empty(reader.Read("\e"u8));
        Assert.True(reader.IsWaiting);
        Assert.Equal(new Key(KeyKind.Escape), Assert.Single(reader.Flush()));
        Assert.Equal([new Key(KeyKind.Escape), new Key(KeyKind.Control, "z")], reader.Read("\e\x1a"u8));
    }

    [Fact]
    public static void A_paste_without_an_end_ends_by_itself_and_locks_nothing()
    {
        var reader = new KeyReader();

        Assert.Empty(reader.Read("\e[200~half a"u8));
        Assert.Empty(reader.Read(" paste"u8));
        Assert.Equal(new Key(KeyKind.Paste, "half a paste"), Assert.Single(reader.Flush()));
        Assert.Equal(new Key(KeyKind.Text, "x"), Assert.Single(reader.Read("x"u8)));
    }

    [Fact]
    public static void A_paste_is_bounded_and_its_end_still_found()
    {
        byte[] sent = [.. "\e[200~"u8, .. Enumerable.Repeat((byte)'x', 2 * KeyReader.PasteCharacters), .. "\e[201~y"u8];

        IReadOnlyList<Key> keys = new KeyReader().Read(sent);

        Assert.Equal([KeyKind.Paste, KeyKind.Text], keys.Select(static key => key.Kind));
        Assert.Equal(KeyReader.PasteCharacters, keys[0].Text.Length);
    }

    [Fact]
    public static void Any_bytes_leave_the_keyboard_working()
        => Gen.Byte.Array[0, 60].Sample(static bytes => KeyReader.Fuzz(bytes));

    [Fact]
    public static void Sequences_broken_anywhere_leave_the_keyboard_working()
        => Gen.OneOf([.. ((string[])["\e", "[", "O", "200~", "201~", "\e[200~", "\e[201~", "A", ";5", "\x1a", "é", "\xff"]).Select(static part => Gen.Const(part))]).Array[0, 20]
            .Sample(static parts => KeyReader.Fuzz(Encoding.UTF8.GetBytes(string.Concat(parts))));
}
