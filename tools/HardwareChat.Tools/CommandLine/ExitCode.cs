namespace HardwareChat.Tools;

// Scripts branch on these numbers, so they never change their meaning; docs/OPERATIONS.md and --help list them.

/// <summary>How a run ended, by what the person has to do about it. 10 to 19 are the token's.</summary>
internal enum ExitCode
{
    /// <summary>All was done.</summary>
    Done = 0,

    /// <summary>A defect of the program.</summary>
    Defect = 1,

    /// <summary>The command line was not understood.</summary>
    Usage = 2,

    /// <summary>The check was made and its answer is no.</summary>
    Refused = 3,

    /// <summary>A file or another input could not be read or written.</summary>
    Input = 4,

    /// <summary>The person said no.</summary>
    Declined = 5,

    /// <summary>The smart-card service is not there, or does not let this user in.</summary>
    NoReaderService = 10,

    /// <summary>No reader, no card, or not the token that was asked for.</summary>
    NoToken = 11,

    /// <summary>Another program holds the token.</summary>
    TokenBusy = 12,

    /// <summary>The token has no PIV, or its firmware cannot do this, or it answered what it must not.</summary>
    TokenCannot = 13,

    /// <summary>The PIN or PUK was wrong.</summary>
    PinWrong = 14,

    /// <summary>The PIN or PUK is blocked.</summary>
    PinBlocked = 15,

    /// <summary>No touch came.</summary>
    NoTouch = 16,

    /// <summary>The management key was wrong.</summary>
    ManagementKeyWrong = 17,

    /// <summary>The slot holds no key or no certificate.</summary>
    SlotEmpty = 18,

    /// <summary>The attestation does not prove what it should.</summary>
    AttestationRefused = 19,

    /// <summary>There is no channel to the relay.</summary>
    NoRelay = 20,

    /// <summary>Ended by Ctrl-C, as shells count it.</summary>
    Interrupted = 130,
}

/// <summary>The table of exit codes that --help shows.</summary>
internal static class ExitCodes
{
    public const string Help = """
        Exit codes:
          0   done
          1   a defect of this program
          2   the command line was not understood
          3   checked, and the answer is no (a signature that does not verify)
          4   a file or another input could not be read or written
          5   you said no
          10  no smart-card service, or it does not let you in
          11  no reader, no card, or not the token that was asked for
          12  another program holds the token
          13  the token has no PIV, or its firmware cannot do this
          14  PIN or PUK wrong
          15  PIN or PUK blocked
          16  no touch came
          17  management key wrong
          18  the slot is empty
          19  the attestation was refused
          20  the relay cannot be reached, or is not the right one
          130 ended by Ctrl-C
        """;
}
