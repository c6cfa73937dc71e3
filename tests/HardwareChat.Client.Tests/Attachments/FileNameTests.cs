using System.Text;
using CsCheck;
using HardwareChat.Client.Attachments;

namespace HardwareChat.Client.Tests.Attachments;

public static class FileNameTests
{
    [Theory]
    [InlineData("report.pdf", "report.pdf")]
    [InlineData("Ärger 日本.txt", "Ärger 日本.txt")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Windows\\system32\\cmd.exe", "cmd.exe")]
    [InlineData("a/../..", "file")]
    [InlineData("", "file")]
    [InlineData("...", "file")]
    [InlineData(".bashrc", "bashrc")]
    [InlineData("-rf", "rf")]
    [InlineData("~/.ssh/", "file")]
    [InlineData("con", "_con")]
    [InlineData("NUL.txt", "_NUL.txt")]
    [InlineData("com1 .log", "_com1 .log")]
    [InlineData("COM¹", "_COM¹")]
    [InlineData("console.txt", "console.txt")]
    [InlineData("a:b|c?d*e<f>\"g", "a_b_c_d_e_f__g")]
    [InlineData("file.txt:stream", "file.txt_stream")]
    [InlineData("photo\u202Egpj.exe", "photogpj.exe")]
    [InlineData("invoice.pdf                    .exe", "invoice.pdf .exe")]
    [InlineData("a\u0000b\nc\u001b[2J", "a␀b c␛[2J")]
    [InlineData("name. . .", "name")]
    [InlineData(".\u0301a", "◌\u0301a")]
    [InlineData("a\u2215b\uFF0Fc", "a_b_c")]
    public static void A_name_is_a_name_and_nothing_else(string name, string harmless) => Assert.Equal(harmless, FileName.Of(name));

    [Fact]
    public static void A_long_name_keeps_its_ending_and_its_characters_whole()
    {
        string name = FileName.Of(string.Concat(Enumerable.Repeat("👨‍👩‍👧", 100)) + ".jpeg");
        Assert.EndsWith("👧.jpeg", name, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(name), FileName.NameBytes - 24, FileName.NameBytes);
        Assert.Equal("a (2).b", FileName.Numbered("a.b", 2));
        Assert.Equal("a (3)", FileName.Numbered("a", 3));
    }

    [Fact]
    public static void Any_text_becomes_a_name_at_once()
        => Gen.OneOf(Gen.Char["./\\-~ :con\u0301\u200D\u202E\u0000"], Gen.Char).Array[0, 80].Sample(
            characters => FileName.Fuzz(Encoding.UTF8.GetBytes(characters)), iter: 3000);
}
