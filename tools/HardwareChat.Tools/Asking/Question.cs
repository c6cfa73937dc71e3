namespace HardwareChat.Tools;

/// <summary>Questions to the person at the terminal, and what answers them when nobody is there.</summary>
internal static class Question
{
    /// <summary>Asks for a typed "yes".</summary>
    /// <param name="screen">Where the question is shown.</param>
    /// <param name="answered">Whether an option has said yes already.</param>
    /// <param name="question">What "yes" agrees to.</param>
    /// <param name="option">The option that says yes, for the hint.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <exception cref="FailureException">The answer was another, or nobody is there to ask.</exception>
    public static Task AgreeAsync(Screen screen, bool answered, string question, string option, CancellationToken cancellation)
        => answered
            ? Task.CompletedTask
            : TypeBackAsync(screen, null, "yes", $"{question} Type \"yes\" to go on: ", option, cancellation);

    /// <summary>Has a word typed back.</summary>
    /// <param name="screen">Where the question is shown.</param>
    /// <param name="answered">What an option gave as the answer, if one did.</param>
    /// <param name="word">What must be typed.</param>
    /// <param name="question">The question with its end; the answer follows on the same line.</param>
    /// <param name="option">The option that answers, for the hint.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <exception cref="FailureException">Another word was typed, or nobody is there to ask.</exception>
    public static async Task TypeBackAsync(
        Screen screen, string? answered, string word, string question, string option, CancellationToken cancellation)
    {
        if (answered is null && !Screen.HasPerson)
        {
            throw new FailureException(
                ExitCode.Declined, "not-agreed", "this needs a person's agreement, and there is no terminal to ask at.", $"agree with {option}");
        }
        if (answered is null)
        {
            screen.Ask(question);
            answered = await TerminalInput.ReadShownLineAsync(cancellation);
        }
        if (!string.Equals(answered.Trim(), word, StringComparison.OrdinalIgnoreCase))
            throw new FailureException(ExitCode.Declined, "not-agreed", "not agreed; nothing was done.");
    }
}
