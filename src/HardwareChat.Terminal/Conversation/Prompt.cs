using HardwareChat.Client;

namespace HardwareChat.Terminal.Conversation;

/// <summary>A question to the person that something waits for. It can always be left.</summary>
internal abstract class Prompt
{
    /// <summary>What is asked, in one line.</summary>
    public abstract string Question { get; }

    /// <summary>The person gives up.</summary>
    public abstract void Leave();
}

/// <summary>A secret is asked for: a PIN or a pass phrase.</summary>
internal sealed class SecretPrompt(string question) : Prompt
{
    private readonly TaskCompletionSource<SecretLine?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public override string Question => question;

    /// <summary>Whether it is the PIN of a token, which <c>--pin-fd</c> can answer.</summary>
    public bool IsPin { get; init; }

    /// <summary>The answer, which whoever asked disposes; null if the person gave up.</summary>
    public Task<SecretLine?> Answer => _answer.Task;

    /// <summary>Answers; the line is the asker's from here on.</summary>
    public void Give(SecretLine owned)
    {
        if (!_answer.TrySetResult(owned))
            owned.Dispose();
    }

    /// <inheritdoc/>
    public override void Leave() => _answer.TrySetResult(null);
}

/// <summary>A yes is asked for.</summary>
internal sealed class ConfirmPrompt(string question) : Prompt
{
    private readonly TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public override string Question => question;

    /// <summary>Whether the person said yes.</summary>
    public Task<bool> Answer => _answer.Task;

    /// <summary>Answers.</summary>
    public void Give(bool yes) => _answer.TrySetResult(yes);

    /// <inheritdoc/>
    public override void Leave() => Give(false);
}

/// <summary>A touch that a token waits for.</summary>
/// <param name="Purpose">What for.</param>
/// <param name="Since">A timestamp of when it began.</param>
internal sealed record WantedTouch(string Purpose, long Since);

/// <summary>The words for what is asked of a person at a token.</summary>
internal static class TokenQuestions
{
    /// <summary>The question for a PIN: which PIN, of what, what for, and how many tries are left.</summary>
    public static string Of(PinRequest request)
    {
        string tries = request.State.RetriesLeft is { } left ? left == 1 ? "; 1 try is left, then the PIN is blocked" : $"; {left} tries left" : "";
        return $"{(request.WasWrong ? "That PIN was wrong. " : "")}PIV PIN of token {request.Token} (not the FIDO PIN), to {request.Purpose}{tries}";
    }
}
