using System.Text.Json.Serialization;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Json;

// What is written, line by line. Members are only ever added; docs/JSON.md has each, and a golden file each kind. Lines are ASCII: whatever
// somebody wrote stands in them escaped, so that no terminal and no reader of lines is misled.

/// <summary>The first line.</summary>
internal sealed record HelloLine(string Ev, int V, string Client, IReadOnlyList<string> Do, IReadOnlyList<string> Events, HelloLimits Limits);

/// <summary>What a program has to keep to.</summary>
internal sealed record HelloLimits(int Line, int Commands, int AliveS);

/// <summary>The vault is open.</summary>
internal sealed record ReadyLine(string Ev, string User, string Token, string Registry, string Oldest, string Cursor, string Acked);

/// <summary>Who sent something.</summary>
internal sealed record FromPart(string User, string? Token, bool Bot);

/// <summary>A file of a message.</summary>
internal sealed record FilePart(string Name, ulong Size, string Type);

/// <summary>What became of a message on a reader's side.</summary>
internal sealed record ReceiptPart(string Msg, string Status);

/// <summary>Something that stands in a room's log, or happened to this person there: an event with a cursor, or a line of history without one.</summary>
internal sealed record EventLine(string Ev)
{
    public string? Cursor { get; init; }

    public required string Room { get; init; }

    public ulong? Seq { get; init; }

    public string? At { get; init; }

    public string? Kind { get; init; }

    public string? Msg { get; init; }

    public FromPart? From { get; init; }

    public bool? Mine { get; init; }

    public string? Target { get; init; }

    public string? ReplyTo { get; init; }

    public string? Text { get; init; }

    public string? Format { get; init; }

    public IReadOnlyList<string>? Mentions { get; init; }

    public IReadOnlyList<FilePart>? Files { get; init; }

    public string? Emoji { get; init; }

    public string? Title { get; init; }

    public IReadOnlyList<ReceiptPart>? Receipts { get; init; }

    public bool? Deleted { get; init; }

    public string? By { get; init; }

    public bool? Entered { get; init; }

    public IReadOnlyList<string>? Added { get; init; }

    public IReadOnlyList<string>? Removed { get; init; }

    public bool? Settings { get; init; }

    public string? Why { get; init; }
}

/// <summary>Somebody invites this person.</summary>
internal sealed record InviteLine(string Ev, string Room, string By, IReadOnlyList<string> Members);

/// <summary>A message that is not sent.</summary>
internal sealed record UnsentLine(string Ev, string Room, string Msg, string State, string Why);

/// <summary>The connection.</summary>
internal sealed record LinkLine(string Ev, string State, string? Why);

/// <summary>The token waits for something, or no longer.</summary>
internal sealed record TokenLine(string Ev, string State)
{
    public string? For { get; init; }

    public int? WithinS { get; init; }

    public int? TriesLeft { get; init; }

    public string? At { get; init; }

    public string? Text { get; init; }
}

/// <summary>The program lives.</summary>
internal sealed record AliveLine(string Ev, string At);

/// <summary>A command goes on.</summary>
internal sealed record ProgressLine(string Ev, string? Id, ulong Done, ulong Total);

/// <summary>The last line.</summary>
internal sealed record ByeLine(string Ev, int Code, string Why)
{
    public ErrorPart? Error { get; init; }
}

/// <summary>Why something was not done.</summary>
internal sealed record ErrorPart(string Code, string Text, string Retry, string? Hint, int? AfterS)
{
    /// <summary>A failure.</summary>
    public static ErrorPart Of(ProgramException failure) => new(
        failure.Code.Name,
        failure.Message,
        failure.Code.Retry switch { Programs.Retry.Later => "later", Programs.Retry.Touch => "touch", _ => "never" },
        failure.Hint.Length > 0 ? failure.Hint : null,
        failure.After > TimeSpan.Zero ? (int)failure.After.TotalSeconds : null);
}

/// <summary>A room of this person.</summary>
internal sealed record RoomPart(string Room, string Title, string Standing, ulong Next, ulong Seen);

/// <summary>A user in a room, or of the community.</summary>
internal sealed record PersonPart(string User, string Verified)
{
    public bool? Bot { get; init; }

    public bool? Invited { get; init; }

    public int? Sessions { get; init; }

    public string? Role { get; init; }
}

/// <summary>What waits in the outbox.</summary>
internal sealed record QueuedPart(string Room, string Msg, string State, string? Why);

/// <summary>The answer to a command.</summary>
internal sealed record AnswerLine(bool Ok)
{
    public string? Id { get; init; }

    /// <summary>Whether the key was known, and nothing was done anew.</summary>
    public bool? Again { get; init; }

    public ErrorPart? Error { get; init; }

    public string? Room { get; init; }

    public string? Msg { get; init; }

    public ulong? Seq { get; init; }

    public string? State { get; init; }

    public string? Cursor { get; init; }

    public bool? Heard { get; init; }

    public bool? Left { get; init; }

    public IReadOnlyList<RoomPart>? Rooms { get; init; }

    public IReadOnlyList<InvitationPart>? Invitations { get; init; }

    public IReadOnlyList<PersonPart>? People { get; init; }

    public IReadOnlyList<EventLine>? Entries { get; init; }

    public bool? More { get; init; }

    public IReadOnlyList<QueuedPart>? Outbox { get; init; }

    public string? User { get; init; }

    public string? Token { get; init; }

    public string? Registry { get; init; }

    public ulong? RegistrySize { get; init; }

    public string? Link { get; init; }

    public string? Why { get; init; }

    public string? Path { get; init; }

    /// <summary>What was not done.</summary>
    public static AnswerLine Failed(ProgramException failure) => new(false) { Error = ErrorPart.Of(failure) };

    /// <summary>A message, and how far it has come.</summary>
    public static AnswerLine Of(SentMessage sent) => new(true)
    {
        Room = sent.Room.ToString(),
        Msg = sent.Id.ToString(),
        Seq = sent.Sequence,
        State = sent.IsStored ? "stored" : "queued",
        Why = sent.Why,
    };
}

/// <summary>An invitation that is open.</summary>
internal sealed record InvitationPart(string Room, string By);

/// <summary>The forms of the lines.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HelloLine))]
[JsonSerializable(typeof(ReadyLine))]
[JsonSerializable(typeof(EventLine))]
[JsonSerializable(typeof(InviteLine))]
[JsonSerializable(typeof(UnsentLine))]
[JsonSerializable(typeof(LinkLine))]
[JsonSerializable(typeof(TokenLine))]
[JsonSerializable(typeof(AliveLine))]
[JsonSerializable(typeof(ProgressLine))]
[JsonSerializable(typeof(ByeLine))]
[JsonSerializable(typeof(AnswerLine))]
internal sealed partial class JsonLines : JsonSerializerContext;
