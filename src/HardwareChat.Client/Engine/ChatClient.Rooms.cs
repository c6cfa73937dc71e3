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
    private static readonly TimeSpan LeavingPatience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<RoomId, (Invitation Invitation, WelcomePush Push)> _invitations = [];
    private readonly Dictionary<RoomId, Entrance> _entrances = [];
    private readonly HashSet<(RoomId Room, ulong Sequence)> _strangeWelcomes = [];

    /// <summary>Founds a room, with one touch.</summary>
    /// <param name="title">Its title, which the relay never learns.</param>
    /// <param name="settings">Its settings; a door with a phrase has parameters of this call's making.</param>
    /// <param name="phrase">The pass phrase, in memory that the caller zeroes afterwards; null for none.</param>
    public async Task<RoomId> CreateRoomAsync(string title, RoomSettings settings, ReadOnlyMemory<char>? phrase = null)
    {
        var genesis = new RoomGenesis(_registry.State.Id, [OwnToken.Handle], new Digest(System.Security.Cryptography.RandomNumberGenerator.GetBytes(Digest.Size)));
        RoomId id = genesis.RoomId;
        using Secret? key = phrase is { } given ? KeyOf(given.Span, id, ParametersOf(settings)) : null;
        Session session = await TouchAsync(new SessionWish(null, [id], 0), $"found the room {title}");
        return await OwningAsync(session, async () =>
        {
            await AskAsync<Done>(new CreateRoom(genesis));
            (Room room, Outgoing first) = Room.Create(session, genesis, settings, Belief, _verifier, key is null ? default : key.Span);
            JoinedRoom joined = Keep(room, session, new StoredRoom(id) { Title = title }, vault => KeepCommit(vault, id, first.Frame));
            await AppendAsync(first);
            await SubscribeAsync(id, 0);
            if (!await TakeUntilAsync(() => !room.HasPendingCommit && room.Epoch > 0, Patience))
                throw new RoomException("the room was founded, and its first entry has not come back");
            await SendAsync(joined, new TitleContent(title));
            return id;
        });
    }

    /// <summary>Adds everybody's tokens of these users, by a commit; they get an invitation.</summary>
    public Task AddAsync(RoomId room, params IReadOnlyList<Handle> handles) => DoAsync(async () =>
    {
        IReadOnlyCollection<Member> members = Joined(room).Room.Members;
        KeyPackages packages = await AskAsync<KeyPackages>(new FetchKeyPackages(handles));
        TokenKeyPackage[] absent = [.. packages.Items.Where(item => !members.Any(member => member.Token == item.Token && handles.Contains(member.Handle)))];
        if (absent.Length == 0 && packages.Items.Count > 0)
            throw new RoomException("every token of theirs is in the room already");
        TokenKeyPackage[] offered = [.. absent.Where(static item => item.Package is not null)];
        if (offered.Length == 0)
            throw new RoomException("there is no key package of theirs: they have not connected yet");
        await CommitAsync(room, joined => joined.Room.Add(joined.Session, offered, Belief));
        return true;
    });

    /// <summary>Lifts a ban, by a commit: the user may enter again where the door is open.</summary>
    /// <exception cref="RoomRuleException">This client's user may not.</exception>
    public Task PardonAsync(RoomId room, Handle handle) => DoAsync(async () =>
    {
        if (!Joined(room).Room.Terms.Removals.Removals.Any(removal => removal.Handle == handle && removal.Floor == Removal.Ban))
            throw new RoomException($"{handle} is not banned");
        await CommitAsync(room, joined => joined.Room.Pardon(joined.Session, handle, Belief));
        return true;
    });

    /// <summary>Leaves a room: another member has to take this client out, and does so as soon as one is there.</summary>
    /// <returns>Whether it is out. Until it is, it says so again whenever the room changes.</returns>
    public Task<bool> LeaveAsync(RoomId room) => DoAsync(async () =>
    {
        JoinedRoom joined = Joined(room);
        if (joined.Room.Members.All(member => member.Leaf == joined.Room.Own?.Leaf))
        {
            await AskAsync<Done>(new Unsubscribe(room));
            Drop(joined, "left; nobody else was there");
            return true;
        }
        await SayLeavingAsync(joined);
        return await TakeUntilAsync(() => joined.Room.Status == RoomStatus.Evicted, LeavingPatience);
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
        (Session session, string name, KeyPackageBundle bundle) = BundleOf(invited.Push) ?? throw new RoomException("the touch that this invitation answers is over: ask to be added again");
        Room entered = accepted.Accept();
        session.Withdraw(bundle);

        // The leaf acts under the touch that its key package was made with. The used package leaves the vault with the same write.
        JoinedRoom joined = Keep(entered, session.CopyForRooms(), new StoredRoom(room), vault => SaveSession(vault, name, session));
        await AskAsync<Done>(new DropWelcome(room, invited.Push.Sequence));

        // The hello shows the others that the invited is there; it waits, as all content does, until another has been heard.
        if (await TakeUntilAsync(() => entered.Status == RoomStatus.Member, Patience))
            await SendAsync(joined, new HelloContent());
        return true;
    });

    /// <summary>Enters a room by its open door, with one touch; or enters it anew, where this client has lost its place.</summary>
    /// <param name="room">The room.</param>
    /// <param name="phrase">The pass phrase where the door asks for one, in memory that the caller zeroes afterwards; not needed by whoever enters anew and knows it.</param>
    /// <returns>Whether another member has answered: false if nobody did in time, which a wrong phrase looks like too.</returns>
    public async Task<bool> JoinAsync(RoomId room, ReadOnlyMemory<char>? phrase = null)
    {
        (Entrance entrance, Secret? known) = await DoAsync(async () => (await OpenEntranceAsync(room), _rooms.GetValueOrDefault(room)?.Room.PhraseKey));
        using Secret? key = KeyFor(entrance, phrase, known);
        Session session = await TouchAsync(new SessionWish(null, [room], 0), "enter the room");
        return await OwningAsync(session, async () =>
        {
            for (int attempt = 1; ; attempt++)
            {
                if (await KnockAsync(entrance, session, key) is { } joined)
                    return await TakeUntilAsync(() => joined.Room.Status is not (RoomStatus.Knocking or RoomStatus.Entering) || joined.Room.IsRefused, Patience)
                        && joined.Room.Status == RoomStatus.Member;
                if (attempt == CommitAttempts)
                    throw new RoomException("too many others changed the room at the same time");
                entrance = await OpenEntranceAsync(room);
            }
        });
    }

    private async Task<Entrance> OpenEntranceAsync(RoomId room)
    {
        GroupInfoFrame info = await AskAsync<GroupInfoFrame>(new GetGroupInfo(room));

        // Who was here before is shown no policy from before it.
        ulong leastVersion = _rooms.GetValueOrDefault(room)?.Room.Terms.Policy.Version ?? 0;
        return Entrance.Open(room, info.GroupInfo.Span, _registry.State, _verifier, leastVersion);
    }

    // What the person says comes before what the room knew.
    private static Secret? KeyFor(Entrance entrance, ReadOnlyMemory<char>? phrase, Secret? ownedKnown)
    {
        if (entrance.Terms.Policy.Door is Door.Phrase door && phrase is { } given)
        {
            ownedKnown?.Dispose();
            return KeyOf(given.Span, entrance.Room, door.Parameters);
        }
        if (entrance.Terms.Policy.Door is Door.Phrase && ownedKnown is null)
            throw new RoomException("this room's door asks for its pass phrase");
        return ownedKnown;
    }

    // Null if another handshake came first: the room is to be looked at again.
    private async Task<JoinedRoom?> KnockAsync(Entrance entrance, Session session, Secret? key)
    {
        RoomId id = entrance.Room;
        _entrances[id] = entrance;
        try
        {
            Subscribed log = await SubscribeAsync(id, entrance.From);
            if (!await TakeUntilAsync(() => entrance.From >= log.Size, Patience))
                throw new RoomException("the relay does not show the room's log to its end");
        }
        finally
        {
            _entrances.Remove(id);
        }

        // Who enters anew takes the own leaf along that is still there.
        JoinedRoom? before = _rooms.GetValueOrDefault(id);
        SessionId? replaces = before is not null && entrance.Members.Any(member => member.Session == before.Session.Id) ? before.Session.Id : null;
        (Room room, Outgoing knock) = entrance.Knock(session, Belief, replaces, key is null ? default : key.Span);
        StoredRoom stored = _vault.Read(vault => vault.Rooms.Find(id)) ?? new StoredRoom(id);
        JoinedRoom joined = Keep(room, session, stored, vault => KeepCommit(vault, id, knock.Frame));
        try
        {
            await AppendAsync(knock);
        }
        catch (RelayException e)
        {
            // Without its session, which knocks again after a Conflict.
            room.Dispose();
            PutBack(id, before);
            if (e.Code != ErrorCode.Conflict)
                throw;
            return null;
        }
        catch (ConnectionException)
        {
            // The knock goes again on the next connection.
            before?.Dispose();
            throw;
        }
        if (before is not null)
        {
            ulong from = before.Room.Chain.Size;
            before.Dispose();
            Note(id, from, Now, "this client lost its place in the room and has entered anew; what was said in between it cannot read");
        }
        return joined;
    }

    private void PutBack(RoomId id, JoinedRoom? before)
    {
        _rooms.Remove(id);
        if (before is not null)
            _rooms[id] = before;
        _vault.Write(vault =>
        {
            vault.Settings.Remove(JoinedRoom.CommitUnderWay(id));
            if (before is null)
            {
                vault.Rooms.RemoveState(id);
                vault.Sessions.Remove(JoinedRoom.SessionName(id));
                return;
            }
            SaveSession(vault, JoinedRoom.SessionName(id), before.Session);
            before.Save(vault);
        });
    }

    // Makes a commit, sends it, and makes it anew while others come first. It is kept before it is sent: if no answer comes, the same
    // bytes go again on the next connection, and the relay knows whether it had them.
    private async Task CommitAsync(RoomId id, Func<JoinedRoom, Outgoing> make)
    {
        JoinedRoom joined = Joined(id);
        Room room = joined.Room;
        if (room.CheckSend(Belief).Obstacle is SendObstacle.Reentry or SendObstacle.Status)
            throw new RoomException(TextOf(room.CheckSend(Belief).Obstacle!.Value));
        await CommitAnywayAsync(joined, make);
    }

    private async Task CommitAnywayAsync(JoinedRoom joined, Func<JoinedRoom, Outgoing> make)
    {
        if (joined.Room.HasPendingCommit)
            throw new RoomException("another change of this client's is under way in the room");
        for (int attempt = 1; attempt <= CommitAttempts; attempt++)
        {
            Outgoing commit = make(joined);
            _vault.Write(vault =>
            {
                joined.Save(vault);
                KeepCommit(vault, joined.Room.Id, commit.Frame);
            });
            if (await SendCommitAsync(joined, commit))
                return;
        }
        throw new RoomException("too many others changed the room at the same time");
    }

    // False if another handshake came first.
    private async Task<bool> SendCommitAsync(JoinedRoom joined, Outgoing commit)
    {
        Room room = joined.Room;
        ulong size = room.Chain.Size;
        try
        {
            await AppendAsync(commit);
        }
        catch (RelayException e) when (e.Code is ErrorCode.Conflict or ErrorCode.Refused or ErrorCode.TooLarge)
        {
            room.Discard(commit);
            _vault.Write(vault =>
            {
                vault.Settings.Remove(JoinedRoom.CommitUnderWay(room.Id));
                joined.Save(vault);
            });
            if (e.Code != ErrorCode.Conflict)
                throw;
            await TakeUntilAsync(() => room.Chain.Size > size, TimeSpan.FromSeconds(2));
            return false;
        }
        if (!await TakeUntilAsync(() => !room.HasPendingCommit, Patience))
            throw new RoomException("the change was sent, and has not come back");
        return true;
    }

    private static void KeepCommit(VaultTransaction vault, RoomId room, Append commit)
        => vault.Settings.Put(JoinedRoom.CommitUnderWay(room), TlsWriter.Encode(new Frame(1, commit)));

    private Task<Appended> AppendAsync(Outgoing outgoing) => AppendAsync(outgoing.Frame);

    private Task<Appended> AppendAsync(Append append)
    {
        RequireSoundRegistry();
        if (_rooms.GetValueOrDefault(append.Room) is { IsRolledBack: true })
            throw new RoomException(TextOfRollback);
        return AskAsync<Appended>(append);
    }

    private void TakeWelcome(WelcomePush push)
    {
        if (_rooms.ContainsKey(push.Room) || _invitations.ContainsKey(push.Room))
            return;
        if (BundleOf(push) is not { } answered)
        {
            // It waits at the relay, and comes again on each connection: another of this person's tokens may be meant.
            if (_strangeWelcomes.Add((push.Room, push.Sequence)))
                TellAndKeep(new ClientEvent.Trouble(push.Room, push.Sequence, "an invitation that answers no key package of this client's: one that was used before, or is none of its own"));
            return;
        }
        try
        {
            Invitation invitation = Invitation.Open(push, answered.Bundle, _registry.State, _verifier);
            _invitations[push.Room] = (invitation, push);
            _onEvent(new ClientEvent.Invited(push.Room, invitation.Inviter.Handle, [.. invitation.Members.Select(static member => member.Handle).Distinct()]));
        }
        catch (Exception e) when (e is DecodeException or ValidationException or RoomRuleException)
        {
            TellAndKeep(new ClientEvent.Trouble(push.Room, push.Sequence, $"an invitation that is not valid: {e.Message}"));
        }
    }

    // The session whose key package a Welcome answers, and its name in the vault.
    private (Session Session, string Name, KeyPackageBundle Bundle)? BundleOf(WelcomePush push)
    {
        try
        {
            if (MlsMessage.Decode(push.Welcome.Span).Welcome is not { } welcome)
                return null;
            if (_session?.KeyPackageFor(welcome) is { } current)
                return (_session, ChannelSession, current);
            return _formerSession?.KeyPackageFor(welcome) is { } former ? (_formerSession, FormerChannelSession, former) : null;
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    // A session that goes to a room, unless that fails before the room has it.
    private Task<T> OwningAsync<T>(Session session, Func<Task<T>> action) => DoAsync(async () =>
    {
        try
        {
            return await action();
        }
        finally
        {
            if (!_rooms.Values.Any(joined => ReferenceEquals(joined.Session, session)))
                session.Dispose();
        }
    });

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
