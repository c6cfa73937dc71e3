using CsCheck;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests.Text;

public static class MarkdownTests
{
    [Theory]
    [InlineData("a **b** c", "a |Bold:b| c")]
    [InlineData("*i* _j_ ~~s~~", "Italic:i| |Italic:j| |Strike:s")]
    [InlineData("***x***", "Bold, Italic:x")]
    [InlineData("**a *b** c*", "Bold:a |Bold, Italic:b|Italic: c")]
    [InlineData("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4")]
    [InlineData("`a*b*` ``x`y``", "Code:a*b*| |Code:x`y")]
    [InlineData("`open *i*", "`open |Italic:i")]
    [InlineData(@"\*no\* \[x](https://a.b)", "*no* [x](https://a.b)")]
    [InlineData("**open", "**open")]
    [InlineData("<b onclick=x>", "<b onclick=x>")]
    [InlineData("[good](https://evil.example)", "Link:good| <https://evil.example>")]
    [InlineData("[https://a.example](https://a.example)", "Link:https://a.example")]
    [InlineData("[x](javascript:alert)", "[x](javascript:alert)")]
    [InlineData("[x](file:///etc)", "[x](file:///etc)")]
    [InlineData("[Carol](hwchat:u/bob)", "Mention:@bob")]
    [InlineData("[x](hwchat:u/BOB)", "[x](hwchat:u/BOB)")]
    [InlineData("[ ](https://a.example)", "Link:https://a.example")]
    public static void Spans(string markdown, string runs)
        => Assert.Equal(runs, string.Join('|', Markdown.Lines(markdown)[0].Runs.Select(run => run.Style == RunStyle.None ? run.Text : $"{run.Style}:{run.Text}")));

    [Fact]
    public static void Blocks()
    {
        IReadOnlyList<StyledLine> lines = Markdown.Lines("# Title\n> quoted\n>> twice\n- one\n  2) two\n```c\nint *x;\n\u001b[0m\n```\nend");
        Assert.Equal(
            [
                (LineKind.Heading, 0, 0, "", "Title"), (LineKind.Text, 1, 0, "", "quoted"), (LineKind.Text, 2, 0, "", "twice"), (LineKind.Item, 0, 0, "• ", "one"),
                (LineKind.Item, 0, 1, "2. ", "two"), (LineKind.Code, 0, 0, "", "int *x;"), (LineKind.Code, 0, 0, "", "␛[0m"), (LineKind.Text, 0, 0, "", "end"),
            ],
            lines.Select(line => (line.Kind, line.Quote, line.Indent, line.Marker, line.Text)));
    }

    [Fact]
    public static void Plain_text_is_never_read_as_markdown()
        => Assert.Equal("*a* [x](hwchat:u/bob)", Assert.Single(Markdown.Lines(new MessageContent("*a* [x](hwchat:u/bob)", TextFormat.Plain))).Text);

    [Fact]
    public static void Mentions_are_the_users_that_are_meant()
    {
        var bob = Handle.Parse("bo.b_1");
        Assert.Equal([bob], Markdown.Mentions(new MessageContent($"Hi {Markdown.Mention(bob)} and {Markdown.Mention(bob)}, `{Markdown.Mention(Handle.Parse("carol"))}`", TextFormat.Markdown)));
    }

    [Fact]
    public static void Escaped_text_means_itself()
        => Gen.Char[' ', '~'].Array[1, 40].Sample(characters =>
        {
            // A list's number is no punctuation, so a letter stands first.
            string text = "x" + new string(characters);
            StyledLine line = Assert.Single(Markdown.Lines(Markdown.Escape(text)));
            Assert.Equal((text, LineKind.Text), (line.Text, line.Kind));
        });

    public static TheoryData<string> Bombs =>
        ["[", "`", "*", "**a", "_a ", "[a](", "](", "[[](", "`a``", "\\", "> ", "~~a", "![", "[a](https://", "*a_b~~", "- ", "`` ` "];

    // A quadratic parser would need hours for each.
    [Theory]
    [MemberData(nameof(Bombs))]
    public static void Repeated_without_end_it_is_read(string bomb)
    {
        string text = string.Concat(Enumerable.Repeat(bomb, 600_000 / bomb.Length));
        Assert.Single(Markdown.Lines(text));
        Assert.NotEmpty(Markdown.Lines(text + "\nend"));
    }

    [Fact]
    public static void Any_text_is_read_and_harmless()
        => Gen.Char["ab *_~`[]()\\<>#-1.\n\u001b\u202E\u0301"].Array[0, 60].Sample(
            characters => Markdown.Fuzz(System.Text.Encoding.UTF8.GetBytes(characters)), iter: 3000);
}
