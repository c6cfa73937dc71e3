using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>Why there is no channel to the relay, or no longer one.</summary>
public enum ConnectionFault
{
    /// <summary>Nothing answers at the address, or its name is not known.</summary>
    Unreachable = 1,

    /// <summary>Something answers, but not WebSocket: a proxy that does not pass it on, or another server.</summary>
    NotARelay,

    /// <summary>The relay did not prove to be the one that is pinned: nothing was told to it.</summary>
    NotTheRelay,

    /// <summary>The relay closed before Ready: it does not let this client in, and does not say why.</summary>
    Refused,

    /// <summary>The socket ended without a close: what was not acknowledged is sent again.</summary>
    Lost,

    /// <summary>The relay said goodbye.</summary>
    Closed,

    /// <summary>The relay broke the protocol.</summary>
    Broken,

    /// <summary>No answer in time.</summary>
    TimedOut,
}

/// <summary>There is no channel to the relay.</summary>
public sealed class ConnectionException : Exception
{
    /// <summary>No channel, for this reason.</summary>
    public ConnectionException(ConnectionFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>The reason.</summary>
    public ConnectionFault Fault { get; }

    /// <summary>Why the relay said goodbye, if it did.</summary>
    public CloseReason? Reason { get; init; }
}

/// <summary>The relay did not do what it was asked.</summary>
public sealed class RelayException : Exception
{
    /// <summary>Not done.</summary>
    public RelayException(ErrorCode code, uint retryAfter)
        : base(TextOf(code))
    {
        Code = code;
        RetryAfter = TimeSpan.FromSeconds(retryAfter);
    }

    /// <summary>The relay's code.</summary>
    public ErrorCode Code { get; }

    /// <summary>How long to wait; zero where that does not help, or is not known.</summary>
    public TimeSpan RetryAfter { get; }

    private static string TextOf(ErrorCode code) => code switch
    {
        ErrorCode.Conflict => "another change of the room came first",
        ErrorCode.Stale => "the room has moved on since this was encrypted",
        ErrorCode.Superseded => "the registry has moved on since this was signed",
        ErrorCode.Invalid => "the statement breaks a rule of the registry",
        ErrorCode.Behind => "the relay has less of the log than this client: it was restored from a backup",
        ErrorCode.Busy => "the relay is busy, or this client asks too often",
        ErrorCode.TooLarge => "too large for the relay, or beyond this user's quota",
        ErrorCode.Unsupported => "the relay does not know this kind of request",
        _ => "there is no such thing, or not for this client",
    };
}
