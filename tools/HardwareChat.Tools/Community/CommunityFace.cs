using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Tokens;

namespace HardwareChat.Tools;

/// <summary>Asks for the PIN at the terminal, or takes it from where the command line says. The lines about touches are the opened token's.</summary>
/// <remarks>9C asks for the PIN at every signature, so a right one is kept for the run, and zeroed at its end.</remarks>
internal sealed class CommunityFace(ParseResult parsed, Screen screen, OpenedToken token, SecretOption pin) : ITokenFace, IDisposable
{
    private Pin? _kept;

    /// <inheritdoc/>
    public async Task<Pin?> AskPinAsync(PinRequest request, CancellationToken cancel)
    {
        if (request.WasWrong)
        {
            _kept?.Dispose();
            _kept = null;
            if (pin.IsGiven(parsed))
                throw new FailureException(ExitCode.PinWrong, "pin-wrong", "that PIN was wrong; no other was tried.") { TriesLeft = request.State.RetriesLeft };
            screen.Note("That PIN was wrong.");
        }
        _kept ??= await PinQuestion.VerifiedAsync(parsed, screen, token, pin, cancel);
        return _kept.Copy();
    }

    /// <inheritdoc/>
    public void ShowTouch(TouchNotice notice)
    {
        // Told already, by the opened token.
    }

    /// <inheritdoc/>
    public void Dispose() => _kept?.Dispose();
}
