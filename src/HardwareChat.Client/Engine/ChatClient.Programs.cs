using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

// An event is kept by the same write of the vault that takes the entry it tells of, whatever face is open: so none is lost and none is
// kept twice, wherever the process is killed. A program that is told reads them in its own time, and the vault is its queue.

/// <content>What programs need: events with cursors, and commands that are done once.</content>
public sealed partial class ChatClient
{
    /// <summary>Acknowledged events that stay, so that a program can go back a little.</summary>
    public const int AcknowledgedKept = 1000;

    /// <summary>Events that stay though nobody acknowledges them.</summary>
    public const int EventsKept = 100_000;

    private const string KeepsEventsSetting = "keeps events";

    private bool? _keepsEvents;

    /// <summary>Where the kept events stand.</summary>
    public EventCursors EventCursors => _vault.Read(static vault =>
    {
        ulong last = vault.Events.Last;
        return new EventCursors(vault.Events.After(0, 1) is [var oldest] ? oldest.Cursor - 1 : last, last, vault.Events.Acknowledged);
    });

    /// <summary>From the first call on, in this run and in every later one, what happens is kept for a program.</summary>
    public void KeepEvents() => _vault.Write(vault =>
    {
        vault.Settings.Put(KeepsEventsSetting, [1]);
        _keepsEvents = true;
    });

    /// <summary>Up to <paramref name="count"/> kept events after a cursor, in order.</summary>
    public IReadOnlyList<KeptEvent> EventsAfter(ulong cursor, int count) => _vault.Read<IReadOnlyList<KeptEvent>>(vault =>
    [
        .. vault.Events.After(cursor, count).Select(KeptEvent.Decode)
            .Select(kept => kept.Kind == KeptEventKind.Out ? kept : kept with { Message = vault.Messages.Find(kept.Room, kept.Sequence) }),
    ]);

    /// <summary>The program has everything up to this cursor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No event has had this cursor yet.</exception>
    public void AcknowledgeEvents(ulong cursor) => _vault.Write(vault =>
    {
        vault.Events.Acknowledge(cursor);
        if (vault.Events.Acknowledged is > AcknowledgedKept and var acknowledged)
            vault.Events.RemoveThrough(acknowledged - AcknowledgedKept);
    });

    /// <summary>What came of the command that a program gave this key; null if it never did, or long ago.</summary>
    public byte[]? FindOutcome(string key) => _vault.Read(vault => vault.Idempotency.Find(key));

    /// <summary>Remembers what came of a command, for <see cref="IdempotencyTable.Kept"/>.</summary>
    public void KeepOutcome(string key, ReadOnlyMemory<byte> outcome) => _vault.Write(vault =>
    {
        vault.Idempotency.Forget(Now);
        vault.Idempotency.Put(key, Now, outcome.Span);
    });

    /// <summary>Sends content as <see cref="SendAsync(RoomId, RoomContent)"/> does, and keeps something with it in one write: once that is kept, the message goes out, once, whatever happens.</summary>
    /// <param name="room">The room.</param>
    /// <param name="content">What to say.</param>
    /// <param name="together">Is given the message's id, and what it keeps stands or falls with the message.</param>
    public Task<MessageId> SendAsync(RoomId room, RoomContent content, Action<VaultTransaction, MessageId> together) => DoAsync(() => SendAsync(Joined(room), content, together));

    /// <summary>A message of a room by its id, whoever sent it; null if it is not here.</summary>
    public StoredMessage? FindMessage(RoomId room, MessageId id) => _vault.Read(vault => vault.Messages.FindById(room, id.ToArray()) is [var first, ..] ? first : null);

    /// <summary>Reads a room to the end that its log has now.</summary>
    /// <returns>Whether it was read, in time.</returns>
    /// <exception cref="ConnectionException">There is no channel.</exception>
    public Task<bool> CatchUpAsync(RoomId room) => DoAsync(async () =>
    {
        JoinedRoom joined = Joined(room);
        Subscribed log = await SubscribeAsync(room, joined.Room.Chain.Size);
        return await TakeUntilAsync(() => joined.Room.Chain.Size >= log.Size || !_rooms.ContainsKey(room), Patience);
    });

    // Tells, and keeps for a program, what no entry of a log has brought.
    private void TellAndKeep(ClientEvent shown)
    {
        _vault.Write(vault => KeepForPrograms(shown, vault));
        _onEvent(shown);
    }

    private void KeepForPrograms(ClientEvent? shown, VaultTransaction vault)
    {
        _keepsEvents ??= vault.Settings.Find(KeepsEventsSetting) is [1];
        if (_keepsEvents != true || shown is null || KeptEvent.Of(shown) is not { } kept)
            return;
        ulong cursor = vault.Events.Append(kept.Encode());
        if (cursor > EventsKept)
            vault.Events.RemoveThrough(cursor - EventsKept);
    }
}
