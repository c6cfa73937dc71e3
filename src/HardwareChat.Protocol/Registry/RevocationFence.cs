namespace HardwareChat.Protocol;

/// <summary>Revocations and sign-outs that this client has seen by any way and that its log does not hold yet: they act at once.</summary>
/// <remarks>The fence decides only what this client sends and shows, never whether an entry is valid.</remarks>
public sealed class RevocationFence
{
    private readonly Dictionary<StatementId, SignedStatement> _pending = [];

    /// <summary>What the log withholds so far: worth an alarm if it stays.</summary>
    public IReadOnlyCollection<SignedStatement> Pending => _pending.Values;

    /// <summary>Takes a statement as it came in a room message, a file, from a member; the rule that it breaks, or null if it fences.</summary>
    public RegistryRule? Take(RegistryState state, SignedStatement news)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(news);
        if (RegistryMachine.CheckOnSight(state, news) is { } rule)
            return rule;
        if (!state.Contains(news.Statement.Id))
            _pending[news.Statement.Id] = news;
        return null;
    }

    /// <summary>Whether this token is fenced: a revocation or sign-out of it was seen that the log does not hold.</summary>
    public bool Covers(RegistryState state, TokenId token)
    {
        ArgumentNullException.ThrowIfNull(state);
        return _pending.Values.Any(news => !state.Contains(news.Statement.Id) && Names(state, news.Statement.Body).Contains(token));
    }

    /// <summary>Forgets what the log holds by now.</summary>
    public void Settle(RegistryState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        foreach (StatementId id in _pending.Keys.Where(state.Contains).ToList())
            _pending.Remove(id);
    }

    private static IReadOnlyList<TokenId> Names(RegistryState state, StatementBody body) => body switch
    {
        Revoke revoke => RegistryMachine.RevokedBy(state, revoke),
        SignOut signOut => [signOut.Token],
        _ => [],
    };
}
