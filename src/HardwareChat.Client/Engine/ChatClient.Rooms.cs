using HardwareChat.Client.Content;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <content>Founding, entering and changing rooms.</content>
public sealed partial class ChatClient
{
    private const int CommitAttempts = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Dictionary<RoomId, (Invitation Invitation, WelcomePush Push)> _invitations = [];
    private readonly Dictionary<RoomId, Entrance> _entrances = [];

    /// <summary>Founds a room, with one touch.</summary>
    /// <param name="title">Its title, which the relay never learns.</param>
    /// <param name="settings">Its settings; a door with a phrase has parameters of this call's making.</param>
    /// <param name="phrase">The pass phrase, in memory that the caller zeroes afterwards; null for none.</param>
    public Task<RoomId> CreateRoomAsync(string title, RoomSettings settings, ReadOnlyMemory<char>? phrase = null) => DoAsync(async () =>
    {
        var genesis = new RoomGenesis(_registry.State.Id, [OwnToken.Handle], new Digest(System.Security.Cryptography.RandomNumberGenerator.GetBytes(Digest.Size)));
        RoomId id = genesis.RoomId;
        using Secret? key = phrase is { } given ? KeyOf(given.Span, id, ParametersOf(settings)) : null;
        Session session = await TouchAsync(new SessionWish(null, [id], 0), $"found the room {title}");
        await Connection.AskAsync<Done>(new CreateRoom(genesis), _end.Token);
        (Room room, Outgoing first) = Room.Create(session, genesis, settings, Belief, _verifier, key is null ? default : key.Span);
        JoinedRoom joined = Keep(room, session, new StoredRoom(id) { Title = title });
        await AppendAsync(first);
        await SubscribeAsync(id, 0);
        if (!await TakeUntilAsync(() => !room.HasPendingCommit && room.Epoch > 0, Patience))
            throw new RoomException("the room was founded, and its first entry has not come back");
        await SendAsync(joined, new TitleContent(title));
        return id;
    });

    /// <summary>Adds everybody's tokens of these users, by a commit; they get an invitation.</summary>
    public Task AddAsync(RoomId room, params IReadOnlyList<Handle> handles) => DoAsync(async () =>
    {
        KeyPackages packages = await Connection.AskAsync<KeyPackages>(new FetchKeyPackages(handles), _end.Token);
        if (!packages.Items.Any(static item => item.Package is not null))
            throw new RoomException("there is no key package of theirs: they have not connected yet");
        await CommitAsync(room, joined => joined.Room.Add(joined.Session, [.. packages.Items.Where(static item => item.Package is not null)], Belief));
        return true;
    });

    /// <summary>Removes a user, by a commit; banned, the user stays out until an admin says otherwise.</summary>
    public Task RemoveAsync(RoomId room, Handle handle, bool ban = false) => DoAsync(async () =>
    {
        if (handle == OwnToken.Handle || !Joined(room).Room.Members.Any(member => member.Handle == handle))
            throw new RoomException(handle == OwnToken.Handle ? "nobody removes oneself: leave the room instead" : $"{handle} is not in the room");
        await CommitAsync(room, joined => joined.Room.Remove(joined.Session, handle, null, ban, Belief));
        return true;
    });

    /// <summary>Accepts an invitation.</summary>
    public Task AcceptAsync(RoomId room) => DoAsync(async () =>
    {
        if (!_invitations.TryGetValue(room, out (Invitation Invitation, WelcomePush Push) invited))
            throw new RoomException("there is no invitation into that room");
        Invitation invitation = invited.Invitation;
        await SubscribeAsync(room, invitation.From);
        if (!await TakeUntilAsync(() => invitation.From > invited.Push.Sequence, Patience))
            throw new RoomException("the relay does not show the room's log as far as the invitation says");
        _invitations.Remove(room);
        using Invitation accepted = invitation;
        KeyPackageBundle bundle = BundleOf(invited.Push)!;
        Room entered = accepted.Accept();
        _session!.Withdraw(bundle);

        // The leaf acts under the touch that its key package was made with. The used package leaves the vault with the same write.
        JoinedRoom joined = Keep(entered, _session.CopyForRooms(), new StoredRoom(room), vault => SaveSession(vault, ChannelSession, _session));
        await Connection.AskAsync<Done>(new DropWelcome(room, invited.Push.Sequence), _end.Token);

        // The hello shows the others that the invited is there; it waits, as all content does, until another has been heard.
        if (await TakeUntilAsync(() => entered.Status == RoomStatus.Member, Patience))
            await SendAsync(joined, new HelloContent());
        return true;
    });

    /// <summary>Enters a room by its open door, with one touch.</summary>
    /// <param name="room">The room.</param>
    /// <param name="phrase">The pass phrase where the door asks for one, in memory that the caller zeroes afterwards.</param>
    /// <returns>Whether another member has answered: false if nobody did in time, which a wrong phrase looks like too.</returns>
    public Task<bool> JoinAsync(RoomId room, ReadOnlyMemory<char>? phrase = null) => DoAsync(async () =>
    {
        GroupInfoFrame info = await Connection.AskAsync<GroupInfoFrame>(new GetGroupInfo(room), _end.Token);
        Entrance entrance = Entrance.Open(room, info.GroupInfo.Span, _registry.State, _verifier);
        using Secret? key = entrance.Terms.Policy.Door is Door.Phrase door
            ? KeyOf((phrase ?? throw new RoomException("this room's door asks for its pass phrase")).Span, room, door.Parameters)
            : null;
        Session session = await TouchAsync(new SessionWish(null, [room], 0), "enter the room");
        for (int attempt = 1; ; attempt++)
        {
            JoinedRoom? joined = await KnockAsync(entrance, session, key);
            if (joined is not null)
                return await TakeUntilAsync(() => joined.Room.Status == RoomStatus.Member || joined.Room.IsRefused, Patience) && !joined.Room.IsRefused;
            if (attempt == CommitAttempts)
                throw new RoomException("too many others changed the room at the same time");
            info = await Connection.AskAsync<GroupInfoFrame>(new GetGroupInfo(room), _end.Token);
            entrance = Entrance.Open(room, info.GroupInfo.Span, _registry.State, _verifier);
        }
    });

