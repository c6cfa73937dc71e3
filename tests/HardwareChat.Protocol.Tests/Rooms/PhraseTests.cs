using System.Text;

namespace HardwareChat.Protocol.Tests;

public sealed class PhraseTests
{
    private static readonly RoomId Room = new(Digest.Of("room"u8));
    private static readonly PhraseParameters Parameters = new(7, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }, ProtocolLimits.PhraseMemoryFloor, ProtocolLimits.PhrasePassesFloor);

    [Fact]
    public void PskId_is_the_label_the_room_and_the_version()
    {
        byte[] expected = [.. "HardwareChat 1 phrase\0"u8, .. Room.Value.ToArray(), 0, 0, 0, 7];
        Assert.Equal(expected, Phrase.PskId(Room, 7));
    }

    [Fact]
    public void White_space_around_and_between_the_words_does_not_count()
    {
        byte[] psk = Derive("six words that open a door");
        Assert.Equal(psk, Derive("  six   words that\topen a door "));
        Assert.NotEqual(psk, Derive("six words that open a window"));
    }

    [Fact]
    public void The_key_depends_on_the_room_the_version_the_salt_and_the_work()
    {
        byte[] psk = Derive("phrase");
        byte[] salt = Parameters.Salt.ToArray();
        salt[0] ^= 1;
        Assert.All<byte[]>(
            [
                Derive("phrase", room: new RoomId(default)),
                Derive("phrase", Parameters with { Version = 8 }),
                Derive("phrase", Parameters with { Salt = salt }),
                Derive("phrase", Parameters with { Passes = 4 }),
            ],
            other => Assert.NotEqual(psk, other));
    }

    [Fact]
    public void Progress_is_told_before_and_after_the_work()
    {
        var stages = new List<PhraseStage>();
        Phrase.Derive("phrase", Room, Parameters, new byte[32], new Recorder(stages));
        Assert.Equal([PhraseStage.Hashing, PhraseStage.Done], stages);
    }

    [Theory]
    [InlineData("Grüße aus Köln", true)]
    [InlineData("Ελλάδα", true)]
    [InlineData("Привет", true)]
    [InlineData("合言葉", true)]
    [InlineData("비밀번호", true)]
    [InlineData("u\u0308ber", false)]
    [InlineData("\u212Bngstrom", false)]
    [InlineData("\u037E", false)]
    [InlineData("\u1100\u1161", false)]
    [InlineData("a\u0000b", false)]
    [InlineData("a\u00ADb", false)]
    [InlineData("👍", false)]
    [InlineData("   ", false)]
    [InlineData("", false)]
    public void A_phrase_has_only_characters_that_are_the_same_for_everybody(string phrase, bool good)
    {
        Assert.Equal(good, Phrase.IsPhrase(phrase));
        if (!good)
            Assert.Throws<ArgumentException>(() => Derive(phrase));
    }

    [Fact]
    public void A_phrase_has_a_longest_length()
    {
        Assert.True(Phrase.IsPhrase(new string('a', ProtocolLimits.PhraseBytes)));
        Assert.False(Phrase.IsPhrase(new string('ü', ProtocolLimits.PhraseBytes)));
    }

    [Fact]
    public void Every_character_that_is_taken_is_in_normal_form_C_by_an_independent_judge()
    {
        // Under InvariantGlobalization the platform cannot judge (Normalize returns its input), so Python does, where it is installed.
        string taken = string.Concat(Enumerable.Range(0x20, 0xFFE0).Where(static c => Phrase.IsPhrase($"x{(char)c}")).Select(static c => (char)c));
        var start = new System.Diagnostics.ProcessStartInfo("python3", ["-c", "import sys,unicodedata as u\nt=sys.stdin.buffer.read().decode('utf-16-le')\nprint(sum(1 for c in t if u.normalize('NFC',c)!=c or u.normalize('NFC','a'+c)!='a'+c or u.combining(c)))"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        System.Diagnostics.Process? python = null;
        try
        {
            python = System.Diagnostics.Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("needs python3 for its Unicode tables");
        }
        using (python)
        {
            python!.StandardInput.BaseStream.Write(Encoding.Unicode.GetBytes(taken));
            python.StandardInput.Close();
            Assert.Equal("0", python.StandardOutput.ReadToEnd().Trim());
        }
        Assert.True(taken.Length > 20_000);
    }

    private static byte[] Derive(string phrase, PhraseParameters? parameters = null, RoomId? room = null)
    {
        var psk = new byte[Phrase.PskSize];
        Phrase.Derive(phrase, room ?? Room, parameters ?? Parameters, psk);
        return psk;
    }

    private sealed class Recorder(List<PhraseStage> stages) : IProgress<PhraseStage>
    {
        public void Report(PhraseStage value) => stages.Add(value);
    }
}
