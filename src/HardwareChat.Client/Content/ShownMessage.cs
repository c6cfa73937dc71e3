using HardwareChat.Protocol;

namespace HardwareChat.Client.Content;

/// <summary>What a shown message is.</summary>
public enum ShownKind
{
    /// <summary>Words, files, or both.</summary>
    Message = 0,

    /// <summary>It was there, and its sender took it back.</summary>
    Deleted,

    /// <summary>Content that this version does not know.</summary>
    Unsupported,

    /// <summary>A new wording of what this client does not have, or cannot reword: it stands by itself.</summary>
    EditOfUnknown,

    /// <summary>An attempt to reword or take back what another user sent. It had no effect.</summary>
    RefusedChange,
}

/// <summary>A reaction and who gave it, in order of the log.</summary>
/// <param name="Emoji">The reaction, as it was sent.</param>
/// <param name="Users">Each once.</param>
public sealed record ShownReaction(string Emoji, IReadOnlyList<Handle> Users);

/// <summary>A message as a face shows it: its last wording, its reactions, and what became of it.</summary>
public sealed record ShownMessage
{
    /// <summary>The message as it first stood in the log: its id, sender and place never change.</summary>
    public required ReceivedContent First { get; init; }

    /// <summary>What it is.</summary>
    public required ShownKind Kind { get; init; }

    /// <summary>What it says now; null when it is deleted.</summary>
    public required RoomContent? Content { get; init; }

    /// <summary>All wordings, first to last, when it was reworded; else empty. A face says that it was, and may show them.</summary>
    public IReadOnlyList<ReceivedContent> Wordings { get; init; } = [];

    /// <summary>The message that it answers, when that one is there: at most one step, so that no chain of answers is ever followed.</summary>
    public ReceivedContent? InReplyTo { get; init; }

    /// <summary>Whether it answers a message that is not there.</summary>
    public bool AnswersUnknown { get; init; }

    /// <summary>The reactions, oldest first.</summary>
    public IReadOnlyList<ShownReaction> Reactions { get; init; } = [];

    /// <summary>Other users whose clients say that they received or read it.</summary>
    public IReadOnlyDictionary<Handle, DeliveryStatus> Statuses { get; init; } = new Dictionary<Handle, DeliveryStatus>();

    /// <summary>The kind, and nothing of what the message says.</summary>
    public override string ToString() => Kind.ToString();
}
