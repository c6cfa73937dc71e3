using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <content>Reading the rooms' logs.</content>
public sealed partial class ChatClient
{
    private const string TextOfRollback = "the relay's log of this room ends before what this client has read, or is another: nothing is sent here until it has all of that again";

    private static readonly TimeSpan WaitForTime = TimeSpan.FromSeconds(5);

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
        if (_rooms.TryGetValue(id, out JoinedRoom? joined) && joined.StoppedAt is null && push.Entry.Sequence >= joined.Room.Chain.Size)
            TakeEntry(joined, push);
    }

    private void TakeEntry(JoinedRoom joined, EntryPush push)
    {
        RoomEvent news = joined.Room.Take(push, _registry.State, Now);
        if (!news.IsTaken)
        {
            StopReading(joined, news);
            return;
        }
        ClientEvent? shown = null;
        _vault.Write(vault =>
        {
            shown = Show(joined, news, vault);
            KeepBeside(shown, push.Entry.Stamp.Time, vault);
            KeepForPrograms(shown, vault);

            // Once an own commit stands, the leaf key that the grant brought is the group's business alone.
            if (news is RoomEvent.Applied { IsOwn: true } own)
            {
                if (own.Change.HasRenewed)
                    joined.Renewed(vault);
                if (joined.Session.GrantFor(joined.Room.Id) is { } used)
                {
                    joined.Session.Withdraw(used);
                    SaveSession(vault, JoinedRoom.SessionName(joined.Room.Id), joined.Session);
                }
            }
            if (!joined.Room.HasPendingCommit)
                vault.Settings.Remove(JoinedRoom.CommitUnderWay(joined.Room.Id));
            joined.Save(vault);
        });

        // Duties are queued before the face hears of the entry, and so before what the face then asks for.
        NoteDuties(joined, news, push.Entry);
        if (shown is not null)
            _onEvent(shown);
        if (joined.Room.Status is RoomStatus.Evicted or RoomStatus.NotEntered && _rooms.Remove(joined.Room.Id))
            joined.Dispose();
    }

    // Nothing is taken from behind an entry that cannot be read: an entry ahead of this client's clock is asked for again, one that
    // breaks the log's chain is not.
    private void StopReading(JoinedRoom joined, RoomEvent news)
    {
        RoomId id = joined.Room.Id;
        bool isNews = joined.StoppedBefore != news.Sequence;
        (joined.StoppedAt, joined.StoppedBefore) = (news.Sequence, news.Sequence);
        if (isNews)
        {
            ClientEvent? shown = null;
            _vault.Write(vault =>
            {
                shown = Show(joined, news, vault);
                KeepBeside(shown, Now, vault);
                KeepForPrograms(shown, vault);
            });
            if (shown is not null)
                _onEvent(shown);
        }
        if (news is RoomEvent.Waits)
            Later(WaitForTime, () => _rooms.ContainsKey(id) && IsOnline ? ReadAgainAsync(joined) : Task.CompletedTask);
    }

    private async Task ReadAgainAsync(JoinedRoom joined)
    {
        try
        {
            await ReadFromWhereItStandsAsync(joined);
        }
        catch (Exception e) when (IsForeseen(e))
        {
            // On the next connection it is read from where it stands anyway.
            joined.StoppedAt = null;
        }
    }

    // A room whose log is broken stays where it is, until the client is started anew.
    private async Task<Subscribed?> ReadFromWhereItStandsAsync(JoinedRoom joined)
    {
        joined.StoppedAt = null;
        Subscribed log = await SubscribeAsync(joined.Room.Id, joined.Room.Chain.Size);
        RoomChain read = joined.Room.Chain;
        bool wasRolledBack = joined.IsRolledBack;
        joined.IsRolledBack = log.Size < read.Size || (log.Size == read.Size && log.Head != read.Head);
        if (joined.IsRolledBack && !wasRolledBack)
            _onEvent(new ClientEvent.Trouble(joined.Room.Id, log.Size, TextOfRollback));
        return log;
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
                return new ClientEvent.Out(id, joined.Room.IsLeaving ? "left" : $"removed by {evicted.Change.Committer.Handle}");
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
}
