using HardwareChat.Client;
using HardwareChat.Client.Content;

namespace HardwareChat.Terminal.Conversation;

/// <summary>Something that stands in a room's history, at its place in the log.</summary>
/// <param name="Sequence">The place: people refer to it as #SEQUENCE, and it is the same for everybody in the room.</param>
/// <param name="Time">The relay's time of it, Unix seconds.</param>
internal abstract record HistoryItem(ulong Sequence, ulong Time)
{
    /// <summary>What somebody said, the message that it answers as that one is shown now, and whether a program said it.</summary>
    public sealed record Said(ShownMessage Message, bool IsOwn, ShownMessage? Answered, bool IsBot) : HistoryItem(Message.First.Sequence, Message.First.Time)
    {
        /// <summary>Who said it, as it is shown.</summary>
        public string Name => IsOwn ? "you" : IsBot ? $"{Message.First.Sender} (bot)" : Message.First.Sender.ToString();
    }

    /// <summary>What happened in the room.</summary>
    public sealed record Happened(ulong Sequence, ulong Time, string Text) : HistoryItem(Sequence, Time);

    /// <summary>What could not be shown, and why: never left out.</summary>
    public sealed record NotShown(ulong Sequence, ulong Time, string Why) : HistoryItem(Sequence, Time);
}

/// <summary>A message of one's own that is not in the room's log yet.</summary>
internal sealed class PendingMessage(MessageContent content)
{
    /// <summary>What it says.</summary>
    public MessageContent Content { get; } = content;

    /// <summary>Sending, or failed.</summary>
    public MessageState State { get; set; } = MessageState.Sending;

    /// <summary>Why it waits or failed; empty while it is under way.</summary>
    public string Why { get; set; } = "";
}
