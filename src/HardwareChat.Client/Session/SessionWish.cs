using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>What one touch is to be good for.</summary>
/// <param name="Relay">The relay to which channels are wanted; null for none.</param>
/// <param name="Rooms">The rooms that are to be entered, or in which the session is to renew.</param>
/// <param name="KeyPackages">How many key packages are wanted, by which others may add the session to rooms.</param>
public sealed record SessionWish(RelayId? Relay, IReadOnlyList<RoomId> Rooms, int KeyPackages)
{
    /// <summary>Grant items that this takes of the touch, at most <see cref="ProtocolLimits.GrantItemsPerTouch"/>.</summary>
    public int Items => (Relay is null ? 0 : 1) + Rooms.Count + KeyPackages;
}
