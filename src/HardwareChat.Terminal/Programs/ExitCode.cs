namespace HardwareChat.Terminal.Programs;

// Scripts branch on these numbers, so they never change their meaning; docs/TERMINAL.md lists them. 10 to 20 are those of hwchat-tools.

/// <summary>How a run without a face ended, by what the person has to do about it.</summary>
internal static class ExitCode
{
    /// <summary>All was done.</summary>
    public const int Done = 0;

    /// <summary>A defect of the program.</summary>
    public const int Defect = 1;

    /// <summary>The command line, or a line of the input, was not understood.</summary>
    public const int Usage = 2;

    /// <summary>The answer is no: no such room, or its rules or the relay do not allow it.</summary>
    public const int Refused = 3;

    /// <summary>The vault, a file or another input could not be read or written.</summary>
    public const int Input = 4;

    /// <summary>The person gave up.</summary>
    public const int GivenUp = 5;

    /// <summary>The smart-card service is not there, or does not let this user in.</summary>
    public const int NoReaderService = 10;

    /// <summary>No reader, no card, or not a token that opens the vault.</summary>
    public const int NoToken = 11;

    /// <summary>Another program holds the token.</summary>
    public const int TokenBusy = 12;

    /// <summary>The token cannot do this.</summary>
    public const int TokenCannot = 13;

    /// <summary>The PIN was wrong, or there was nobody to ask for it.</summary>
    public const int PinWrong = 14;

    /// <summary>The PIN is blocked.</summary>
    public const int PinBlocked = 15;

    /// <summary>No touch came.</summary>
    public const int NoTouch = 16;

    /// <summary>There is no channel to the relay: what was printed is what the vault has.</summary>
    public const int NoRelay = 20;

    /// <summary>The message is in the vault's outbox, and goes out when hwchat is connected next.</summary>
    public const int Waiting = 21;

    /// <summary>Ended by a signal.</summary>
    public const int Interrupted = 130;

    /// <summary>Whoever read the output has gone, as shells count it.</summary>
    public const int PipeClosed = 141;

    /// <summary>The codes and what they mean, for the documentation.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Done, "done"),
        (Defect, "a defect of the program; `HWCHAT_DEBUG=1` prints more, never secrets. Of a face: a failure, said in a line `error:`"),
        (Usage, "the command line was not understood"),
        (Refused, "the answer is no: no such room, or its rules, the relay or the registry do not allow it"),
        (Input, "the vault, a file or another input could not be read or written"),
        (GivenUp, "the person gave up"),
        (NoReaderService, "no smart-card service, or it does not let this user in"),
        (NoToken, "no reader, no card, or no token that opens the vault"),
        (TokenBusy, "another program holds the token"),
        (TokenCannot, "the token cannot do this"),
        (PinWrong, "the PIN was wrong, or there was nobody to ask for it"),
        (PinBlocked, "the PIN is blocked"),
        (NoTouch, "no touch came"),
        (NoRelay, "the relay cannot be reached, or is not the right one; what was printed is what the vault has"),
        (Waiting, "the message waits in the vault's outbox, and goes out when `hwchat` is connected next"),
        (Interrupted, "ended by a signal"),
        (PipeClosed, "whoever read the output has gone"),
    ];
}
