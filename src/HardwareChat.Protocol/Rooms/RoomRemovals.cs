using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { Handle handle; opaque token_id<V>; uint64 floor; } Removal;   token_id: empty (all of that user's) or 32 bytes
// struct { Removal removals<V>; } RoomRemovals;                          GroupContext extension 0xF0A2
//
// External commits cannot carry GroupContextExtensions (RFC 9420 §12.4.3.2), so that a list of spent grants would not work;
// a floor set by the remover does. A floor is the relay's time, within 300 s of T, or 2^64-1: banned until an admin lifts it.

/// <summary>Who was removed: entries of that token, or of all of that user's, need a touch issued after the floor.</summary>
/// <param name="Handle">The user.</param>
/// <param name="Token">The token; null for all of the user's.</param>
/// <param name="Floor">Unix seconds; <see cref="Ban"/> for good.</param>
public sealed record Removal(Handle Handle, TokenId? Token, ulong Floor) : ITlsSerializable
{
    /// <summary>The floor that no touch is above.</summary>
    public const ulong Ban = ulong.MaxValue;

    /// <summary>Whether this removal is about that token of that user.</summary>
    public bool Covers(Handle handle, TokenId token) => Handle == handle && (Token is null || Token == token);

    /// <summary>Whether two removals are about the same, whatever their floors.</summary>
    public bool IsAboutSame(Removal other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Handle == other.Handle && Token == other.Token;
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Handle.WriteTo(ref writer);
        writer.WriteOpaque(Token is { } token ? token.Value.ToArray() : []);
        writer.WriteUInt64(Floor);
    }

    internal static Removal Read(ref TlsReader reader)
    {
        Handle handle = Handle.Read(ref reader);
        TlsReader inner = reader.ReadVector(Digest.Size);
        TokenId? token = inner.IsEmpty ? null : TokenId.Read(ref inner);
        inner.ThrowIfNotEmpty();
        return new Removal(handle, token, reader.ReadUInt64());
    }
}

/// <summary>A leaf that a commit removes.</summary>
/// <param name="Handle">Its user.</param>
/// <param name="Token">Its token.</param>
/// <param name="State">What it was at the stamp.</param>
/// <param name="IssuedAt">issued_at of its touch.</param>
public readonly record struct RemovedLeaf(Handle Handle, TokenId Token, LeafState State, ulong IssuedAt);

/// <summary>The removals that a room keeps.</summary>
/// <param name="Removals">In no order that means anything.</param>
public sealed record RoomRemovals(IReadOnlyList<Removal> Removals) : ITlsSerializable
{
    /// <summary>The GroupContext extension type that carries it.</summary>
    public const ushort ExtensionType = 0xF0A2;

    /// <summary>Nobody was removed.</summary>
    public static RoomRemovals None { get; } = new([]);

    /// <summary>Whether a touch of this token is at or below a floor.</summary>
    public bool Forbid(Handle handle, Touch touch)
    {
        ArgumentNullException.ThrowIfNull(touch);
        return Removals.Any(removal => removal.Covers(handle, touch.TokenId) && touch.IssuedAt <= removal.Floor);
    }

    /// <summary>The removals that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed, or two removals are about the same.</exception>
    public static RoomRemovals Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        TlsReader list = reader.ReadVector(ProtocolLimits.RoomRemovals * (Digest.Size + ProtocolLimits.HandleCharacters + 10));
        reader.ThrowIfNotEmpty();
        var removals = new List<Removal>();
        var about = new HashSet<(Handle, TokenId?)>();
        while (!list.IsEmpty)
        {
            Removal removal = Removal.Read(ref list);
            if (!about.Add((removal.Handle, removal.Token)) || removals.Count == ProtocolLimits.RoomRemovals)
                throw list.Malformed("two removals are about the same, or there are too many");
            removals.Add(removal);
        }
        return new RoomRemovals(removals);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteVector<Removal>([.. Removals]);

    /// <summary>The rule that a commit breaks which leaves this list after <paramref name="before"/>; null if none.</summary>
    /// <param name="before">The list before.</param>
    /// <param name="removed">The leaves that an admin removes in this commit and that were not void.</param>
    /// <param name="time">T.</param>
    /// <param name="longestEntry">The longest time after a touch in which a grant may open a door, by any policy of the registry up to R.</param>
    public RoomRule? CheckFollows(RoomRemovals before, IReadOnlyList<RemovedLeaf> removed, ulong time, ulong longestEntry)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(removed);
        foreach (Removal removal in Removals)
        {
            if (before.Removals.Contains(removal))
                continue;
            if (!removed.Any(leaf => removal.Covers(leaf.Handle, leaf.Token)))
                return RoomRule.RemovalMismatch;
            ulong distance = removal.Floor > time ? removal.Floor - time : time - removal.Floor;
            if (removal.Floor != Removal.Ban && distance > ProtocolLimits.FloorSkew)
                return RoomRule.RemovalFloorTime;
        }
        foreach (Removal old in before.Removals)
        {
            bool stays = Removals.Any(old.IsAboutSame);
            // A ban is lifted by leaving it away. A floor may go when no grant can be below it any more; it need not, since the
            // committer cannot know T when it decides.
            if (!stays && old.Floor != Removal.Ban && !IsSpent(old, time, longestEntry))
                return RoomRule.RemovalMismatch;
        }
        // A floor below the touch would let it in again: that of an earlier removal is, or the leaf would have been void.
        return removed.All(leaf => Removals.Any(removal => removal.Covers(leaf.Handle, leaf.Token) && leaf.IssuedAt <= removal.Floor)) ? null : RoomRule.RemovalMissing;
    }

    /// <summary>The list that a commit must leave which puts these removals at time T.</summary>
    public RoomRemovals With(IReadOnlyList<Removal> added, ulong time, ulong longestEntry)
    {
        ArgumentNullException.ThrowIfNull(added);
        IEnumerable<Removal> kept = Removals.Where(old => !IsSpent(old, time, longestEntry) && !added.Any(old.IsAboutSame));
        return new RoomRemovals([.. kept, .. added]);
    }

    /// <summary>Reads any bytes as removals, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!TlsWriter.Encode(Decode(input)).AsSpan().SequenceEqual(input))
            throw new System.Security.Cryptography.CryptographicException("Removals have two encodings.");
    }

    private static bool IsSpent(Removal removal, ulong time, ulong longestEntry)
        => removal.Floor < time && time - removal.Floor > longestEntry;
}
