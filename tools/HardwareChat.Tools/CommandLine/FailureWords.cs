using HardwareChat.Client;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Wire;

namespace HardwareChat.Tools;

/// <summary>What went wrong, in words: each exception that can end a run becomes an error line, hints and an exit code.</summary>
internal static class FailureWords
{
    /// <summary>The words for <paramref name="thrown"/>.</summary>
    public static FailureException Of(Exception thrown, bool interrupted) => thrown switch
    {
        FailureException failure => failure,
        OperationCanceledException when interrupted => new FailureException(ExitCode.Interrupted, "interrupted", "interrupted; nothing more was done."),
        TouchTimedOutException missed => new FailureException(ExitCode.NoTouch, "no-touch", missed.Message + " Nothing was signed.", missed, missed.Hint),
        CardChannelException unreachable => Of(unreachable),
        SimulatedCardException simulated => Of(simulated),
        PinIncorrectException wrong => new FailureException(
            ExitCode.PinWrong, wrong.Kind == PinKind.Pin ? "pin-wrong" : "puk-wrong", wrong.Message, wrong, wrong.Hint)
        {
            TriesLeft = wrong.RetriesLeft,
        },
        PinBlockedException blocked => Blocked(blocked.Kind, blocked),
        PinRequiredException required => new FailureException(ExitCode.PinWrong, "pin-required", required.Message, required, required.Hint),
        ManagementKeyIncorrectException or ManagementKeyNotStoredException => Of((TokenException)thrown, ExitCode.ManagementKeyWrong, "management-key-wrong"),
        PivMissingException absent => Of(absent, ExitCode.TokenCannot, "no-piv"),
        PivNotFoundException empty => Of(empty, ExitCode.SlotEmpty, "slot-empty"),
        FirmwareTooOldException old => Of(old, ExitCode.TokenCannot, "firmware-too-old"),
        TokenException other => Of(other, ExitCode.TokenCannot, "token-refused"),
        CommunityException refused => new FailureException(ExitCode.Refused, "registry-refused", Sentence(refused.Message), refused),
        RelayException refused => new FailureException(ExitCode.Refused, "relay-refused", Sentence(refused.Message), refused),
        ConnectionException offline => Of(offline),
        VaultException vault => new FailureException(ExitCode.Input, "vault-" + vault.Fault.ToString().ToLowerInvariant(), Sentence(vault.Message), vault),
        FileNotFoundException or DirectoryNotFoundException => Input(thrown, "not-found"),
        UnauthorizedAccessException => Input(thrown, "no-access"),
        IOException => Input(thrown, "input-output"),
        DecodeException => Input(thrown, "malformed"),
        _ => new FailureException(
            ExitCode.Defect,
            "defect",
            $"this is a defect of hwchat-tools ({thrown.GetType().Name}).",
            thrown,
            "run it again with HWCHAT_DEBUG=1, and send what it prints as CONTRIBUTING.md says; it prints no secrets"),
    };

    /// <summary>A PIN or PUK without tries, with the ways out in order of harm.</summary>
    public static FailureException Blocked(PinKind kind, Exception? cause = null)
    {
        string[] ways = kind == PinKind.Pin
            ?
            [
                "1. hwchat-tools token pin unblock: sets a new PIN by the PUK; nothing is lost",
                "2. another token of yours: every enrolled one opens your account",
                "3. only if the PUK is lost too: hwchat-tools token reset; every PIV key on the token is gone, and it must be enrolled anew",
            ]
            :
            [
                "1. the PIN, if it still works, works on; the PUK is wanted only when the PIN is blocked",
                "2. another token of yours: every enrolled one opens your account",
                "3. only if the PIN is blocked too: hwchat-tools token reset; every PIV key on the token is gone, and it must be enrolled anew",
            ];
        string name = kind == PinKind.Pin ? "PIV PIN" : "PUK";
        string message = $"the {name} is blocked: it was given wrong too often.";
        string code = kind == PinKind.Pin ? "pin-blocked" : "puk-blocked";
        return cause is null
            ? new FailureException(ExitCode.PinBlocked, code, message, ways) { TriesLeft = 0 }
            : new FailureException(ExitCode.PinBlocked, code, message, cause, ways) { TriesLeft = 0 };
    }

