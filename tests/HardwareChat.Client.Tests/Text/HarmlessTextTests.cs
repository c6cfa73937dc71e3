using CsCheck;
using HardwareChat.Client.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests.Text;

public static class HarmlessTextTests
{
    [Theory]
    [InlineData("a\u001b[2Jb", "a␛[2Jb")]
    [InlineData("\u001b]0;title\u0007", "␛]0;title␇")]
    [InlineData("a\u0000\u0008\u007fb", "a␀␈␡b")]
    [InlineData("a\u009b31mb", "a\uFFFD31mb")]
    [InlineData("a\r\nb\rc\u2028d\u0085e\vf", "a\nb\nc\nd\ne\nf")]
    [InlineData("a\tb", "a    b")]
    [InlineData("a\u202Eevil\u202C\u2066x\u2069", "aevilx")]
    [InlineData("a\u200B\u200E\u200F\u2060\uFEFF\u00AD\u061Cb", "ab")]
    [InlineData("a\u200Db\u200C", "ab")]
    [InlineData("x\u3164\u115F\u034Fy", "xy")]
    [InlineData("x\U000E0041\U000E0042\U000E007Fy", "xy")]
    [InlineData("x\uFE00\uFE0F\uFE0Fy\U000E0101", "xy")]
    [InlineData("\uE000\uFFFE\uFDD0", "\uFFFD\uFFFD\uFFFD")]
    [InlineData("\u0301a", "◌\u0301a")]
    [InlineData(" \u0301a", " ◌\u0301a")]
    [InlineData("a\u00A0\u3000b", "a  b")]
    [InlineData("👨\u200D👩\u200D👧", "👨\u200D👩\u200D👧")]
    [InlineData("❤\uFE0F 1\uFE0F\u20E3", "❤\uFE0F 1\uFE0F\u20E3")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    [InlineData("क्\u200Dष", "क्\u200Dष")]
    [InlineData("שלום, עולם", "שלום, עולם")]
    public static void Hostile_characters_are_shown_or_dropped_and_living_languages_stay(string hostile, string harmless)
        => Assert.Equal(harmless, HarmlessText.Lines(hostile));

    // Not among the data above: an attribute is kept as UTF-8, which has no halves of characters.
    [Fact]
    public static void Half_a_character_is_a_replacement()
    {
        Assert.Equal("a\uFFFDb", HarmlessText.Lines(new string(['a', (char)0xD800, 'b'])));
        Assert.Equal("\uFFFD", HarmlessText.Lines(new string((char)0xDC00, 1)));
    }

    [Fact]
    public static void A_name_is_one_line_without_spaces_at_its_ends() => Assert.Equal("a b c", HarmlessText.Line("  a\nb \t\u200B c\u2800 "));

    [Fact]
    public static void Marks_do_not_climb()
    {
        string clean = HarmlessText.Lines("z" + new string('\u0301', 1_000_000) + "a" + new string('\u0489', 9));
        Assert.Equal(2 + (2 * HarmlessText.Marks), clean.Length);
    }

    [Fact]
    public static void A_family_without_end_is_cut_into_families()
    {
        string clean = HarmlessText.Lines(string.Concat(Enumerable.Repeat("👨\u200D", 1000)));
        for (int at = 0, length; (length = Cells.NextCluster(clean.AsSpan(at))) > 0; at += length)
            Assert.True(length <= (2 * (HarmlessText.Joiners + 1)) + HarmlessText.Joiners);
    }

    [Fact]
    public static void Any_text_is_harmless_at_once()
        => Gen.OneOf(Gen.Char, Gen.Char["\u200D\uFE0F\u0301\u202E\r\n\uD83D\uDC68\u0915 "]).Array[0, 60].Sample(characters =>
        {
            byte[] bytes = System.Text.Encoding.Unicode.GetBytes(characters);
            HarmlessText.Fuzz(bytes);
        });

    [Fact]
    public static void A_line_of_a_million_characters_is_cleaned_cut_and_wrapped()
    {
        string line = HarmlessText.Lines(new string('x', 1_000_000) + "\u001b");
        Assert.Equal(1_000_001, line.Length);
        Assert.Equal(12_501, Layout.Wrap(line, 80).Count);
        Assert.Equal(new string('x', 79) + "…", HarmlessText.Line(line, 80));
    }

    [Theory]
    [InlineData("аlice", "alice")]
    [InlineData("АLICE", "alice")]
    [InlineData("ＡＬＩＣＥ", "alice")]
    [InlineData("𝐚𝓵𝒊𝕔𝚎", "alice")]
    [InlineData("a\u200Bl\u0301ice", "alice")]
    [InlineData("al1ce", "alice")]
    [InlineData("b0b", "bob")]
    [InlineData("Ьοb ", "bob")]
    public static void Look_alikes_of_a_handle_are_found(string name, string handle) => Assert.True(LookAlike.Imitates(name, Handle.Parse(handle)));

    [Theory]
    [InlineData("carol")]
    [InlineData("Αλίκη")]
    public static void Other_names_do_not_imitate(string name) => Assert.False(LookAlike.Imitates(name, Handle.Parse("alice")));

    [Theory]
    [InlineData("раypal", true)]
    [InlineData("αlpha", true)]
    [InlineData("Привет alice", false)]
    [InlineData("Ärger 3000 日本", false)]
    public static void Words_of_two_scripts_are_found(string name, bool mixes) => Assert.Equal(mixes, LookAlike.MixesScripts(name));
}
