using HardwareChat.Client;

namespace HardwareChat.Terminal.Json;

/// <summary>A room, as lines say it.</summary>
internal static class RoomForm
{
    /// <summary>A room of this person.</summary>
    public static RoomPart Of(StoredRoom room) => new(room.Id.ToString(), room.Title, WordOf(room.Standing), room.NextSequence, room.UnreadFrom);

    private static string WordOf(RoomStanding standing) => standing switch
    {
        RoomStanding.Invited => "invited",
        RoomStanding.Entering => "entering",
        RoomStanding.Joined => "joined",
        _ => "left",
    };
}
