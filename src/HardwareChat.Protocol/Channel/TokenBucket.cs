namespace HardwareChat.Protocol;

/// <summary>A rate limit as a value: some at once, so many a second in the long run. Time is the caller's, in milliseconds.</summary>
/// <param name="Tokens">What may be taken at <paramref name="At"/>.</param>
/// <param name="At">Milliseconds of any clock that does not go back; if it does, nothing is refilled meanwhile.</param>
public readonly record struct TokenBucket(double Tokens, ulong At)
{
    /// <summary>A bucket from which nothing has been taken.</summary>
    public static TokenBucket Full(double burst, ulong now) => new(burst, now);

    /// <summary>What the bucket holds at <paramref name="now"/>.</summary>
    public TokenBucket Refilled(double burst, double perSecond, ulong now)
    {
        ulong elapsed = now > At ? now - At : 0;
        return new TokenBucket(Math.Min(burst, Tokens + (elapsed * perSecond / 1000)), Math.Max(now, At));
    }

    /// <summary>Takes one, if there is one.</summary>
    /// <param name="burst">The most that the bucket holds.</param>
    /// <param name="perSecond">What flows in.</param>
    /// <param name="now">Milliseconds.</param>
    /// <param name="next">The bucket afterwards, either way.</param>
    public bool TryTake(double burst, double perSecond, ulong now, out TokenBucket next)
    {
        next = Refilled(burst, perSecond, now);
        if (next.Tokens < 1)
            return false;
        next = next with { Tokens = next.Tokens - 1 };
        return true;
    }
}
