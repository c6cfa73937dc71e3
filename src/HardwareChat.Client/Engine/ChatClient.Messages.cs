using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <content>Reading the rooms' logs, and sending.</content>
public sealed partial class ChatClient
{
    /// <summary>Sends content; completes when it is in the room's log, on the relay's disk.</summary>
    /// <returns>The message's id.</returns>
    public Task<MessageId> SendAsync(RoomId room, RoomContent content) => DoAsync(() => SendAsync(Joined(room), content));

    // Kept first, then encrypted and kept, then sent: after a break the same bytes go again.
    private async Task<MessageId> SendAsync(JoinedRoom joined, RoomContent content, Action<VaultTransaction, MessageId>? together = null)
    {
        Room room = joined.Room;
        await ClearTheWayAsync(joined);
        MimiContent mimi = content.ToMimi(MimiContent.NewSalt());
        byte[] encoded = mimi.Encode();
        MessageId id = mimi.IdOf(OwnToken.Handle, room.Id, encoded);
        QueuedMessage queued = _vault.Write(vault =>
        {
            together?.Invoke(vault, id);
            return vault.Outbox.Add(new QueuedMessage(room.Id, 0) { MessageId = id.ToArray(), Time = Now, Content = encoded });
        });
        await SendQueuedAsync(joined, queued);
        return id;
    }

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
                await TakeUntilAsync(() => joined.Room.Chain.Size > appended.Sequence, Patience);
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
                throw new RoomException($"the message was not sent: {e.Message}", e);
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

    // What was under way when the last connection ended.
    private async Task ResendAsync()
    {
        foreach (QueuedMessage queued in _vault.Read(static vault => vault.Outbox.All()))
        {
            if (queued.State != OutboxState.Failed && _rooms.TryGetValue(queued.Room, out JoinedRoom? joined) && joined.Room.Status == RoomStatus.Member)
                await SendQueuedAsync(joined, queued);
        }
    }

    private async Task TakeEntryAsync(EntryPush push)
    {
        RoomId id = push.Entry.Room;
        if (push.Entry.Stamp.RegistrySize > _registry.State.Size)
            await SyncAsync();
        if (_entrances.TryGetValue(id, out Entrance? entrance))
        {
            if (push.Entry.Sequence >= entrance.From && entrance.Take(push, _registry.State, Now) is { } broken)
                throw new CommunityException($"the relay shows a log of the room that does not hang together ({broken})");
            return;
        }
        if (_invitations.TryGetValue(id, out (Invitation Invitation, WelcomePush Push) invited) && invited.Invitation.From <= invited.Push.Sequence)
        {
            if (push.Entry.Sequence >= invited.Invitation.From && invited.Invitation.Take(push, _registry.State, Now) is { } fault)
                throw new CommunityException($"the relay shows a log of the room that does not hang together ({fault})");
            if (push.Entry.Sequence >= invited.Push.Sequence)
                return;
        }
        if (_rooms.TryGetValue(id, out JoinedRoom? joined) && push.Entry.Sequence >= joined.Room.Chain.Size)
            TakeEntry(joined, push);
    }

    private void TakeEntry(JoinedRoom joined, EntryPush push)
    {
        RoomEvent news = joined.Room.Take(push, _registry.State, Now);
        ClientEvent? shown = null;
        _vault.Write(vault =>
        {
            shown = Show(joined, news, vault);
            KeepBeside(shown, push.Entry.Stamp.Time, vault);
            KeepForPrograms(shown, vault);
            joined.Save(vault);

            // Once an own commit stands, the leaf key that the grant brought is the group's business alone.
            if (news is RoomEvent.Applied { IsOwn: true } && joined.Session.GrantFor(joined.Room.Id) is { } used)
            {
                joined.Session.Withdraw(used);
                SaveSession(vault, JoinedRoom.SessionName(joined.Room.Id), joined.Session);
            }
        });
        // Queued before the face hears of it, and so before what the face then asks for.
        // Whoever has added somebody says hello to the newcomer; somebody who entered by the door is greeted by the first member.
        bool hasAdded = news is RoomEvent.Applied { IsOwn: true, Change.Added.Count: > 0 };
        bool hasCome = news is RoomEvent.Applied { IsOwn: false, Change.HasEntered: true };
        if (hasAdded || (hasCome && IsFirstToGreet(joined)))
            _work.Writer.TryWrite(() => GreetAsync(joined, hasAdded));
        else if (joined.Room.NeedsUpdate && push.Entry.IsHandshake && IsFirstToGreet(joined))
            _work.Writer.TryWrite(() => MendAsync(joined));
        if (shown is not null)
            _onEvent(shown);
        if (joined.Room.Status == RoomStatus.Evicted && _rooms.Remove(joined.Room.Id))
            joined.Dispose();
    }

