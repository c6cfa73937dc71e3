using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>What one token may still ask for: shared by its connections to this process.</summary>
internal sealed class RequestRate
{
    private const double Hour = 3600;

    private readonly RelayLimits _limits;
    private readonly Lock _gate = new();
    private TokenBucket _requests;
    private TokenBucket _bytes;
    private TokenBucket _packages;
    private TokenBucket _statements;

    /// <summary>Full buckets.</summary>
    public RequestRate(RelayLimits limits, ulong now)
    {
        _limits = limits;
        _requests = TokenBucket.Full(limits.RequestBurst, now);
        _bytes = TokenBucket.Full(limits.RequestBytesBurst, now);
        _packages = TokenBucket.Full(limits.KeyPackagesTakenPerHour, now);
        _statements = TokenBucket.Full(limits.StatementsPerHour, now);
    }

    /// <summary>Takes one request of so many bytes.</summary>
    /// <param name="bytes">Bytes of the frame.</param>
    /// <param name="now">Milliseconds.</param>
    public bool TryRequest(int bytes, ulong now)
    {
        lock (_gate)
        {
            if (!_requests.TryTake(_limits.RequestBurst, _limits.RequestsPerSecond, now, out _requests))
                return false;

            // Bytes are owed afterwards: a frame may cost more than is left, and then the next one waits.
            TokenBucket bytesNow = _bytes.Refilled(_limits.RequestBytesBurst, _limits.RequestBytesPerSecond, now);
            _bytes = bytesNow with { Tokens = bytesNow.Tokens - bytes };
            return bytesNow.Tokens >= 0;
        }
    }

    /// <summary>Takes one key package of somebody's stock.</summary>
    public bool TryPackage(ulong now)
    {
        lock (_gate)
            return _packages.TryTake(_limits.KeyPackagesTakenPerHour, _limits.KeyPackagesTakenPerHour / Hour, now, out _packages);
    }

    /// <summary>Takes one statement.</summary>
    public bool TryStatement(ulong now)
    {
        lock (_gate)
            return _statements.TryTake(_limits.StatementsPerHour, _limits.StatementsPerHour / Hour, now, out _statements);
    }
}
