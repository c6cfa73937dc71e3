using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>A room of this client: its group, and the session in which the client acts there. Owns both.</summary>
internal sealed class JoinedRoom(Room room, Session session, StoredRoom stored) : IDisposable
{
    /// <summary>The room.</summary>
    public Room Room { get; } = room;

    /// <summary>The session of the client's leaf.</summary>
    public Session Session { get; private set; } = session;

    /// <summary>The session in which the client is to act once it has renewed; null if none is waiting.</summary>
    public Session? Next { get; private set; }

    /// <summary>The sequence at which reading stopped, since the entry there cannot be read, or not yet: what comes behind it is not taken.</summary>
    public ulong? StoppedAt { get; set; }

    /// <summary>The sequence at which reading stopped last, which the person was told once.</summary>
    public ulong? StoppedBefore { get; set; }

    /// <summary>The sequence of the last entry by which somebody who was in the room was heard.</summary>
    public ulong HeardAt { get; set; }

    /// <summary>Whether the relay's log ends before what was read of it: it was restored from a backup, or lies.</summary>
    public bool IsRolledBack { get; set; }

    /// <summary>What the vault shows of it.</summary>
    public StoredRoom Stored { get; set; } = stored;

    /// <summary>The name under which the vault keeps the session.</summary>
    public static string SessionName(RoomId room) => $"room {room}";

    /// <summary>The name under which the vault keeps the session that follows.</summary>
    public static string NextSessionName(RoomId room) => $"room {room} next";

    /// <summary>Takes the session that is to follow, and owns it from then on; null if none is.</summary>
    public void Follow(Session? ownedNext)
    {
        Next?.Dispose();
        Next = ownedNext;
    }

    /// <summary>The renewal stands: the client acts in the next session from here on.</summary>
    public void Renewed(VaultTransaction vault)
    {
        if (Next is not { } next)
            return;
        if (next.GrantFor(Room.Id) is { } used)
            next.Withdraw(used);
        using (Mls.Secret state = next.Save())
            vault.Sessions.Put(SessionName(Room.Id), state.Span);
        vault.Sessions.Remove(NextSessionName(Room.Id));
        Session.Dispose();
        (Session, Next) = (next, null);
    }

    /// <summary>The name under which the vault keeps a commit that the relay has not answered.</summary>
    public static string CommitUnderWay(RoomId room) => $"commit under way {room}";

    /// <summary>Keeps the room in the vault, where it has come.</summary>
    public void Save(VaultTransaction vault)
    {
        if (Room.Status is RoomStatus.Evicted or RoomStatus.NotEntered)
        {
            // The secrets are erased: so are what the vault has of them. The messages stay.
            vault.Rooms.RemoveState(Room.Id);
            vault.Sessions.Remove(SessionName(Room.Id));
            vault.Sessions.Remove(NextSessionName(Room.Id));
            vault.Settings.Remove(CommitUnderWay(Room.Id));
        }
        else
        {
            using Mls.Secret state = Room.Save();
            vault.Rooms.PutState(Room.Id, state.Span);
        }
        Stored = Stored with
        {
            NextSequence = Room.Chain.Size,
            Head = Room.Chain.Head,
            Standing = Room.Status switch
            {
                RoomStatus.Member => RoomStanding.Joined,
                RoomStatus.Evicted or RoomStatus.NotEntered => RoomStanding.Left,
                _ => RoomStanding.Entering,
            },
        };
        vault.Rooms.Put(Stored);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Room.Dispose();
        Session.Dispose();
        Next?.Dispose();
    }
}