    private ClientEvent? Show(JoinedRoom joined, RoomEvent news, VaultTransaction vault)
    {
        RoomId id = joined.Room.Id;
        switch (news)
        {
            case RoomEvent.Content content:
                return ShowContent(joined, content, vault);
            case RoomEvent.OwnContent own:
                return ShowOwn(joined, own, vault);
            case RoomEvent.Applied applied:
                return new ClientEvent.Changed(id, applied.Sequence, applied.Change);
            case RoomEvent.Evicted evicted:
                return new ClientEvent.Out(id, $"removed by {evicted.Change.Committer.Handle}");
            case RoomEvent.NotEntered:
                return new ClientEvent.Out(id, "the room did not let this client in: the phrase is wrong, or another change came first");
            case RoomEvent.FoundCopy:
                return new ClientEvent.Out(id, "this vault is a copy: another one is in use, and this one sends nothing");
            case RoomEvent.Skipped skipped:
                return new ClientEvent.Trouble(id, skipped.Sequence, $"not valid: {skipped.Fault}");
            case RoomEvent.Alarm alarm:
                return new ClientEvent.Trouble(id, alarm.Sequence, $"{alarm.Sender.Handle} saw another log or registry than this client ({alarm.Rule}): the relay shows two, or {alarm.Sender.Handle} lies");
            case RoomEvent.Gone gone:
                return new ClientEvent.Trouble(id, gone.Sequence, "the relay no longer has this message");
            case RoomEvent.Broken broken:
                return new ClientEvent.Trouble(id, broken.Sequence, $"the relay's log does not hang together ({broken.Rule}); nothing is read beyond this");
            case RoomEvent.Waits waits:
                return new ClientEvent.Trouble(id, waits.Sequence, $"not readable yet ({waits.Rule})");
            default:
                return null;
        }
    }

    private ClientEvent? ShowContent(JoinedRoom joined, RoomEvent.Content content, VaultTransaction vault)
    {
        RoomId id = joined.Room.Id;
        Member sender = content.Sender;
        ReadOnlyMemory<byte> encoded;
        MimiContent mimi;
        try
        {
            encoded = ContentPadding.Unpad(content.Data);
            mimi = MimiContent.Decode(encoded);
        }
        catch (DecodeException e)
        {
            return new ClientEvent.Trouble(id, content.Sequence, $"{sender.Handle} sent something that is not content: {e.Message}");
        }
        MessageId message = mimi.IdOf(sender.Handle, id, encoded.Span);
        if (vault.Messages.Find(id, sender.Token, message.ToArray()) is not null)
            return null;
        RoomContent meaning = RoomContent.Read(mimi);
        if (meaning is PhraseContent phrase)
        {
            // Who knows a key takes another from admins alone: a false one would shut the door on everybody who comes by the phrase.
            if (joined.Room.Terms.Policy.IsAdmin(sender.Handle) || !joined.Room.KnowsPhrase)
                joined.Room.LearnPhrase(phrase.Version, phrase.Psk.Span);
            return null;
        }
        if (meaning is StatementContent news)
            return TakeNews(id, content.Sequence, sender.Handle, news);
        if (meaning is TitleContent title && joined.Room.Terms.Policy.IsAdmin(sender.Handle))
            joined.Stored = joined.Stored with { Title = title.Title };
        vault.Messages.Put(new StoredMessage(id, content.Sequence)
        {
            Id = message.ToArray(),
            Sender = sender.Handle,
            Token = sender.Token,
            Time = content.Time,
            Content = encoded,
        });
        return new ClientEvent.Message(id, content.Sequence, sender.Handle, sender.Token, content.Time, message, meaning, IsOwn: false);
    }

