using CsCheck;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

public sealed class PaperTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(1, 20).Select(static i => (byte)i)];

    [Fact]
    public void A_code_is_read_as_people_write_it()
    {
        using InviteCode code = InviteCode.FromBytes(Bytes);
        string paper = code.ToPaper();
        Assert.Matches("^([0-9A-Z]{4}-){8}[0-9A-Z]{4}$", paper);
        foreach (string written in (string[])[paper, paper.ToLowerInvariant(), paper.Replace("-", "", StringComparison.Ordinal), paper.Replace("-", "  ", StringComparison.Ordinal),
            paper.Replace('0', 'O').Replace('1', 'l')])
        {
            using InviteCode read = InviteCode.Parse(written);
            Assert.Equal(paper, read.ToPaper());
        }
    }

    [Fact]
    public void Any_one_character_that_is_wrong_is_found()
        => Gen.Select(Gen.Byte.Array[20], Gen.Int[0, 1000], Gen.Int[1, 31]).Sample((bytes, at, shift) =>
        {
            const string alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
            char[] text = PaperCode.Format(PaperCodeKind.Invite, bytes).Replace("-", "", StringComparison.Ordinal).ToCharArray();
            int index = at % text.Length;
            text[index] = alphabet[(alphabet.IndexOf(text[index], StringComparison.Ordinal) + shift) % 32];
            Assert.Throws<DecodeException>(() => InviteCode.Parse(text));
        });

    [Fact]
    public void An_invite_code_is_no_recovery_key()
    {
        using RecoveryKey key = RecoveryKey.Generate();
        Assert.Throws<DecodeException>(() => InviteCode.Parse(key.ToPaper()));
        using RecoveryKey read = RecoveryKey.Parse(key.ToPaper());
        Assert.Equal(key.ToPaper(), read.ToPaper());
        using Key one = key.ToKey();
        using Key two = read.ToKey();
        Assert.Equal(one.PublicKey, two.PublicKey);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000")]
    [InlineData("U000-0000-0000-0000-0000-0000-0000-0000-0000")]
    [InlineData("0000-0000-0000-0000-0000-0000-0000-0000-0000-0")]
    public void What_is_no_code_is_refused(string text) => Assert.Throws<DecodeException>(() => InviteCode.Parse(text));

    [Fact]
    public void A_code_says_nothing_of_itself()
    {
        using InviteCode code = InviteCode.FromBytes(Bytes);
        using RecoveryKey key = RecoveryKey.Generate();
        Assert.DoesNotContain(code.ToPaper()[..4], code.ToString(), StringComparison.Ordinal);
        Assert.Equal("recovery key (redacted)", key.ToString());
    }

    [Fact]
    public void The_same_code_always_gives_the_same_key()
    {
        using InviteCode code = InviteCode.FromBytes(Bytes);
        using InviteCode again = InviteCode.Parse(code.ToPaper());
        using Key one = code.DeriveKey();
        using Key two = again.DeriveKey();
        Assert.Equal(one.PublicKey, two.PublicKey);
    }

    [Fact]
    public void A_link_and_a_QR_say_the_same_and_keep_everything_behind_the_hash()
    {
        using InviteLink link = Link("https://chat.example/");
        string text = link.ToLink();
        Assert.StartsWith("https://chat.example/#", text, StringComparison.Ordinal);
        Assert.Equal("https://chat.example/", text.Split('#')[0]);
        Assert.Matches("^[0-9A-Z:]+$", link.ToQr());
        foreach (string form in (string[])[text, link.ToQr(), $" {text}\n", link.ToQr().ToLowerInvariant()])
        {
            using InviteLink read = InviteLink.Parse(form);
            Assert.Equal(text, read.ToLink());
            Assert.Equal((link.RegistryId, link.RelayKey, link.RegistrySize, link.RegistryRoot), (read.RegistryId, read.RelayKey, read.RegistrySize, read.RegistryRoot));
            Assert.Equal(link.Code.ToPaper(), read.Code.ToPaper());
        }
        Assert.DoesNotContain(text.Split('#')[1][..8], link.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_link_is_refused()
    {
        using InviteLink link = Link("https://chat.example/");
        string text = link.ToLink();
        Assert.Throws<DecodeException>(() => InviteLink.Parse(text[..^1]));
        Assert.Throws<DecodeException>(() => InviteLink.Parse(text + "A"));
        Assert.Throws<DecodeException>(() => InviteLink.Parse(text.Split('#')[0]));
        Assert.Throws<DecodeException>(() => InviteLink.Parse(text[..60] + (text[60] == 'A' ? 'B' : 'A') + text[61..]));
        Assert.Throws<DecodeException>(() => InviteLink.Parse(link.ToQr() + "0"));
        Assert.Throws<DecodeException>(() => InviteLink.Parse(text.Replace("https", "http", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("http://chat.example/")]
    [InlineData("https://chat.example/?q=1")]
    [InlineData("https://chat.example/#x")]
    [InlineData("https://user@chat.example/")]
    [InlineData("ftp://chat.example/")]
    public void An_invite_leads_to_https_alone(string address) => Assert.Throws<ArgumentException>(() => Link(address));

    [Theory]
    [InlineData("alice", true)]
    [InlineData("a", true)]
    [InlineData("a.b-c_d9", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdef", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefg", false)]
    [InlineData("", false)]
    [InlineData("Alice", false)]
    [InlineData(".a", false)]
    [InlineData("a-", false)]
    [InlineData("a--b", false)]
    [InlineData("a b", false)]
    [InlineData("älice", false)]
    [InlineData("аlice", false)]
    public void Handles_are_of_their_alphabet(string text, bool good)
    {
        Assert.Equal(good, Handle.TryParse(text, out _));
        if (!good)
            Assert.Throws<FormatException>(() => Handle.Parse(text));
    }

    [Theory]
    [InlineData("bob", "b0b")]
    [InlineData("alice", "a1ice")]
    [InlineData("milo", "mllo")]
    [InlineData("warner", "wamer")]
    [InlineData("vvv", "wv")]
    [InlineData("a.b", "a-b")]
    [InlineData("a_b", "a-b")]
    public void Look_alikes_have_one_skeleton(string one, string other)
        => Assert.Equal(Handle.Parse(one).Skeleton, Handle.Parse(other).Skeleton);

    [Theory]
    [InlineData("bob", "bobo")]
    [InlineData("alice", "alicia")]
    [InlineData("ab", "a-b")]
    public void Others_have_their_own(string one, string other)
        => Assert.NotEqual(Handle.Parse(one).Skeleton, Handle.Parse(other).Skeleton);

    private static InviteLink Link(string address)
        => new(new Uri(address), new RegistryId(Digest.Of([1])), Digest.Of([2]), 17, Digest.Of([3]), InviteCode.FromBytes(Bytes));
}