    private static FailureException Of(ConnectionException offline)
    {
        string hint = offline.Fault switch
        {
            ConnectionFault.Unreachable or ConnectionFault.TimedOut => "see that the relay runs, and that this machine reaches its address",
            ConnectionFault.NotARelay => "a proxy in between must pass WebSocket on",
            ConnectionFault.NotTheRelay => "nothing was told to it; ask your admin whether the relay's key was changed",
            ConnectionFault.Refused => "the link is used, over or of another community, or this token is revoked",
            _ => "try again",
        };
        return new FailureException(ExitCode.NoRelay, "relay-" + offline.Fault.ToString().ToLowerInvariant(), Sentence(offline.Message), offline, hint);
    }

    private static FailureException Of(CardChannelException unreachable)
    {
        if (unreachable.Fault == CardFault.NotAuthorised)
            return SmartCardService.Explain(unreachable) ?? SmartCardService.Refused(unreachable);
        if (unreachable.Fault is CardFault.ServiceNotRunning or CardFault.Other && SmartCardService.Explain(unreachable) is { } known)
            return known;
        (ExitCode exit, string code) = unreachable.Fault switch
        {
            CardFault.NotInstalled => (ExitCode.NoReaderService, "no-pcsc-library"),
            CardFault.ServiceNotRunning => (ExitCode.NoReaderService, "no-reader-service"),
            CardFault.NoReader => (ExitCode.NoToken, "no-reader"),
            CardFault.NoCard => (ExitCode.NoToken, "no-card"),
            CardFault.Removed => (ExitCode.NoToken, "token-removed"),
            CardFault.Busy => (ExitCode.TokenBusy, "token-busy"),
            CardFault.Reset => (ExitCode.TokenBusy, "token-reset"),
            CardFault.NotResponding => (ExitCode.TokenCannot, "token-silent"),
            _ => (ExitCode.TokenCannot, "reader-trouble"),
        };
        return new FailureException(exit, code, Sentence(unreachable.Message), unreachable, [.. unreachable.Hint.Length > 0 ? [unreachable.Hint] : (string[])[], .. Surroundings(unreachable.Fault)]);
    }

    // What the driver does not know: where this program runs, and what else it can do.
    private static IEnumerable<string> Surroundings(CardFault fault) => fault switch
    {
        CardFault.ServiceNotRunning or CardFault.NoReader when Machine.IsWsl =>
            ["in WSL: use the Windows build, or attach the token with \"usbipd attach --wsl\" and restart pcscd"],
        CardFault.NoReader or CardFault.NoCard => ["hwchat-tools simulate create NAME makes a token to try things with"],
        _ => [],
    };

    private static FailureException Of(SimulatedCardException simulated)
    {
        if (simulated.Fault == SimulatedCardFault.NotFound)
            return new FailureException(ExitCode.NoToken, "token-not-found", "there is no simulated token of that name.", simulated, "hwchat-tools simulate list names those there are");
        (ExitCode exit, string code, string hint) = simulated.Fault switch
        {
            SimulatedCardFault.Exists => (ExitCode.Input, "already-there", "take another name, or delete it first: hwchat-tools simulate reset NAME --delete"),
            SimulatedCardFault.InUse => (ExitCode.TokenBusy, "token-busy", "end the hwchat-tools or hwchat that uses it"),
            SimulatedCardFault.Corrupt => (ExitCode.Input, "malformed", "hwchat-tools simulate reset NAME makes it anew; what was on it is lost"),
            SimulatedCardFault.RootCorrupt => (ExitCode.Input, "malformed", "delete that file: a new root is made; then hwchat-tools simulate reset NAME for each simulated token"),
            _ => (ExitCode.Input, "passphrase-wrong", "try again; hwchat-tools simulate reset NAME makes it anew, and what was on it is lost"),
        };
        return new FailureException(exit, code, Sentence(simulated.Message), simulated, hint);
    }

    private static FailureException Of(TokenException refused, ExitCode exit, string code)
        => new(exit, code, Sentence(refused.Message), refused, refused.Hint);

    private static FailureException Input(Exception thrown, string code)
        => new(ExitCode.Input, code, PrintableText.Of(thrown.Message), thrown);

    private static string Sentence(string message) => PrintableText.Of(message.EndsWith('.') || message.EndsWith(')') ? message : message + ".");
}
