using System.CommandLine;
using HardwareChat.Protocol;

namespace HardwareChat.Tools;

/// <summary>Which tokens of the registry a verb is about: a person, for all of theirs, or the beginning of a token's id.</summary>
internal static class TokenSubject
{
    private const int ShortestId = 8;

    /// <summary>The argument HANDLE|TOKEN.</summary>
    public static Argument<string> Argument() => new("HANDLE|TOKEN") { Description = $"A person, for all tokens of theirs, or the first {ShortestId} or more digits of a token's id." };

    /// <summary>The beginning of an id, as people are shown it.</summary>
    public static string Short(TokenId token) => token.ToString()[..ShortestId];

    /// <summary>The tokens, in words.</summary>
    public static string Words(RegistryState state, IEnumerable<TokenId> tokens) => string.Join(" and ", tokens.Select(id => $"{Short(id)}, a token of {state.Token(id)!.Handle}"));

    /// <summary>The tokens that are meant and not revoked.</summary>
    /// <exception cref="FailureException">There are none, or it is not clear which.</exception>
    public static TokenId[] Meant(RegistryState state, string whom)
    {
        RegistryUser? user = Handle.TryParse(whom, out Handle handle) ? state.User(handle) : null;
        TokenId[] meant = user is not null
            ? [.. user.Tokens]
            : whom.Length < ShortestId ? [] : [.. state.Tokens.Keys.Where(id => id.ToString().StartsWith(whom, StringComparison.OrdinalIgnoreCase))];
        TokenId[] good = [.. meant.Where(id => state.Token(id)?.RevokedAt is null)];
        if (meant.Length == 0)
            throw new FailureException(ExitCode.Input, "not-found", $"the registry knows no person and no token \"{PrintableText.Of(whom)}\".", "hwchat-tools registry show names those there are");
        if (good.Length == 0)
            throw new FailureException(ExitCode.Refused, "already-revoked", "that is revoked already.");
        return user is null && good.Length > 1
            ? throw new FailureException(ExitCode.Input, "token-ambiguous", "more than one token's id begins so; give more digits.")
            : good;
    }

    /// <summary>Refuses what only an admin may say about another's tokens.</summary>
    /// <exception cref="FailureException">No admin, and the tokens are not all this person's.</exception>
    public static void RequireOwnOrAdmin(Client.ChatClient client, IEnumerable<TokenId> tokens)
    {
        if (tokens.Any(id => client.Registry.Token(id)?.Handle != client.Handle))
            CommunityOptions.RequireAdmin(client);
    }
}
