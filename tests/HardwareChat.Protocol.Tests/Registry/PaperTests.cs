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
    public void A_code_without_its_last_character_is_refused_even_where_that_was_a_zero()
    {
        for (int i = 0; i < 256; i++)
        {
            using InviteCode code = InviteCode.FromBytes(Digest.Of([(byte)i]).ToArray().AsSpan(0, InviteCode.Size));
            string paper = code.ToPaper();
            if (paper[^1] != '0')
                continue;
            Assert.Throws<DecodeException>(() => InviteCode.Parse(paper.AsSpan(0, paper.Length - 1)));
            return;
        }
        Assert.Fail("none of 256 codes ends in a zero");
    }

    [Fact]
    public void Bits_left_over_in_a_code_are_zero()
    {
        // 32 bytes are 51 characters and one bit: the other four bits of the 52nd are nobody's.
        using RecoveryKey key = RecoveryKey.Generate();
        string paper = key.ToPaper().Replace("-", "", StringComparison.Ordinal);
        const string alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        int last = alphabet.IndexOf(paper[51], StringComparison.Ordinal);
        Assert.Equal(0, last & 15);
        for (int bits = 1; bits < 16; bits++)
            Assert.Throws<DecodeException>(() => RecoveryKey.Parse(paper[..51] + alphabet[last | bits] + paper[52..]));
    }

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

    [Fact]
    public void An_invite_has_one_form_and_nothing_behind_it()
    {
        using InviteLink link = Link("https://chat.example/");
        string text = link.ToLink();
        string qr = link.ToQr();
        Assert.Throws<DecodeException>(() => InviteLink.Parse(text + "AAAA"));
        Assert.Throws<DecodeException>(() => InviteLink.Parse(text[..^4]));
        Assert.Throws<DecodeException>(() => InviteLink.Parse(text[..60] + " " + text[60..]));
        Assert.Throws<DecodeException>(() => InviteLink.Parse(text + "===="));
        for (int length = 0; length < 8; length++)
        {
            using InviteLink other = Link("https://chat.example/" + new string('a', length));
            for (int more = 1; more <= 8; more++)
                Assert.Throws<DecodeException>(() => InviteLink.Parse(other.ToQr() + new string('0', more)));
        }
        for (int less = 1; less <= 8; less++)
            Assert.Throws<DecodeException>(() => InviteLink.Parse(qr[..^less]));
        Assert.Throws<DecodeException>(() => InviteLink.Parse(qr[..^3] + "U" + qr[^2..]));
        Assert.Throws<DecodeException>(() => InviteLink.Parse(new string('A', 100_000)));

        // The last character's bits beyond the last byte: any of them set is another form of the same invite.
        const string alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        Assert.Equal(1, alphabet.Count(last => Reads(qr[..^1] + last)));
        Assert.Equal(1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".Count(last => Reads(text[..^1] + last)));

        static bool Reads(string invite)
        {
            try
            {
                InviteLink.Parse(invite).Dispose();
                return true;
            }
            catch (DecodeException)
            {
                return false;
            }
        }
    }

    [Fact]
    public void An_unknown_version_of_an_invite_is_refused_though_its_checksum_fits()
    {
        using InviteLink link = Link("https://chat.example/");
        string text = link.ToLink();
        byte[] fragment = System.Buffers.Text.Base64Url.DecodeFromChars(text.Split('#')[1]);
        fragment[1] = 2;
        Labelled.Hash(Labels.PaperCode, fragment.AsSpan(0, fragment.Length - 4)).ToArray().AsSpan(0, 4).CopyTo(fragment.AsSpan(fragment.Length - 4));
        string other = "https://chat.example/#" + System.Buffers.Text.Base64Url.EncodeToString(fragment);
        Assert.Contains("version", Assert.Throws<DecodeException>(() => InviteLink.Parse(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_relays_address_has_its_length_and_is_absolute()
    {
        string longest = "https://chat.example/" + new string('a', ProtocolLimits.RelayAddressBytes - 21);
        using InviteLink link = Link(longest);
        using InviteLink read = InviteLink.Parse(link.ToQr());
        Assert.Equal(longest, read.Relay.AbsoluteUri);
        Assert.Throws<ArgumentException>(() => Link(longest + "a"));
        Assert.Throws<ArgumentException>(() => new InviteLink(new Uri("/chat", UriKind.Relative), default, default, 1, default, InviteCode.FromBytes(Bytes)));
        Assert.Throws<ArgumentException>(() => InviteCode.FromBytes(new byte[19]));
        Assert.Throws<ArgumentException>(() => PaperCode.Format(PaperCodeKind.Recovery, Bytes));
        Assert.Throws<ArgumentException>(() => PaperCode.Parse(PaperCodeKind.Recovery, "", new byte[20]));
    }

    [Theory]
    [InlineData("http://chat.example/")]
    [InlineData("https://chat.example/?q=1")]
    [InlineData("https://chat.example/#x")]
    [InlineData("https://user@chat.example/")]
    [InlineData("ftp://chat.example/")]
    [InlineData("https://älice.example/")]
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
