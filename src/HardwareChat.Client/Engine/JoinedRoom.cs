using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>A room of this client: its group, and the session in which the client acts there. Owns both.</summary>
internal sealed class JoinedRoom(Room room, Session session, StoredRoom stored) : IDisposable
{
    /// <summary>The room.</summary>
    public Room Room { get; } = room;

    /// <summary>The session of the client's leaf.</summary>
    public Session Session { get; } = session;

    /// <summary>What the vault shows of it.</summary>
    public StoredRoom Stored { get; set; } = stored;

    /// <summary>The name under which the vault keeps the session.</summary>
    public static string SessionName(RoomId room) => $"room {room}";

    /// <summary>Keeps the room in the vault, where it has come.</summary>
    public void Save(VaultTransaction vault)
    {
        if (Room.Status == RoomStatus.Evicted)
        {
            // The secrets are erased: so are what the vault has of them. The messages stay.
            vault.Rooms.RemoveState(Room.Id);
            vault.Sessions.Remove(SessionName(Room.Id));
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
                RoomStatus.Evicted => RoomStanding.Left,
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
    }
}
