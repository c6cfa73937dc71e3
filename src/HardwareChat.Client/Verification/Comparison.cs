using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client.Verification;

// struct { Handle handle; TokenId tokens<V>; } ComparedUser;                    tokens: those that are not revoked, ascending
// struct { opaque registry_id[32]; ComparedUser users[2]; } ComparedUsers;      the handles ascend
//
// digest = H("comparison", ComparedUsers)
//
// A TokenId is the SHA-256 of the token's public key, so the digest stands for both people's keys. Both clients compute it of their own replicas: if the
// words are the same, the registries that the two see name the same keys for both. Twelve words are 96 bits: to show one of the two a
// false key, somebody would have to find keys whose digest begins with the same 96 bits as the true one, with one touch a try. Nothing here is secret.

/// <summary>What two people compare to know that each has the other's true tokens.</summary>
public sealed class Comparison
{
    /// <summary>Words that are read aloud.</summary>
    public const int Words = 12;

    // Upper-case letters, digits, ':' and '-' only: a QR code packs those closest.
    private const string QrPrefix = "HARDWARECHAT:COMPARE:1:";

    private readonly Digest _digest;

    /// <summary>The comparison of two users.</summary>
    /// <exception cref="ArgumentException">The same user twice, or a user without a token.</exception>
    public Comparison(RegistryId registry, ComparedUser one, ComparedUser other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        if (one.Handle == other.Handle)
            throw new ArgumentException("Nobody compares with himself.", nameof(other));
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        registry.WriteTo(ref writer);
        (one.Handle < other.Handle ? one : other).WriteTo(ref writer);
        (one.Handle < other.Handle ? other : one).WriteTo(ref writer);
        _digest = Labelled.Hash(Labels.Comparison, buffer.WrittenSpan);
    }

    /// <summary>The words, the same ones for both people.</summary>
    public IReadOnlyList<string> ToWords() => [.. _digest.ToArray().Take(Words).Select(ComparisonWords.Of)];

    /// <summary>The text of the QR code: all 256 bits.</summary>
    public string ToQrText() => QrPrefix + _digest.ToString().ToUpperInvariant();

    /// <summary>Whether a text that was read from the other's QR code is this comparison; null if it is no such text at all.</summary>
    public bool? Matches(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        return trimmed.StartsWith(QrPrefix, StringComparison.OrdinalIgnoreCase) && trimmed.Length == QrPrefix.Length + (2 * Digest.Size)
            ? string.Equals(trimmed, ToQrText(), StringComparison.OrdinalIgnoreCase)
            : null;
    }
}

/// <summary>One of the two.</summary>
public sealed class ComparedUser : ITlsSerializable
{
    private readonly TokenId[] _tokens;

    /// <summary>A user with the tokens that the registry names and has not revoked.</summary>
    /// <exception cref="ArgumentException">No token, or one twice.</exception>
    public ComparedUser(Handle handle, IEnumerable<TokenId> tokens)
    {
        Handle = handle;
        _tokens = [.. tokens.OrderBy(token => token.ToString(), StringComparer.Ordinal)];
        if (_tokens.Length == 0 || _tokens.Distinct().Count() != _tokens.Length)
            throw new ArgumentException("A user has tokens, each once.", nameof(tokens));
    }

    /// <summary>Who.</summary>
    public Handle Handle { get; }

    /// <summary>The tokens, ascending.</summary>
    public IReadOnlyList<TokenId> Tokens => _tokens;

    /// <summary>A user with these tokens, without the revoked ones.</summary>
    /// <param name="handle">Who.</param>
    /// <param name="tokens">The user's tokens in the registry.</param>
    /// <exception cref="ArgumentException">No token that is not revoked, or another user's token.</exception>
    public static ComparedUser Of(Handle handle, IEnumerable<RegistryToken> tokens)
    {
        RegistryToken[] valid = [.. tokens.Where(token => token.RevokedAt is null)];
        return valid.All(token => token.Handle == handle)
            ? new ComparedUser(handle, valid.Select(token => token.Keys.TokenId))
            : throw new ArgumentException("A token is another user's.", nameof(tokens));
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Handle.WriteTo(ref writer);
        writer.WriteVector<TokenId>(_tokens);
    }
}
