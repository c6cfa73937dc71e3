using System.Collections.Immutable;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Verification;

/// <summary>What a person's mark on another is worth now.</summary>
public enum VerificationState
{
    /// <summary>The two never compared: there is no mark.</summary>
    Unverified = 0,

    /// <summary>All of the user's tokens were compared, or the person chose to trust what those add.</summary>
    Verified,

    /// <summary>The user has a token that was not compared: compare again.</summary>
    TokensAdded,

    /// <summary>No token that was compared is left: as if the two had never compared.</summary>
    TokensReplaced,
}

/// <summary>One person's mark on another: the tokens that were compared, and whether it outlives new ones.</summary>
/// <param name="User">Who was compared.</param>
/// <param name="Tokens">The tokens of that day.</param>
/// <param name="SurvivesAddedTokens">Chosen by the person: a token that a compared one vouches for in the registry counts as compared.</param>
public sealed record VerifiedMark(Handle User, ImmutableHashSet<TokenId> Tokens, bool SurvivesAddedTokens)
{
    /// <summary>What the mark is worth now.</summary>
    /// <param name="tokens">The user's tokens in the registry, revoked ones too.</param>
    public VerificationState StateAmong(IEnumerable<RegistryToken> tokens)
    {
        Dictionary<TokenId, RegistryToken> all = tokens.Where(token => token.Handle == User).ToDictionary(token => token.Keys.TokenId);
        TokenId[] current = [.. all.Where(token => token.Value.RevokedAt is null).Select(token => token.Key)];
        if (current.Length > 0 && current.All(token => Tokens.Contains(token) || (SurvivesAddedTokens && IsVouchedFor(token, all))))
            return VerificationState.Verified;
        return current.Any(Tokens.Contains) ? VerificationState.TokensAdded : VerificationState.TokensReplaced;
    }

    // Each addition stands later in the log than the token that signed it, so the chain ends: at the user's first token, which nobody added.
    private bool IsVouchedFor(TokenId token, Dictionary<TokenId, RegistryToken> all)
    {
        while (all.TryGetValue(token, out RegistryToken? entry) && entry.AddedBy is { } adder && all.TryGetValue(adder, out RegistryToken? older) && older.EnrolledAt < entry.EnrolledAt)
        {
            if (Tokens.Contains(adder))
                return true;
            token = adder;
        }
        return false;
    }
}
