using System.CommandLine;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tools;

// A PIN has few tries, and every one counts. So the counter is read first, which costs none; the prompt says whose PIN is
// wanted and how many tries are left; the last try wants a typed "yes"; and nothing is sent that nobody typed.

/// <summary>Asks for PINs and PUKs.</summary>
internal static class PinQuestion
{
    public static readonly SecretOption Pin = new("pin", "the PIV PIN");
    public static readonly SecretOption NewPin = new("new-pin", "the new PIV PIN");
    public static readonly SecretOption Puk = new("puk", "the PUK");
    public static readonly SecretOption NewPuk = new("new-puk", "the new PUK");

    public static readonly SecretOption NewTokenPin = new("new-token-pin", "the PIV PIN of the new token");

    /// <summary>--last-try</summary>
    public static readonly Option<bool> LastTry = new("--last-try") { Description = "Use the last try of the PIN or PUK without asking. If it is wrong, that is blocked." };

    /// <summary>Adds --pin-fd, --pin-env and --last-try.</summary>
    public static void AddTo(Command command)
    {
        Pin.AddTo(command);
        command.Add(LastTry);
    }

    /// <summary>Adds --puk-fd, --puk-env and --last-try.</summary>
    public static void AddPukTo(Command command)
    {
        Puk.AddTo(command);
        command.Add(LastTry);
    }

    /// <summary>Asks until the token says that the PIN is right, and gives it; at a terminal a wrong one is asked for again.</summary>
    /// <exception cref="FailureException">Blocked, not agreed, or nobody is there to ask.</exception>
    public static Task<Pin> VerifiedAsync(ParseResult parsed, Screen screen, OpenedToken token, CancellationToken cancellation)
        => VerifiedAsync(parsed, screen, token, Pin, cancellation);

    /// <summary>The same, where this option says where the PIN comes from.</summary>
    public static async Task<Pin> VerifiedAsync(ParseResult parsed, Screen screen, OpenedToken token, SecretOption option, CancellationToken cancellation)
    {
        while (true)
        {
            PinState state = await token.Face.GetPinStateAsync(cancellation);
            if (state.IsBlocked)
                throw FailureWords.Blocked(PinKind.Pin);
            if (state.RetriesLeft == 1)
            {
                await Question.AgreeAsync(
                    screen, parsed.GetValue(LastTry), $"This is the last try: if it is wrong, the PIN of {token.Spoken} is blocked.", "--last-try", cancellation);
            }
            Pin pin = await ReadAsync(parsed, screen, option, $"PIV PIN of {token.SpokenForPin}{TriesLeft(state.RetriesLeft)}: ", cancellation);
            try
            {
                await token.Face.VerifyPinAsync(pin, cancellation);
                return pin;
            }
            catch (PinIncorrectException wrong) when (!option.IsGiven(parsed))
            {
                pin.Dispose();
                screen.Failure(FailureWords.Of(wrong, false), last: false);
            }
            catch
            {
                pin.Dispose();
                throw;
            }
        }
    }

    /// <summary>A code that the token has not judged yet.</summary>
    /// <exception cref="FailureException">No code can look like this, or nobody is there to ask.</exception>
    public static async Task<Pin> ReadAsync(ParseResult parsed, Screen screen, SecretOption option, string prompt, CancellationToken cancellation)
    {
        using SecretLine line = option.IsGiven(parsed) ? option.Read(parsed, screen) : await AskAsync(screen, option, prompt, cancellation);
        return HardwareChat.Tokens.Pin.TryCreate(line.Span, out Pin? pin)
            ? pin
            : throw new FailureException(
                ExitCode.Input, "pin-malformed", $"a PIV PIN or PUK has {HardwareChat.Tokens.Pin.MinLength} to {HardwareChat.Tokens.Pin.MaxLength} characters; the token was not asked, and no try is gone.");
    }

    /// <summary>The PUK, which the token has not judged yet. Its last try is not used by accident: without it and the PIN only a reset is left.</summary>
    /// <exception cref="FailureException">Blocked, not agreed, or as <see cref="ReadAsync"/>.</exception>
    public static async Task<Pin> PukAsync(ParseResult parsed, Screen screen, OpenedToken token, CancellationToken cancellation)
    {
        PukState state = await token.Face.GetPukStateAsync(cancellation);
        if (state.IsBlocked)
            throw FailureWords.Blocked(PinKind.Puk);
        if (state.RetriesLeft == 1)
        {
            await Question.AgreeAsync(
                screen, parsed.GetValue(LastTry), $"This is the last try: if it is wrong, the PUK of {token.Spoken} is blocked for good.", "--last-try", cancellation);
        }
        return await ReadAsync(parsed, screen, Puk, $"PUK of {token.Spoken}{TriesLeft(state.RetriesLeft)}: ", cancellation);
    }

    /// <summary>A new code, typed twice where it is typed.</summary>
    /// <exception cref="FailureException">The two differ, or as <see cref="ReadAsync"/>.</exception>
    public static async Task<Pin> NewAsync(ParseResult parsed, Screen screen, SecretOption option, string what, CancellationToken cancellation)
    {
        Pin first = await ReadAsync(parsed, screen, option, $"{what} (6 to 8 characters): ", cancellation);
        if (option.IsGiven(parsed))
            return first;
        using Pin second = await ReadAsync(parsed, screen, option, "The same again: ", cancellation);
        if (first.Matches(second))
            return first;
        first.Dispose();
        throw new FailureException(ExitCode.Input, "not-the-same", "the two were not the same; nothing was changed.");
    }

    private static string TriesLeft(int? retriesLeft) => retriesLeft switch
    {
        null => "",
        1 => ", 1 try left",
        { } tries => $", {tries} tries left",
    };

    private static async Task<SecretLine> AskAsync(Screen screen, SecretOption option, string prompt, CancellationToken cancellation)
    {
        if (!Screen.HasPerson)
            throw new FailureException(ExitCode.Input, "secret-missing", "this needs a PIN or PUK, and there is no terminal to ask at.", $"give it with {option.Names}");
        screen.Ask(prompt);
        return await TerminalInput.ReadHiddenLineAsync(cancellation);
    }
}
