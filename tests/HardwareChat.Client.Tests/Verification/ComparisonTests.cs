using System.Collections.Immutable;
using System.Security.Cryptography;
using HardwareChat.Client.Verification;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests.Verification;

public static class ComparisonTests
{
    private static readonly Handle Alice = Handle.Parse("alice");
    private static readonly Handle Bob = Handle.Parse("bob");
    private static readonly RegistryId Registry = new(Digest.Of("registry"u8));

    [Fact]
    public static void Both_people_read_the_same_words_and_codes()
    {
        var one = new Comparison(Registry, User(Alice, 1, 2), User(Bob, 3));
        var other = new Comparison(Registry, User(Bob, 3), User(Alice, 2, 1));
        Assert.Equal(one.ToWords(), other.ToWords());
        Assert.Equal(Comparison.Words, one.ToWords().Count);
        Assert.True(one.Matches(other.ToQrText().ToLowerInvariant() + "\n"));
    }

    [Fact]
    public static void Another_key_user_or_registry_gives_other_words()
    {
        var right = new Comparison(Registry, User(Alice, 1), User(Bob, 3));
        Comparison[] wrong =
        [
            new(Registry, User(Alice, 1), User(Bob, 4)),
            new(Registry, User(Alice, 1, 3), User(Bob, 3)),
            new(Registry, User(Alice, 3), User(Bob, 1)),
            new(Registry, User(Alice, 1), User(Handle.Parse("bobb"), 3)),
            new(new RegistryId(default), User(Alice, 1), User(Bob, 3)),
        ];
        Assert.All(wrong, comparison => Assert.NotEqual(right.ToWords(), comparison.ToWords()));
        Assert.All(wrong, comparison => Assert.False(right.Matches(comparison.ToQrText())));
        Assert.Null(right.Matches("https://example.com"));
    }

    [Fact]
    public static void Words_can_be_told_apart()
    {
        string[] words = [.. Enumerable.Range(0, 256).Select(value => ComparisonWords.Of((byte)value))];
        Assert.Equal(256, words.Distinct().Count());
        Assert.Equal(256, words.Select(word => word[..Math.Min(4, word.Length)]).Distinct().Count());
        Assert.All(words, word => Assert.Matches("^[a-z]{3,8}$", word));
    }

    [Fact]
    public static void Nobody_compares_with_himself_or_without_tokens()
    {
        Assert.Throws<ArgumentException>(() => new Comparison(Registry, User(Alice, 1), User(Alice, 2)));
        Assert.Throws<ArgumentException>(() => User(Alice));
        Assert.Throws<ArgumentException>(() => User(Alice, 1, 1));
    }

    [Fact]
    public static void A_mark_is_worth_what_the_tokens_say()
    {
        RegistryToken first = Token(0, null);
        RegistryToken second = Token(1, first);
        RegistryToken third = Token(2, second);
        var strict = new VerifiedMark(Alice, ImmutableHashSet.Create(first.Keys.TokenId), false);
        VerifiedMark lasting = strict with { SurvivesAddedTokens = true };
        RegistryToken revoked = first with { RevokedAt = 9 };

        Assert.Equal(VerificationState.Verified, strict.StateAmong([first]));
        Assert.Equal(VerificationState.TokensAdded, strict.StateAmong([first, second]));
        Assert.Equal(VerificationState.TokensReplaced, strict.StateAmong([revoked, second]));
        Assert.Equal(VerificationState.TokensReplaced, strict.StateAmong([revoked]));
        Assert.Equal(VerificationState.Verified, lasting.StateAmong([first, second, third]));
        Assert.Equal(VerificationState.Verified, lasting.StateAmong([revoked, second, third]));
        Assert.Equal(VerificationState.TokensAdded, lasting.StateAmong([first, Token(3, null)]));
        Assert.Equal(VerificationState.TokensReplaced, lasting.StateAmong([first with { Handle = Bob }]));
        Assert.Equal([second.Keys.TokenId], ComparedUser.Of(Alice, [revoked, second]).Tokens);
        Assert.Throws<ArgumentException>(() => ComparedUser.Of(Bob, [second]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static void Qr_code_is_square_and_has_its_finders(bool lightOnDark)
    {
        string text = new Comparison(Registry, User(Alice, 1), User(Bob, 3)).ToQrText();
        IReadOnlyList<string> lines = TerminalQr.Lines(text, lightOnDark);
        int size = lines[0].Length;
        Assert.All(lines, line => Assert.Equal(size, line.Length));
        Assert.Equal((size + 1) / 2, lines.Count);
        bool Dark(int x, int y) => lines[y / 2][x] is var c && (c == '█' || c == (y % 2 == 0 ? '▀' : '▄')) != lightOnDark;

        // Four light modules around, then the 7x7 finder: dark, light, three dark in the middle.
        Assert.All(Enumerable.Range(0, size), x => Assert.False(Dark(x, 0) || Dark(x, 3) || Dark(0, x - (x % 2)) || Dark(3, x)));
        Assert.Equal("1011101", string.Concat(Enumerable.Range(4, 7).Select(x => Dark(x, 7) ? '1' : '0')));
        Assert.Equal("1111111", string.Concat(Enumerable.Range(4, 7).Select(y => Dark(size - 5, y) ? '1' : '0')));
        Assert.Equal(1, size % 4);
    }

    private static ComparedUser User(Handle handle, params byte[] tokens) => new(handle, tokens.Select(token => new TokenId(Digest.Of([token]))));

    private static RegistryToken Token(ulong index, RegistryToken? addedBy)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = key.ExportSubjectPublicKeyInfo();
        return new RegistryToken { Keys = new TokenEnrolment(spki, spki, [], default), Handle = Alice, EnrolledAt = index, AddedBy = addedBy?.Keys.TokenId };
    }
}
