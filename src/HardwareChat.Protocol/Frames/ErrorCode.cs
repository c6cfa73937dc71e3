namespace HardwareChat.Protocol;

/// <summary>Why a request was not done: one byte, no words. What a peer may not know about is answered as what does not exist.</summary>
public enum ErrorCode : byte
{
    /// <summary>There is no such thing, or not for this client: the two are not told apart.</summary>
    Refused = 1,

    /// <summary>A handshake stands after the position that the commit was made for: read on, and commit again.</summary>
    Conflict = 2,

    /// <summary>Too many handshakes stand after the position that the message was encrypted for: encrypt it again.</summary>
    Stale = 3,

    /// <summary>The log has changed under the statement: read on, and sign again.</summary>
    Superseded = 4,

    /// <summary>The statement breaks a rule of the registry: it will never be appended.</summary>
    Invalid = 5,

    /// <summary>The request quotes more registry than this relay has: it was restored. Offer it what it lacks.</summary>
    Behind = 6,

    /// <summary>Too much, too often, or a relay that is going away: the same again after the given time.</summary>
    Busy = 7,

    /// <summary>Larger than its kind may be, or than this client's quota.</summary>
    TooLarge = 8,

    /// <summary>This relay does not know this kind of request.</summary>
    Unsupported = 9,
}

/// <summary>How the rules' answers go over the wire.</summary>
public static class ErrorCodes
{
    /// <summary>The code of an answer to an Append; null where it was accepted or a duplicate, which is an <see cref="Appended"/>.</summary>
    public static ErrorCode? Of(AppendAnswer answer) => answer switch
    {
        AppendAnswer.Accepted or AppendAnswer.Duplicate => null,
        AppendAnswer.Conflict => ErrorCode.Conflict,
        AppendAnswer.Stale => ErrorCode.Stale,
        AppendAnswer.Refused => ErrorCode.Refused,
        AppendAnswer.RegistryAhead => ErrorCode.Behind,
        AppendAnswer.RateLimited => ErrorCode.Busy,
        AppendAnswer.TooLarge => ErrorCode.TooLarge,
        _ => throw new ArgumentOutOfRangeException(nameof(answer)),
    };
}
