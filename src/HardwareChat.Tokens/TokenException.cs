namespace HardwareChat.Tokens;

/// <summary>Something between a program and its token failed: the way to the card, or the card's own answer.</summary>
public abstract class TokenException : Exception
{
    /// <summary>A failure, in words for the person at the screen.</summary>
    /// <param name="message">What happened; no secret, and codes only in brackets after the sentence.</param>
    /// <param name="hint">What to do next.</param>
    /// <param name="innerException">The cause, if another exception was it.</param>
    protected TokenException(string message, string hint, Exception? innerException = null)
        : base(message, innerException) => Hint = hint;

    /// <summary>What the person can do next.</summary>
    public string Hint { get; }
}
