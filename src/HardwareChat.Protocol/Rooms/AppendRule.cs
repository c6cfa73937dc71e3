using System.Collections.Immutable;

namespace HardwareChat.Protocol;

// Append = { room, kind, after, registry_size, message, group_info?, welcome?, roster_changes }. The relay's whole rule:
//
//   the appender is on the roster, or the kind is external and the room's door is open
//   bytes already in the log (by message_hash) are answered with their old sequence
//   a handshake is accepted only if no handshake stands at a sequence >= after            else Conflict
//   an application message only if at most 4 handshakes stand at a sequence >= after      else Stale
//   the stamp's registry_size is at least the one given
//
// `after` counts the entries that the sender had taken: it compares positions, not epochs, and reads no MLS. An invalid
// commit costs a position, not the epoch: members skip it, and the next one carries an `after` beyond it.
// docs/models/append.pml is a model of this rule under crashes and retries.

/// <summary>What the relay answers to an Append.</summary>
public enum AppendAnswer
{
    /// <summary>A new entry.</summary>
    Accepted = 1,

    /// <summary>These bytes stand in the log already: here is their sequence.</summary>
    Duplicate,

    /// <summary>A handshake stands after the position that the commit was made for: read on, and commit again.</summary>
    Conflict,

    /// <summary>Too many handshakes stand after the position that the message was encrypted for: encrypt it again.</summary>
    Stale,

    /// <summary>No such room, or none for this appender: the two are not told apart.</summary>
    Refused,

    /// <summary>The appender quotes more registry than this relay has: it was restored, or lies.</summary>
    RegistryAhead,

    /// <summary>More external commits than the room or the token may make in an hour.</summary>
    RateLimited,

    /// <summary>The message is longer than its kind may be.</summary>
    TooLarge,
}

/// <summary>What an appender asks for.</summary>
/// <param name="Kind">What it says the message is.</param>
/// <param name="After">Entries that the appender had taken when it made the message.</param>
/// <param name="RegistrySize">Leaves that it had read.</param>
/// <param name="MessageHash">SHA-256 of the message.</param>
/// <param name="MessageLength">Bytes of the message.</param>
public readonly record struct AppendRequest(EntryKind Kind, ulong After, ulong RegistrySize, Digest MessageHash, int MessageLength);

/// <summary>What the rule must know of a room: the chain's end and where the last handshakes stand. Immutable.</summary>
/// <param name="Chain">The chain's end.</param>
/// <param name="LastHandshakes">The sequences of the last handshakes, at most <see cref="ProtocolLimits.StaleHandshakes"/> + 1, oldest first.</param>
public sealed record RoomTail(RoomChain Chain, ImmutableArray<ulong> LastHandshakes)
{
    /// <summary>A room without entries.</summary>
    public static RoomTail Empty(RoomId room) => new(RoomChain.Empty(room), []);

    /// <summary>The tail with this entry: for an accepted append, and to rebuild it from the log.</summary>
    public RoomTail Take(RoomEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        RoomChain chain = Chain.Take(entry);
        if (!entry.IsHandshake)
            return this with { Chain = chain };
        ImmutableArray<ulong> last = LastHandshakes.Add(entry.Sequence);
        return new RoomTail(chain, last.Length > ProtocolLimits.StaleHandshakes + 1 ? last.RemoveAt(0) : last);
    }
}

/// <summary>The answer to an Append, with the entry to write where it is accepted.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Sequence">The position of the new entry, or of the old one for a duplicate.</param>
/// <param name="Entry">The new entry; null unless accepted.</param>
public readonly record struct AppendVerdict(AppendAnswer Answer, ulong? Sequence = null, RoomEntry? Entry = null);

/// <summary>The relay's whole rule of a room's log, as one pure function.</summary>
public static class AppendRule
{
    /// <summary>The answer to this request. What is accepted must be on disk before the answer leaves.</summary>
    /// <param name="request">The request.</param>
    /// <param name="tail">The room.</param>
    /// <param name="mayAppend">Whether the appender is on the roster, or comes by an open door: <see cref="Roster.MayAppend"/>.</param>
    /// <param name="duplicateOf">Where these bytes (by message_hash) stand in the log already; null if they do not.</param>
    /// <param name="withinRate">Whether one more external commit is within the limits: <see cref="ExternalCommitRate"/>.</param>
    /// <param name="now">The relay's clock and the size of its registry.</param>
    public static AppendVerdict Judge(
        in AppendRequest request, RoomTail tail, bool mayAppend, ulong? duplicateOf, bool withinRate, Stamp now)
    {
        ArgumentNullException.ThrowIfNull(tail);
        if (!mayAppend)
            return new AppendVerdict(AppendAnswer.Refused);
        if (duplicateOf is { } old)
            return new AppendVerdict(AppendAnswer.Duplicate, old);
        if (request.MessageLength > LimitOf(request.Kind))
            return new AppendVerdict(AppendAnswer.TooLarge);
        if (request.RegistrySize > now.RegistrySize)
            return new AppendVerdict(AppendAnswer.RegistryAhead);

        // `after` beyond the end is a position that the relay has lost, or a lie: neither may go in front of the others.
        ulong after = request.After;
        if (after > tail.Chain.Size)
            return new AppendVerdict(AppendAnswer.Conflict);
        int handshakesSince = tail.LastHandshakes.Count(sequence => sequence >= after);
        if (request.Kind != EntryKind.Application && handshakesSince > 0)
            return new AppendVerdict(AppendAnswer.Conflict);
        if (request.Kind == EntryKind.Application && handshakesSince > ProtocolLimits.StaleHandshakes)
            return new AppendVerdict(AppendAnswer.Stale);
        if (request.Kind == EntryKind.External && !withinRate)
            return new AppendVerdict(AppendAnswer.RateLimited);

        RoomChain chain = tail.Chain;
        var stamp = new Stamp(Math.Max(now.Time, chain.Stamp.Time), Math.Max(now.RegistrySize, chain.Stamp.RegistrySize));
        var entry = new RoomEntry(chain.Room, chain.Size, chain.Head, stamp, request.Kind, request.MessageHash);
        return new AppendVerdict(AppendAnswer.Accepted, entry.Sequence, entry);
    }

    /// <summary>The most bytes that a message of this kind may have.</summary>
    public static int LimitOf(EntryKind kind)
        => kind == EntryKind.Application ? ProtocolLimits.ApplicationMessageBytes : ProtocolLimits.CommitBytes;
}
