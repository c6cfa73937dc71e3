using CsCheck;
using HardwareChat.Client.Text;

namespace HardwareChat.Client.Tests.Text;

public static class LayoutTests
{
    [Theory]
    [InlineData("abc", 3)]
    [InlineData("日本", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("👨‍👩‍👧‍👦", 2)]
    [InlineData("🇩🇪", 2)]
    [InlineData("❤️", 2)]
    [InlineData("한글", 4)]
    [InlineData("", 0)]
    public static void Width_counts_cells_of_characters_as_people_see_them(string text, int cells) => Assert.Equal(cells, Cells.Width(text));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("日本語", 4, "日…")]
    [InlineData("日", 1, "…")]
    public static void Truncation_keeps_what_fits_and_says_that_it_cut(string text, int cells, string cut) => Assert.Equal(cut, Cells.Truncate(text, cells));

    [Theory]
    [InlineData("the quick brown fox", 10, "the quick |brown fox")]
    [InlineData("abcdefghij", 4, "abcd|efgh|ij")]
    [InlineData("ab cdefgh", 4, "ab |cdef|gh")]
    [InlineData("日本語日本", 5, "日本|語日|本")]
    [InlineData("", 5, "")]
    public static void Lines_break_at_spaces_or_between_characters(string line, int cells, string broken)
        => Assert.Equal(broken.Split('|'), Layout.Wrap(line, cells));

    [Fact]
    public static void Wrapped_lines_fit_and_lose_no_character_but_spaces()
        => Gen.Select(Gen.OneOf(Gen.Char["ab日 "], Gen.Char).Array[0, 80], Gen.Int[2, 20]).Sample((characters, cells) =>
        {
            string line = HarmlessText.Line(new string(characters));
            IReadOnlyList<string> lines = Layout.Wrap(line, cells);
            Assert.All(lines, wrapped => Assert.True(Cells.Width(wrapped) <= cells));
            Assert.Equal(line.Replace(" ", "", StringComparison.Ordinal), string.Concat(lines).Replace(" ", "", StringComparison.Ordinal));
        });
}
