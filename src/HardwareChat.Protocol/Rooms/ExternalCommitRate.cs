using System.Collections.Immutable;

namespace HardwareChat.Protocol;

/// <summary>The external commits of one room in the last hour: at most 3 a token, 30 in all. Immutable, and never longer than 30.</summary>
/// <param name="Recent">Who and when, oldest first.</param>
public sealed record ExternalCommitRate(ImmutableList<(TokenId Token, ulong Time)> Recent)
{
    private const ulong Hour = 3600;

    /// <summary>None yet.</summary>
    public static ExternalCommitRate None { get; } = new([]);

    /// <summary>Whether this token may make one more now.</summary>
    public bool Allows(TokenId token, ulong now)
    {
        ImmutableList<(TokenId Token, ulong Time)> live = Live(now);
        return live.Count < ProtocolLimits.ExternalCommitsPerRoomHour
            && live.Count(commit => commit.Token == token) < ProtocolLimits.ExternalCommitsPerTokenHour;
    }

    /// <summary>The rate with one more.</summary>
    public ExternalCommitRate Take(TokenId token, ulong now) => new(Live(now).Add((token, now)));

    private ImmutableList<(TokenId Token, ulong Time)> Live(ulong now)
        => Recent.RemoveAll(commit => commit.Time <= now && now - commit.Time >= Hour);
}
