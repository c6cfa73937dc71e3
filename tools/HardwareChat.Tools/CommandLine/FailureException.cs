namespace HardwareChat.Tools;

/// <summary>A run that ends here, with its words: an "error:" line, perhaps "hint:" lines, and an exit code.</summary>
internal sealed class FailureException : Exception
{
    /// <summary>A failure in words.</summary>
    /// <param name="exit">The exit code.</param>
    /// <param name="code">The name that --json gives it, lower-case with hyphens.</param>
    /// <param name="message">One sentence: what happened, and whose fault it likely is.</param>
    /// <param name="hints">What to do next, a line each.</param>
    public FailureException(ExitCode exit, string code, string message, params string[] hints)
        : base(message)
    {
        Exit = exit;
        Code = code;
        Hints = hints;
    }

    /// <summary>A failure in words, with what caused it.</summary>
    public FailureException(ExitCode exit, string code, string message, Exception cause, params string[] hints)
        : base(message, cause)
    {
        Exit = exit;
        Code = code;
        Hints = hints;
    }

    public ExitCode Exit { get; }

    public string Code { get; }

    public IReadOnlyList<string> Hints { get; }

    /// <summary>Tries that are left, where the failure is a wrong PIN or PUK and the token said so.</summary>
    public int? TriesLeft { get; init; }
}