    private ClientEvent.Message? ShowOwn(JoinedRoom joined, RoomEvent.OwnContent own, VaultTransaction vault)
    {
        RoomId id = joined.Room.Id;
        foreach (QueuedMessage queued in vault.Outbox.Of(id))
        {
            if (queued.Encrypted.IsEmpty || Digest.Of(((Append)Frame.DecodeFromClient(queued.Encrypted.Span).Body).Message.Span) != own.MessageHash)
                continue;
            vault.Outbox.Remove(id, queued.Number);
            if (vault.Messages.Find(id, Token, queued.MessageId.Span) is not null)
                return null;
            Handle handle = OwnToken.Handle;

            // The key of a phrase is kept with the room, and nowhere else.
            if (RoomContent.Read(MimiContent.Decode(queued.Content)) is PhraseContent or StatementContent)
                return null;
            vault.Messages.Put(new StoredMessage(id, own.Sequence) { Id = queued.MessageId, Sender = handle, Token = Token, Time = own.Time, Content = queued.Content });
            RoomContent meaning = RoomContent.Read(MimiContent.Decode(queued.Content));
            if (meaning is TitleContent title && joined.Room.Terms.Policy.IsAdmin(handle))
                joined.Stored = joined.Stored with { Title = title.Title };
            return new ClientEvent.Message(id, own.Sequence, handle, Token, own.Time, MessageId.FromBytes(queued.MessageId.Span), meaning, IsOwn: true);
        }
        return null;
    }

    // Whoever enters waits to hear another: the member in the lowest leaf that acts says hello.
    private bool IsFirstToGreet(JoinedRoom joined)
    {
        RegistryState registry = _registry.State;
        Member? first = joined.Room.Members
            .Where(member => !member.IsInvited && joined.Room.StateOf(member, registry) == LeafState.Active)
            .OrderBy(static member => member.Leaf.Value)
            .FirstOrDefault();
        return first is not null && first.Leaf == joined.Room.Own?.Leaf;
    }

    private async Task GreetAsync(JoinedRoom joined, bool hasAdded)
    {
        try
        {
            await SendAsync(joined, new HelloContent());

            // Who was added knows the key of the door's phrase from nobody yet.
            if (hasAdded)
                await TellPhraseAsync(joined);

            // Who comes in has not heard how the room is called; only an admin's word for it counts.
            if (joined.Stored.Title.Length > 0 && joined.Room.Terms.Policy.IsAdmin(OwnToken.Handle))
                await SendAsync(joined, new TitleContent(joined.Stored.Title));
        }
        catch (Exception e) when (e is RoomException or ConnectionException or RelayException)
        {
            _onEvent(new ClientEvent.Trouble(joined.Room.Id, joined.Room.Chain.Size, $"the hello to a new member was not sent: {e.Message}"));
        }
    }

    // The relay keeps the GroupInfo that came with the last handshake, and cannot tell that the room skips it: whoever enters by
    // that one is skipped too. An empty commit brings a good one again.
    private async Task MendAsync(JoinedRoom joined)
    {
        try
        {
            await CommitAsync(joined.Room.Id, room => room.Room.Update(room.Session, Belief));
        }
        catch (Exception e) when (e is RoomException or ConnectionException or RelayException or InvalidOperationException)
        {
            _onEvent(new ClientEvent.Trouble(joined.Room.Id, joined.Room.Chain.Size, $"the door of the room was not mended: {e.Message}"));
        }
    }

    private static string TextOf(SendObstacle obstacle) => obstacle switch
    {
        SendObstacle.Status => "this client is not a member of the room, or has not heard another member since it entered",
        SendObstacle.Reentry => "this client has to enter the room anew",
        SendObstacle.OwnLeaf => "the touch of this room is over: touch again to go on",
        _ => "somebody who is revoked is still in the room, and goes first",
    };
}
