using System.Text;
using HardwareChat.Client.Content;
using HardwareChat.Client.Verification;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <content>What the vault keeps for the person beside the messages: notices and troubles, what was read, compared and chosen.</content>
public sealed partial class ChatClient
{
    private const int DeletionPage = 500;

    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(6);

    private bool _sweeps;

    /// <summary>A page of a room's messages from a sequence on, oldest first.</summary>
    public IReadOnlyList<StoredMessage> HistoryFrom(RoomId room, ulong sequence, int count = 100)
        => _vault.Read(vault => vault.Messages.From(room, sequence, count));

    /// <summary>Messages that hold every word of a query as the beginning of a word of theirs, newest first.</summary>
    /// <exception cref="InvalidOperationException">The vault was opened without <see cref="MessageText.Searched"/>.</exception>
    public IReadOnlyList<StoredMessage> Search(string query, RoomId? room = null, int count = 50) => _vault.Search(query, room, count);

    /// <summary>What a room's members have agreed on; null for a room that this client is not in.</summary>
    public Task<RoomTerms?> TermsAsync(RoomId room) => DoAsync(() => Task.FromResult(_rooms.GetValueOrDefault(room)?.Room.Terms));

    /// <summary>Looks at a room from outside, through what the relay gives to whoever asks: its terms, and who says to be there. Costs no touch.</summary>
    public Task<(RoomTerms Terms, IReadOnlyList<Member> Members)> LookAtAsync(RoomId room) => DoAsync(async () =>
    {
        Entrance entrance = await OpenEntranceAsync(room);
        return (entrance.Terms, entrance.Members);
    });

    /// <summary>Marks a room as read, up to a sequence and without it.</summary>
    public Task MarkReadAsync(RoomId room, ulong unreadFrom) => ChangeAsync(room, stored => stored with { UnreadFrom = Math.Max(stored.UnreadFrom, unreadFrom) });

    /// <summary>Chooses which messages of a room call for the person.</summary>
    public Task SetNoticesAsync(RoomId room, RoomNotices notices) => ChangeAsync(room, stored => stored with { Notices = notices });

    /// <summary>What this person has made sure of about another; null if nothing.</summary>
    public StoredContact? Contact(Handle handle) => _vault.Read(vault => vault.Contacts.Find(handle));

    /// <summary>What the mark on another user is worth now.</summary>
    public VerificationState VerificationOf(Handle handle)
        => Contact(handle) is { VerifiedTokens: [_, ..] tokens } contact
            ? new VerifiedMark(handle, [.. tokens], contact.FollowsAddedTokens).StateAmong(TokensOf(handle))
            : VerificationState.Unverified;

    /// <summary>What this person and another compare.</summary>
    /// <exception cref="CommunityException">One of the two has no token in the registry.</exception>
    public Comparison CompareWith(Handle other)
    {
        RegistryState registry = _registry.State;
        Handle own = OwnToken.Handle;
        if (other == own || !TokensOf(other).Any(static token => token.RevokedAt is null))
            throw new CommunityException(other == own ? "nobody compares with oneself" : $"{other} has no token in the registry");
        return new Comparison(registry.Id, ComparedUser.Of(own, TokensOf(own)), ComparedUser.Of(other, TokensOf(other)));
    }

    /// <summary>Keeps that the words were the same: every token that the other has now is verified.</summary>
    public void MarkVerified(Handle other, bool followsAddedTokens)
    {
        TokenId[] tokens = [.. TokensOf(other).Where(static token => token.RevokedAt is null).Select(static token => token.Keys.TokenId)];
        _vault.Write(vault => vault.Contacts.Put((vault.Contacts.Find(other) ?? new StoredContact(other)) with
        {
            VerifiedTokens = tokens,
            VerifiedAt = Now,
            FollowsAddedTokens = followsAddedTokens,
        }));
    }

    /// <summary>Takes the mark back.</summary>
    public void MarkUnverified(Handle other) => _vault.Write(vault =>
    {
        if (vault.Contacts.Find(other) is { } contact)
            vault.Contacts.Put(contact with { VerifiedTokens = [], VerifiedAt = 0, FollowsAddedTokens = false });
    });

