using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;

namespace HardwareChat.Terminal.Programs;

/// <summary>A message that a program has sent, and how far it has come.</summary>
/// <param name="Room">Where.</param>
/// <param name="Id">Its name.</param>
/// <param name="IsStored">Whether it is on the relay's disk; otherwise it is in the outbox, and goes out by itself.</param>
/// <param name="Sequence">Its place in the room's log; null if that is not known, or not any more.</param>
/// <param name="Why">Why it waits; null if it does not, or nobody knows.</param>
internal sealed record SentMessage(RoomId Room, MessageId Id, bool IsStored, ulong? Sequence, string? Why)
{
    /// <summary>Sends content.</summary>
    /// <param name="client">The engine.</param>
    /// <param name="room">Where.</param>
    /// <param name="content">What.</param>
    /// <param name="together">What is kept in the write that puts it into the outbox.</param>
    /// <exception cref="ProgramException">It was refused.</exception>
    public static async Task<SentMessage> SendAsync(ChatClient client, RoomId room, RoomContent content, Action<VaultTransaction, MessageId>? together)
    {
        MessageId? kept = null;
        string? why = null;
        try
        {
            await client.SendAsync(room, content, (vault, id) =>
            {
                kept = id;
                together?.Invoke(vault, id);
            });
        }
        catch (Exception failure) when (kept is not null && failure is ConnectionException or RelayException or RoomException)
        {
            // In the outbox: what became of it there is the answer.
            why = Failures.TextOf(failure);
        }
        return Of(client, room, kept!.Value, why);
    }

    /// <summary>How far a message has come that was sent before.</summary>
    /// <exception cref="ProgramException">It was refused.</exception>
    public static SentMessage Of(ChatClient client, RoomId room, MessageId id, string? why)
        => client.Outbox.FirstOrDefault(queued => queued.Room == room && queued.MessageId.Span.SequenceEqual(id.ToArray())) switch
        {
            { State: OutboxState.Failed } failed => throw new ProgramException(FailureCode.MessageRefused, $"the message was not sent: {failed.Failure}"),
            not null => new SentMessage(room, id, false, null, why),
            null => new SentMessage(room, id, true, client.FindMessage(room, id)?.Sequence, null),
        };
}
