namespace HardwareChat.Protocol;

/// <summary>The end of a room's log as a reader has it: entries are taken in order, or not at all. Immutable.</summary>
/// <param name="Room">The room.</param>
/// <param name="Size">Entries taken.</param>
/// <param name="Head">The hash of the last one; the room's id for none.</param>
/// <param name="Stamp">The last one's stamp.</param>
public sealed record RoomChain(RoomId Room, ulong Size, Digest Head, Stamp Stamp)
{
    /// <summary>The chain before the first entry.</summary>
    public static RoomChain Empty(RoomId room) => new(room, 0, room.Value, default);

    /// <summary>The rule that this entry breaks as the next of the chain; null if none.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="messageHash">SHA-256 of the body; null where the relay has deleted it.</param>
    public RoomRule? Check(RoomEntry entry, Digest? messageHash)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Room != Room)
            return RoomRule.OtherRoom;
        if (entry.Sequence != Size)
            return RoomRule.Sequence;
        if (entry.Previous != Head)
            return RoomRule.Previous;
        if (entry.Stamp.Time < Stamp.Time)
            return RoomRule.TimeGoesBack;
        if (entry.Stamp.RegistrySize < Stamp.RegistrySize)
            return RoomRule.RegistryGoesBack;
        return messageHash is null || messageHash == entry.MessageHash ? null : RoomRule.MessageHash;
    }

    /// <summary>Whether the entry must wait: its time is ahead of the reader's clock, or its registry beyond the reader's replica.</summary>
    public static RoomRule? CheckReadable(RoomEntry entry, ulong clock, ulong replicaSize)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Stamp.Time > clock && entry.Stamp.Time - clock > ProtocolLimits.StampAhead)
            return RoomRule.AheadOfClock;
        return entry.Stamp.RegistrySize > replicaSize ? RoomRule.BeyondReplica : null;
    }

    /// <summary>The chain with this entry.</summary>
    /// <exception cref="ArgumentException">The entry is not the next one: it was not checked.</exception>
    public RoomChain Take(RoomEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return Check(entry, null) is { } rule
            ? throw new ArgumentException($"The entry breaks the chain: {rule}.", nameof(entry))
            : new RoomChain(Room, Size + 1, entry.Hash, entry.Stamp);
    }
}
