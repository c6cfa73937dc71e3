namespace HardwareChat.Terminal.Json;

/// <summary>A kind of line that is not asked for.</summary>
/// <param name="Name">Its <c>ev</c>.</param>
/// <param name="Meaning">What it says, for the documentation.</param>
internal sealed record JsonEvent(string Name, string Meaning)
{
    public const string Hello = "hello";
    public const string Ready = "ready";
    public const string Message = "message";
    public const string Room = "room";
    public const string Trouble = "trouble";
    public const string Out = "out";
    public const string Invite = "invite";
    public const string Unsent = "unsent";
    public const string Token = "token";
    public const string Link = "link";
    public const string Alive = "alive";
    public const string Progress = "progress";
    public const string Bye = "bye";

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<JsonEvent> All { get; } =
    [
        new(Hello, "The first line: the protocol's version, the commands and events that there are, and what a program has to keep to."),
        new(Ready, "The vault is open: who this is, and where the events stand."),
        new(Message, "Somebody's content stands in a room's log; one's own too, with `mine`. Has a cursor."),
        new(Room, "A room has changed: somebody came in, was added or is gone, or its settings are others. Has a cursor."),
        new(Trouble, "What stands at a place of the log is not shown, and why. Has a cursor."),
        new(Out, "This person is out of a room, or was not let in. Has a cursor."),
        new(Invite, "Somebody invites this person; told at each connection while it is open."),
        new(Unsent, "A message of this person's is not sent: it is `waiting`, and goes out by itself, or has `failed`; `why` says why."),
        new(Token, "The token wants a touch or its PIN, or does no longer."),
        new(Link, "The connection: `connecting`, `online`, `offline` with `why`, `alarm` with `why`."),
        new(Alive, "Every 30 seconds: the program lives, and the pipe is open."),
        new(Progress, "How far the command `id` is, in bytes."),
        new(Bye, "The last line: the exit code, and why."),
    ];

    /// <summary>Kinds of content: a message's <c>kind</c>.</summary>
    public static IReadOnlyList<JsonEvent> Contents { get; } =
    [
        new("text", "`text`, `format`, `mentions`; `reply_to`; `files`, each with `name`, `size` and `type` as the sender called them."),
        new("edit", "As `text`, of which it is the new wording: `target` names the first wording. It counts if `from` is the same user's."),
        new("delete", "`target` was taken back by its sender, if `from` is the same user's."),
        new("reaction", "`emoji`, to `target`."),
        new("receipt", "`receipts`: of messages (`msg`) their `status`, mostly `delivered` or `read`."),
        new("title", "`title`: how the room is called from here on, if an admin of it says so."),
        new("picture", "The room has another picture; `files` holds it, if there is one."),
        new("unknown", "Content of a kind that this version does not know; `why` says what."),
    ];

    /// <summary>States of the token.</summary>
    public static IReadOnlyList<JsonEvent> TokenStates { get; } =
    [
        new("touch_needed", "Touch it, for what `for` says, within `within_s`; `token.give_up` gives it up."),
        new("touched", "It was touched."),
        new("touch_missed", "No touch came; nothing was signed."),
        new("touch_ended", "No touch is wanted any more."),
        new("session_ends", "The touch that is acted under is over `at` a time: `renew` goes on with a new one."),
        new("pin_needed", "Its PIN is wanted, for what `for` says, and is read from `--pin-fd`; `tries_left` says how many tries there are."),
        new("pin_refused", "No PIN was given: it was wrong, there is none, or it would be the last try. Nothing was signed."),
        new("absent", "No token is there that opens the vault; `text` says which do. It is waited for."),
    ];
}