    // Null if another handshake came first: the room is to be looked at again.
    private async Task<JoinedRoom?> KnockAsync(Entrance entrance, Session session, Secret? key)
    {
        _entrances[entrance.Room] = entrance;
        try
        {
            Subscribed log = await SubscribeAsync(entrance.Room, entrance.From);
            if (!await TakeUntilAsync(() => entrance.From >= log.Size, Patience))
                throw new RoomException("the relay does not show the room's log to its end");
        }
        finally
        {
            _entrances.Remove(entrance.Room);
        }
        (Room room, Outgoing knock) = entrance.Knock(session, Belief, replaces: null, key is null ? default : key.Span);
        JoinedRoom joined = Keep(room, session, _vault.Read(vault => vault.Rooms.Find(room.Id)) ?? new StoredRoom(room.Id));
        try
        {
            await AppendAsync(knock);
            return joined;
        }
        catch (RelayException e) when (e.Code == ErrorCode.Conflict)
        {
            _rooms.Remove(room.Id);
            _vault.Write(vault => vault.Rooms.RemoveState(room.Id));
            room.Dispose();
            return null;
        }
    }

    // Makes a commit, sends it, and makes it anew while others come first.
    private async Task CommitAsync(RoomId id, Func<JoinedRoom, Outgoing> make)
    {
        JoinedRoom joined = Joined(id);
        Room room = joined.Room;
        if (room.CheckSend(Belief).Obstacle is SendObstacle.Reentry or SendObstacle.Status)
            throw new RoomException(TextOf(room.CheckSend(Belief).Obstacle!.Value));
        for (int attempt = 1; attempt <= CommitAttempts; attempt++)
        {
            Outgoing commit = make(joined);
            _vault.Write(joined.Save);
            ulong size = room.Chain.Size;
            try
            {
                await AppendAsync(commit);
                if (!await TakeUntilAsync(() => !room.HasPendingCommit, Patience))
                    throw new RoomException("the change was sent, and has not come back");
                return;
            }
            catch (RelayException e) when (e.Code == ErrorCode.Conflict)
            {
                room.Discard(commit);
                await TakeUntilAsync(() => room.Chain.Size > size, TimeSpan.FromSeconds(2));
            }
        }
        throw new RoomException("too many others changed the room at the same time");
    }

    private Task<Appended> AppendAsync(Outgoing outgoing) => AppendAsync(outgoing.Frame);

    private Task<Appended> AppendAsync(Append append)
    {
        RequireSoundRegistry();
        return Connection.AskAsync<Appended>(append, _end.Token);
    }

    private void TakeWelcome(WelcomePush push)
    {
        if (_rooms.ContainsKey(push.Room) || _invitations.ContainsKey(push.Room))
            return;
        if (BundleOf(push) is not { } bundle)
        {
            _onEvent(new ClientEvent.Trouble(push.Room, push.Sequence, "an invitation that answers no key package of this client's: one that was used before, or is none of its own"));
            return;
        }
        try
        {
            Invitation invitation = Invitation.Open(push, bundle, _registry.State, _verifier);
            _invitations[push.Room] = (invitation, push);
            _onEvent(new ClientEvent.Invited(push.Room, invitation.Inviter.Handle, [.. invitation.Members.Select(static member => member.Handle).Distinct()]));
        }
        catch (Exception e) when (e is DecodeException or ValidationException or RoomRuleException)
        {
            _onEvent(new ClientEvent.Trouble(push.Room, push.Sequence, $"an invitation that is not valid: {e.Message}"));
        }
    }

    private KeyPackageBundle? BundleOf(WelcomePush push)
    {
        try
        {
            return MlsMessage.Decode(push.Welcome.Span).Welcome is { } welcome ? _session?.KeyPackageFor(welcome) : null;
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    private JoinedRoom Keep(Room room, Session session, StoredRoom stored, Action<VaultTransaction>? together = null)
    {
        var joined = new JoinedRoom(room, session, stored);
        _rooms[room.Id] = joined;
        _vault.Write(vault =>
        {
            SaveSession(vault, JoinedRoom.SessionName(room.Id), session);
            joined.Save(vault);
            together?.Invoke(vault);
        });
        return joined;
    }

    private static void SaveSession(VaultTransaction vault, string name, Session session)
    {
        using Secret state = session.Save();
        vault.Sessions.Put(name, state.Span);
    }

    private static PhraseParameters ParametersOf(RoomSettings settings)
        => settings.Door is Door.Phrase door ? door.Parameters : throw new RoomException("a pass phrase is for a door that asks for one");

    private static Secret KeyOf(ReadOnlySpan<char> phrase, RoomId room, PhraseParameters parameters)
    {
        byte[] key = GC.AllocateArray<byte>(Phrase.PskSize, pinned: true);
        try
        {
            Phrase.Derive(phrase, room, parameters, key);
            return Secret.CopyOf(key);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
        }
    }
}
