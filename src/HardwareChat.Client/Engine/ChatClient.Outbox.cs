using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <content>Sending: what is said is kept first, then encrypted and kept, then sent; after a break the same bytes go again.</content>
public sealed partial class ChatClient
{
    /// <summary>Messages of this client that the relay has not acknowledged.</summary>
    public IReadOnlyList<QueuedMessage> Outbox => _vault.Read(static vault => vault.Outbox.All());

    /// <summary>Sends content; completes when it is in the room's log, on the relay's disk.</summary>
    /// <returns>The message's id.</returns>
    /// <exception cref="ConnectionException">There is no channel: the message waits in the outbox, and goes by itself on the next one.</exception>
    /// <exception cref="RoomException">It cannot be sent now, for a reason that the text says.</exception>
    public Task<MessageId> SendAsync(RoomId room, RoomContent content) => DoAsync(() => SendAsync(Joined(room), content));

    /// <summary>Puts content into the outbox, and sends it as soon as that can be. <see cref="ClientEvent.Unsent"/> tells if it has to wait.</summary>
    /// <returns>The message's id.</returns>
    public Task<MessageId> QueueAsync(RoomId room, RoomContent content) => DoAsync(() =>
    {
        JoinedRoom joined = Joined(room);
        QueuedMessage queued = Enqueue(joined, content);
        _work.Writer.TryWrite(() => PumpAsync(joined));
        return Task.FromResult(MessageId.FromBytes(queued.MessageId.Span));
    });

    /// <summary>Sends again what was given up.</summary>
    /// <returns>False if there is no such message in the outbox.</returns>
    public Task<bool> RetryAsync(RoomId room, MessageId message) => DoAsync(() =>
    {
        JoinedRoom joined = Joined(room);
        if (Unsent(room, message) is not { } queued)
            return Task.FromResult(false);
        if (queued.State == OutboxState.Failed)
            _vault.Write(vault => vault.Outbox.Put(queued with { State = OutboxState.Waiting, Encrypted = default, Failure = "" }));
        _work.Writer.TryWrite(() => PumpAsync(joined));
        return Task.FromResult(true);
    });

    /// <summary>Gives up a message that has not left this client.</summary>
    /// <returns>False if there is none, or it is on its way: nobody can take it back then.</returns>
    public Task<bool> GiveUpAsync(RoomId room, MessageId message) => DoAsync(() =>
    {
        if (Unsent(room, message) is not { State: not OutboxState.Encrypted } queued)
            return Task.FromResult(false);
        return Task.FromResult(_vault.Write(vault => vault.Outbox.Remove(room, queued.Number)));
    });

    private QueuedMessage? Unsent(RoomId room, MessageId message)
        => _vault.Read(vault => vault.Outbox.Of(room)).FirstOrDefault(queued => queued.MessageId.Span.SequenceEqual(message.ToArray()));

    private async Task<MessageId> SendAsync(JoinedRoom joined, RoomContent content, Action<VaultTransaction, MessageId>? together = null)
    {
        await ClearTheWayAsync(joined);
        QueuedMessage queued = Enqueue(joined, content, together);
        await SendOutboxAsync(joined, queued.Number);
        return MessageId.FromBytes(queued.MessageId.Span);
    }

    private QueuedMessage Enqueue(JoinedRoom joined, RoomContent content, Action<VaultTransaction, MessageId>? together = null)
    {
        byte[] encoded = content.ToMimi(MimiContent.NewSalt()).Encode();
        return _vault.Write(vault =>
        {
            QueuedMessage queued = Enqueue(joined, encoded, vault);
            together?.Invoke(vault, MessageId.FromBytes(queued.MessageId.Span));
            return queued;
        });
    }

    private QueuedMessage Enqueue(JoinedRoom joined, ReadOnlyMemory<byte> encoded, VaultTransaction vault)
    {
        if (ContentPadding.Pad(encoded.Span).Length > Room.MostContent)
            throw new RoomException("the message is too long: send it as a file");
        MessageId id = MimiContent.Decode(encoded).IdOf(OwnToken.Handle, joined.Room.Id, encoded.Span);
        return vault.Outbox.Add(new QueuedMessage(joined.Room.Id, 0) { MessageId = id.ToArray(), Time = Now, Content = encoded });
    }

