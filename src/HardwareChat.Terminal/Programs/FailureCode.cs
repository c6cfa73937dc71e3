namespace HardwareChat.Terminal.Programs;

/// <summary>Whether a program should ask again for what was not done.</summary>
internal enum Retry
{
    /// <summary>The same again has the same answer.</summary>
    Never,

    /// <summary>Later it may be done.</summary>
    Later,

    /// <summary>With a person at the token it may be done.</summary>
    Touch,
}

/// <summary>Why something was not done: a word that programs branch on, and never changes its meaning. The list is closed.</summary>
/// <param name="Name">The word.</param>
/// <param name="Exit">The exit code of a run that ends by it.</param>
/// <param name="Retry">Whether to ask again.</param>
/// <param name="Meaning">What it means, for the documentation.</param>
internal sealed record FailureCode(string Name, int Exit, Retry Retry, string Meaning)
{
    public static readonly FailureCode TooLong = new("request.too_long", ExitCode.Usage, Retry.Never, "the line is longer than `hello` allows; all of it was dropped");
    public static readonly FailureCode Malformed = new("request.malformed", ExitCode.Usage, Retry.Never, "the line is not one JSON object in UTF-8");
    public static readonly FailureCode UnknownCommand = new("request.unknown_command", ExitCode.Usage, Retry.Never, "`do` names nothing that this version does");
    public static readonly FailureCode UnknownField = new("request.unknown_field", ExitCode.Usage, Retry.Never, "the command has no such field; nothing was done");
    public static readonly FailureCode MissingField = new("request.missing_field", ExitCode.Usage, Retry.Never, "the command wants a field that is not there");
    public static readonly FailureCode BadValue = new("request.bad_value", ExitCode.Usage, Retry.Never, "a field has a value that it cannot have");
    public static readonly FailureCode KeyReused = new("key.reused", ExitCode.Usage, Retry.Never, "the key was given to another command before");
    public static readonly FailureCode OutcomeUnknown = new("key.outcome_unknown", ExitCode.Refused, Retry.Never, "a command of this key was begun, and the program ended before it was known to be done: look, then ask under a new key");
    public static readonly FailureCode CursorUnknown = new("cursor.unknown", ExitCode.Usage, Retry.Never, "no event has had this cursor yet");
    public static readonly FailureCode CursorGone = new("cursor.gone", ExitCode.Refused, Retry.Never, "the events after this cursor are not all kept any more; `start` begins with the oldest that is");
    public static readonly FailureCode RoomUnknown = new("room.unknown", ExitCode.Refused, Retry.Never, "this person is in no such room");
    public static readonly FailureCode RoomRefused = new("room.refused", ExitCode.Refused, Retry.Never, "the rules of the room do not allow it");
    public static readonly FailureCode RoomNotNow = new("room.not_now", ExitCode.Refused, Retry.Later, "the room cannot do this now; `text` says why");
    public static readonly FailureCode MessageUnknown = new("message.unknown", ExitCode.Refused, Retry.Never, "there is no such message in the room, or it is another's");
    public static readonly FailureCode MessageRefused = new("message.refused", ExitCode.Refused, Retry.Never, "the relay did not take the message; it is not sent again");
    public static readonly FailureCode Offline = new("relay.offline", ExitCode.NoRelay, Retry.Later, "there is no channel to the relay");
    public static readonly FailureCode RelayBusy = new("relay.busy", ExitCode.NoRelay, Retry.Later, "the relay is busy, or this client asks too often; `after_s` says how long to wait");
    public static readonly FailureCode RelayRefused = new("relay.refused", ExitCode.Refused, Retry.Never, "the relay does not do it");
    public static readonly FailureCode NotTrusted = new("relay.not_trusted", ExitCode.Refused, Retry.Never, "the relay is not the one that is pinned, or its registry or a log does not hang together: nothing is sent");
    public static readonly FailureCode NoService = new("token.no_service", ExitCode.NoReaderService, Retry.Touch, "no smart-card service, or it does not let this user in");
    public static readonly FailureCode NoToken = new("token.absent", ExitCode.NoToken, Retry.Touch, "no token is there that opens the vault");
    public static readonly FailureCode TokenBusy = new("token.busy", ExitCode.TokenBusy, Retry.Later, "another program holds the token");
    public static readonly FailureCode TokenTrouble = new("token.trouble", ExitCode.TokenCannot, Retry.Never, "the token does not do it; `text` says what it said");
    public static readonly FailureCode PinNotRight = new("token.pin", ExitCode.PinWrong, Retry.Touch, "the PIN was wrong or was not given; no other was tried");
    public static readonly FailureCode PinBlocked = new("token.pin_blocked", ExitCode.PinBlocked, Retry.Never, "the PIN is blocked");
    public static readonly FailureCode NoTouch = new("token.no_touch", ExitCode.NoTouch, Retry.Touch, "no touch came; nothing was signed");
    public static readonly FailureCode GivenUp = new("token.given_up", ExitCode.GivenUp, Retry.Touch, "given up before it was signed");
    public static readonly FailureCode VaultMissing = new("vault.missing", ExitCode.Input, Retry.Never, "there is no vault, or it belongs to no community yet");
    public static readonly FailureCode VaultInUse = new("vault.in_use", ExitCode.Input, Retry.Later, "another process has the vault open");
    public static readonly FailureCode VaultUnusable = new("vault.unusable", ExitCode.Input, Retry.Never, "the vault is no vault, is of another version, or was changed");
    public static readonly FailureCode VaultDisk = new("vault.disk", ExitCode.Input, Retry.Later, "the disk refused; the vault is as it was");
    public static readonly FailureCode File = new("file.trouble", ExitCode.Input, Retry.Never, "a file could not be read, written, sealed or opened");
    public static readonly FailureCode Defect = new("defect", ExitCode.Defect, Retry.Never, "a defect of hwchat");

    /// <summary>All of them, in the order of the documentation.</summary>
    public static IReadOnlyList<FailureCode> All { get; } =
    [
        TooLong, Malformed, UnknownCommand, UnknownField, MissingField, BadValue, KeyReused, OutcomeUnknown, CursorUnknown, CursorGone,
        RoomUnknown, RoomRefused, RoomNotNow, MessageUnknown, MessageRefused, Offline, RelayBusy, RelayRefused, NotTrusted,
        NoService, NoToken, TokenBusy, TokenTrouble, PinNotRight, PinBlocked, NoTouch, GivenUp,
        VaultMissing, VaultInUse, VaultUnusable, VaultDisk, File, Defect,
    ];
}
