namespace HardwareChat.Protocol;

/// <summary>What a leaf may do at a stamp.</summary>
public enum LeafState
{
    /// <summary>It acts.</summary>
    Active = 1,

    /// <summary>Its session is over: it reads, and may renew by a commit with a fresh touch.</summary>
    Dormant,

    /// <summary>It must go.</summary>
    Void,
}

/// <summary>A room's clock at one position: the relay's time and registry size on that entry.</summary>
/// <param name="Time">T, Unix seconds.</param>
/// <param name="RegistrySize">R, leaves.</param>
public readonly record struct Stamp(ulong Time, ulong RegistrySize);

/// <summary>The one function that says what a leaf is.</summary>
public static class LeafStates
{
    /// <summary>
    /// Void if its token is revoked at R, or a sign_out of it stands at an index in [touch.registry_size, R), or
    /// T > not_after + linger, or the room removed it; else dormant if T > not_after; else active.
    /// </summary>
    /// <param name="touch">The touch of the leaf's credential, verified.</param>
    /// <param name="stamp">(T, R).</param>
    /// <param name="registry">The registry, at least as long as R.</param>
    /// <param name="room">Linger and removals of the room.</param>
    /// <exception cref="ArgumentException">The token is not in the registry: the touch was not verified.</exception>
    public static LeafState At(Touch touch, Stamp stamp, RegistryState registry, RoomRules room)
    {
        ArgumentNullException.ThrowIfNull(touch);
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(room);
        if (registry.Token(touch.TokenId) is not { } token)
            throw new ArgumentException("The touch is of no enrolled token.", nameof(touch));
        bool isOut = token.IsRevokedAt(stamp.RegistrySize)
            || token.IsSignedOutAt(touch.RegistrySize, stamp.RegistrySize)
            || room.Removals.Forbid(token.Handle, touch);
        if (isOut)
            return LeafState.Void;
        if (stamp.Time <= touch.NotAfter)
            return LeafState.Active;
        return stamp.Time - touch.NotAfter > room.Linger ? LeafState.Void : LeafState.Dormant;
    }
}

/// <summary>What of a room's policy and history the checks of a leaf need.</summary>
/// <param name="Room">The room.</param>
/// <param name="Linger">Seconds for which a dormant leaf stays.</param>
/// <param name="Removals">Who was removed, with the floors.</param>
public sealed record RoomRules(RoomId Room, ulong Linger, RoomRemovals Removals);
