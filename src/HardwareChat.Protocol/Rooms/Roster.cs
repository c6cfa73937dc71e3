using System.Collections.Immutable;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// enum { reserved(0), add(1), drop(2), open(3), close(4), (255) } RosterChangeKind;
// struct { RosterChangeKind kind; select (kind) { case add, drop: Handle handle; case open, close: struct {}; }; } RosterChange;

/// <summary>A change of a roster, inside an Append.</summary>
public abstract record RosterChange : ITlsSerializable
{
    private RosterChange()
    {
    }

    /// <summary>This user may read and append. Whoever is on the roster may add.</summary>
    /// <param name="Handle">The user.</param>
    public sealed record Add(Handle Handle) : RosterChange;

    /// <summary>This user may no longer. Only an owner drops.</summary>
    /// <param name="Handle">The user.</param>
    public sealed record Drop(Handle Handle) : RosterChange;

    /// <summary>Every user of the registry may append an external commit, and is on the roster with it. Only an owner opens.</summary>
    public sealed record Open : RosterChange;

    /// <summary>No longer. Only an owner closes.</summary>
    public sealed record Close : RosterChange;

    /// <summary>Reads one change.</summary>
    public static RosterChange Read(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        1 => new Add(Handle.Read(ref reader)),
        2 => new Drop(Handle.Read(ref reader)),
        3 => new Open(),
        4 => new Close(),
        _ => throw reader.Malformed("no such change of a roster"),
    };

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        switch (this)
        {
            case Add add:
                writer.WriteUInt8(1);
                add.Handle.WriteTo(ref writer);
                break;
            case Drop drop:
                writer.WriteUInt8(2);
                drop.Handle.WriteTo(ref writer);
                break;
            case Open:
                writer.WriteUInt8(3);
                break;
            case Close:
                writer.WriteUInt8(4);
                break;
        }
    }
}

/// <summary>The relay's list of who may read and append in a room. It keeps strangers' load out; secrecy never rests on it. Immutable.</summary>
/// <param name="Owners">From the room's genesis: always on the roster.</param>
/// <param name="Handles">The others.</param>
/// <param name="IsOpen">Whether any user of the registry may append an external commit.</param>
public sealed record Roster(IReadOnlyList<Handle> Owners, ImmutableHashSet<Handle> Handles, bool IsOpen)
{
    /// <summary>The roster of a new room.</summary>
    public static Roster Of(RoomGenesis genesis)
    {
        ArgumentNullException.ThrowIfNull(genesis);
        return new Roster(genesis.Owners, [], false);
    }

    /// <summary>Whether this user may read.</summary>
    public bool MayRead(Handle handle) => Owners.Contains(handle) || Handles.Contains(handle);

    /// <summary>Whether this user may append an entry of this kind.</summary>
    public bool MayAppend(Handle handle, EntryKind kind) => MayRead(handle) || (IsOpen && kind == EntryKind.External);

    /// <summary>The roster after these changes by this user, all of them or none; the rule that one of them breaks otherwise.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="actor">Who appends; whoever came by the open door is on the roster from then on.</param>
    public (Roster? Roster, RoomRule? Rule) Apply(IReadOnlyList<RosterChange> changes, Handle actor)
    {
        ArgumentNullException.ThrowIfNull(changes);
        bool owner = Owners.Contains(actor);
        if (changes.Any(change => change is not RosterChange.Add && !owner))
            return (null, RoomRule.RosterNotOwner);
        Roster roster = owner ? this : this with { Handles = Handles.Add(actor) };
        foreach (RosterChange change in changes)
        {
            roster = change switch
            {
                RosterChange.Add add => roster with { Handles = roster.Handles.Add(add.Handle) },
                RosterChange.Drop drop => roster with { Handles = roster.Handles.Remove(drop.Handle) },
                RosterChange.Open => roster with { IsOpen = true },
                _ => roster with { IsOpen = false },
            };
        }
        return (roster, null);
    }
}