    /// <summary>A choice of the person's, as text; null if never made.</summary>
    public string? Setting(string name) => _vault.Read(vault => vault.Settings.FindText($"face {name}"));

    /// <summary>Keeps a choice of the person's.</summary>
    public void SetSetting(string name, string value) => _vault.Write(vault => vault.Settings.PutText($"face {name}", value));

    private IEnumerable<RegistryToken> TokensOf(Handle handle)
    {
        RegistryState registry = _registry.State;
        return registry.User(handle)?.Tokens.Select(token => registry.Token(token)!) ?? [];
    }

    // In the engine's turn: what it keeps of a room next must not undo this.
    private Task<bool> ChangeAsync(RoomId room, Func<StoredRoom, StoredRoom> change) => DoAsync(() =>
    {
        if (_rooms.TryGetValue(room, out JoinedRoom? joined))
            joined.Stored = change(joined.Stored);
        _vault.Write(vault =>
        {
            if ((joined?.Stored ?? (vault.Rooms.Find(room) is { } stored ? change(stored) : null)) is { } changed)
                vault.Rooms.Put(changed);
        });
        return Task.FromResult(true);
    });

    // With the write that takes the entry: so nothing is passed over in silence after a restart either, and what was taken back is gone.
    private static void KeepBeside(ClientEvent? shown, ulong time, VaultTransaction vault)
    {
        switch (shown)
        {
            case ClientEvent.Trouble trouble:
                vault.Messages.Put(NoteOf(trouble.Room, trouble.Sequence, time, MessageKind.Trouble, trouble.Why));
                break;
            case ClientEvent.Changed changed when RoomNotice.Of(changed.Change) is { } notice:
                vault.Messages.Put(NoteOf(changed.Room, changed.Sequence, time, MessageKind.Notice, notice));
                break;
            case ClientEvent.Message { Content: DeletionContent deletion } message:
                Forget(message.Room, deletion.Target, message.Sender, vault);
                break;
        }
    }

    // What a room's policy gives messages no more time for, here as at the relay.
    private void ForgetWhatIsOver()
    {
        foreach (JoinedRoom joined in _rooms.Values)
        {
            ulong retention = joined.Room.Terms.Policy.Retention;
            if (retention > 0 && Belief.RelayTime > retention)
                _vault.Write(vault => vault.Messages.RemoveOlderThan(joined.Room.Id, Belief.RelayTime - retention));
        }
        if (_sweeps)
            return;
        _sweeps = true;
        Later(SweepEvery, () =>
        {
            _sweeps = false;
            ForgetWhatIsOver();
            return Task.CompletedTask;
        });
    }

    // For the person, now and in the history.
    private void Note(RoomId room, ulong sequence, ulong time, string why)
    {
        _vault.Write(vault => vault.Messages.Put(NoteOf(room, sequence, time, MessageKind.Trouble, why)));
        TellAndKeep(new ClientEvent.Trouble(room, sequence, why));
    }

    private static StoredMessage NoteOf(RoomId room, ulong sequence, ulong time, MessageKind kind, string text)
        => new(room, sequence) { Kind = kind, Time = time, Content = Encoding.UTF8.GetBytes(text) };

    // The words of the message, and those of its later wordings, leave the vault; the places stay.
    private static void Forget(RoomId room, MessageId target, Handle sender, VaultTransaction vault)
    {
        if (vault.Messages.FindById(room, target.ToArray()).FirstOrDefault(message => message.Sender == sender) is not { } first)
            return;
        vault.Messages.Put(first with { IsDeleted = true, Content = default });
        IReadOnlyList<StoredMessage> page;
        for (ulong at = first.Sequence + 1; (page = vault.Messages.From(room, at, DeletionPage)).Count > 0; at = page[^1].Sequence + 1)
        {
            foreach (StoredMessage later in page)
            {
                if (later.Sender == sender && MessageText.ContentOf(later) is MessageContent { Replaces: { } replaced } && replaced == target)
                    vault.Messages.Put(later with { IsDeleted = true, Content = default });
            }
        }
    }
}