    // What waits goes in the order in which it was said, up to a message. Only what becomes of that one is this caller's business.
    private async Task SendOutboxAsync(JoinedRoom joined, ulong last)
    {
        foreach (QueuedMessage queued in _vault.Read(vault => vault.Outbox.Of(joined.Room.Id)))
        {
            if (queued.Number > last || queued.State == OutboxState.Failed)
                continue;
            try
            {
                await ClearTheWayAsync(joined);
                await SendQueuedAsync(joined, queued);
            }
            catch (NotSentException e) when (queued.Number != last)
            {
                TellUnsent(queued with { State = OutboxState.Failed }, e.Message);
            }
        }
    }

    // In the background: nobody waits for it but the face, which is told.
    private async Task PumpAsync(JoinedRoom joined)
    {
        foreach (QueuedMessage queued in _vault.Read(vault => vault.Outbox.Of(joined.Room.Id)))
        {
            if (queued.State == OutboxState.Failed)
                continue;
            try
            {
                await ClearTheWayAsync(joined);
                await SendQueuedAsync(joined, queued);
            }
            catch (NotSentException e)
            {
                TellUnsent(queued with { State = OutboxState.Failed }, e.Message);
            }
            catch (Exception e) when (IsForeseen(e))
            {
                TellUnsent(queued, e.Message);
                return;
            }
        }
    }

    private void TellUnsent(QueuedMessage queued, string why)
        => _onEvent(new ClientEvent.Unsent(queued.Room, MessageId.FromBytes(queued.MessageId.Span), queued.State, why));

    private async Task SendQueuedAsync(JoinedRoom joined, QueuedMessage queued)
    {
        for (int attempt = 1; attempt <= CommitAttempts; attempt++)
        {
            if (queued.State != OutboxState.Encrypted)
                queued = Encrypt(joined, queued);
            var append = (Append)Frame.DecodeFromClient(queued.Encrypted.Span).Body;
            try
            {
                Appended appended = await AppendAsync(append);
                await TakeUntilAsync(() => joined.Room.Chain.Size > appended.Sequence || joined.StoppedAt is not null, Patience);
                return;
            }
            catch (RelayException e) when (e.Code == ErrorCode.Stale)
            {
                ulong size = joined.Room.Chain.Size;
                await TakeUntilAsync(() => joined.Room.Chain.Size > size, TimeSpan.FromSeconds(2));
                if (!IsQueued(queued))
                    return;
                queued = queued with { State = OutboxState.Waiting, Encrypted = default };
            }
            catch (RelayException e) when (e.Code is ErrorCode.Refused or ErrorCode.TooLarge)
            {
                _vault.Write(vault => vault.Outbox.Put(queued with { State = OutboxState.Failed, Failure = e.Message }));
                throw new NotSentException($"the message was not sent: {e.Message}", e);
            }
        }
        throw new RoomException("the room changes too fast for this message; it waits in the outbox");
    }

    // A relay that answers with an error may have taken the message all the same: then its place in the log has been seen.
    private bool IsQueued(QueuedMessage queued)
        => _vault.Read(vault => vault.Outbox.Of(queued.Room).Any(waiting => waiting.Number == queued.Number));

    private QueuedMessage Encrypt(JoinedRoom joined, QueuedMessage queued)
    {
        if (joined.Room.CheckSend(Belief).Obstacle is { } obstacle)
            throw new RoomException(TextOf(obstacle));
        Outgoing outgoing = joined.Room.Encrypt(joined.Session, ContentPadding.Pad(queued.Content.Span), Belief);
        QueuedMessage encrypted = queued with { State = OutboxState.Encrypted, Encrypted = TlsWriter.Encode(new Frame(1, outgoing.Frame)) };
        _vault.Write(vault =>
        {
            vault.Outbox.Put(encrypted);
            joined.Save(vault);
        });
        return encrypted;
    }

    // The fence: leaves that must go are removed before anything is said.
    private async Task ClearTheWayAsync(JoinedRoom joined)
    {
        SendCheck check = joined.Room.CheckSend(Belief);
        if (check.Obstacle == SendObstacle.VoidLeaves)
        {
            await CommitAsync(joined.Room.Id, room => room.Room.RemoveVoidLeaves(room.Session, Belief) ?? throw new RoomException("nobody has to go"));
            check = joined.Room.CheckSend(Belief);
        }
        if (check.Obstacle is { } obstacle)
            throw new RoomException(TextOf(obstacle));
    }

    private static string TextOf(SendObstacle obstacle) => obstacle switch
    {
        SendObstacle.Status => "this client is not a member of the room, or has not heard another member since it entered",
        SendObstacle.Reentry => "this client has to enter the room anew",
        SendObstacle.OwnLeaf => "the touch of this room is over: touch again to go on",
        _ => "somebody who is revoked is still in the room, and goes first",
    };
}
