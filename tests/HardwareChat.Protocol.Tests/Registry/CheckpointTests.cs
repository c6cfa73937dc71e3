using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Protocol.Tests;

/// <summary>C2SP signed-note, tlog-checkpoint and tlog-cosignature, with the examples that stand in those specifications.</summary>
public sealed class CheckpointTests
{
    // https://c2sp.org/tlog-cosignature, "Format"
    private const string Cosigned = """
        example.com/behind-the-sofa
        20852163
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
        — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==

        """;

    // https://c2sp.org/signed-note, "Example"
    private const string Note = """
        This is an example message.

        — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

        """;

    private const string NoteKey = "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    [Fact]
    public void The_example_of_signed_note_verifies()
    {
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(Note));
        byte[] key = Convert.FromBase64String(NoteKey);
        Assert.Equal(SignedNote.Ed25519Type, key[0]);
        Assert.Equal(0x530d903au, SignedNote.KeyIdOf("example.com/foo", SignedNote.Ed25519Type, key.AsSpan(1)));
        Assert.True(note.IsSignedBy("example.com/foo", new Digest(key.AsSpan(1))));
        Assert.False(note.IsSignedBy("example.com/bar", new Digest(key.AsSpan(1))));
        Assert.False((note with { Text = "This is another message.\n" }).IsSignedBy("example.com/foo", new Digest(key.AsSpan(1))));
        Assert.Equal(Note, Encoding.UTF8.GetString(note.Encode()));
    }

    [Fact]
    public void The_example_of_a_cosigned_checkpoint_parses()
    {
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(Cosigned));
        Checkpoint checkpoint = Checkpoint.Parse(note.Text);
        Assert.Equal("example.com/behind-the-sofa", checkpoint.Origin);
        Assert.Equal(20852163UL, checkpoint.Size);
        Assert.Equal("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", Convert.ToBase64String(checkpoint.Root.ToArray()));
        Assert.Equal(["example.com/behind-the-sofa", "witness.example.com/w1"], note.Signatures.Select(static line => line.KeyName));
        Assert.Equal(Cosigned, Encoding.UTF8.GetString(note.Encode()));
    }

    [Fact]
    public void Extension_lines_are_kept_since_they_are_signed()
    {
        const string text = "hwchat.log/00\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore\n";
        Assert.Equal(text, Checkpoint.Parse(text).ToText());
    }

    [Theory]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")]
    [InlineData("o\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("o\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("o\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("o\n18446744073709551616\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n")]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n")]
    [InlineData("\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore")]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n")]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==    \n")]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I= \n")]
    [InlineData("o\n1\n")]
    [InlineData("")]
    public void Malformed_checkpoints_are_refused(string text) => Assert.Throws<DecodeException>(() => Checkpoint.Parse(text));

    [Theory]
    [InlineData("text\n\n")]
    [InlineData("text\n— a AAAAAAA=\n")]
    [InlineData("text\n\n— a AAAAAAA=")]
    [InlineData("text\n\n- a AAAAAAA=\n")]
    [InlineData("text\n\n— a+b AAAAAAA=\n")]
    [InlineData("text\n\n— a AAAAAAB=\n")]
    [InlineData("text\n\n— a AAAA\n")]
    [InlineData("te\txt\n\n— a AAAAAAA=\n")]
    [InlineData("te\rxt\n\n— a AAAAAAA=\n")]
    [InlineData("text\n\n— a AAAAAAA= \n")]
    [InlineData("")]
    public void Malformed_notes_are_refused(string text) => Assert.Throws<DecodeException>(() => SignedNote.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused()
        => Assert.Throws<DecodeException>(() => SignedNote.Parse([0xFF, .. "\n\n— a AAAAAAA=\n"u8]));
}
