namespace HardwareChat.Mls;

/// <summary>Well-formed bytes that break a rule of MLS. Nothing has changed when it is thrown.</summary>
/// <remarks>The message never quotes secrets or message content. Malformed bytes have <see cref="Wire.DecodeException"/> instead.</remarks>
public sealed class ValidationException : Exception
{
    /// <summary>A broken rule.</summary>
    /// <param name="rule">Which one.</param>
    /// <param name="message">What in particular broke it.</param>
    public ValidationException(ValidationRule rule, string message)
        : base($"{rule}: {message}") => Rule = rule;

    /// <summary>A broken rule, found by way of another exception.</summary>
    /// <param name="rule">Which one.</param>
    /// <param name="message">What in particular broke it.</param>
    /// <param name="innerException">How it was found.</param>
    public ValidationException(ValidationRule rule, string message, Exception innerException)
        : base($"{rule}: {message}", innerException) => Rule = rule;

    /// <summary>The rule that was broken.</summary>
    public ValidationRule Rule { get; }
}
