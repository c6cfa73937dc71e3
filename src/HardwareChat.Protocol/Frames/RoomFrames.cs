using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { RoomGenesis genesis; } CreateRoom;
// struct {
//   opaque room_id[32]; EntryKind kind; uint64 after; uint64 registry_size; opaque message<V>;
//   optional<opaque group_info<V>>; optional<opaque welcome<V>>; RosterChange roster_changes<V>;
// } Append;
// struct { uint64 sequence; uint64 time; uint64 registry_size; opaque receipt[32]; } Appended;
// struct { opaque room_id[32]; uint64 from; } Subscribe;
// struct { uint64 size; uint64 horizon; opaque head[32]; } Subscribed;
// struct { opaque room_id[32]; } Unsubscribe, GetGroupInfo, GetRoster;
// struct { optional<opaque after[32]>; } ListRooms;
// struct { struct { opaque room_id[32]; uint64 size; uint64 horizon; } rooms<V>; uint8 more; } Rooms;
// struct { uint64 sequence; opaque group_info<V>; } GroupInfo;
// struct { Handle owners<V>; Handle handles<V>; uint8 open; } RoomRoster;
// struct { RoomEntry entry; opaque receipt[32]; optional<opaque message<V>>; } Entry;
// struct { opaque room_id[32]; uint64 next; } Detached;
//
// Reading a room: Subscribe names the first sequence wanted. The answer says how far the log goes and from which sequence on
// the bodies are kept (the horizon; before it entries come without their message). Then every entry from there on comes as
// a push, old ones and new ones alike and in order, until Unsubscribe, or Detached for a reader that is too slow: it
// subscribes again, from `next`.

/// <summary>Founds a room; its first entry is the creator's Append.</summary>
/// <param name="Genesis">Whose hash is the room's id.</param>
public sealed record CreateRoom(RoomGenesis Genesis) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.CreateRoom;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => Genesis.WriteTo(ref writer);
}

/// <summary>Appends one message to a room's log, with all that belongs to it.</summary>
/// <param name="Room">The room.</param>
/// <param name="EntryKind">What the message is.</param>
/// <param name="After">Entries that the appender had taken when it made the message.</param>
/// <param name="RegistrySize">Leaves that it had read.</param>
/// <param name="Message">The MLSMessage.</param>
/// <param name="GroupInfo">For a commit: the GroupInfo of the epoch that it makes.</param>
/// <param name="Welcome">For whom it adds.</param>
/// <param name="RosterChanges">Applied together with the entry, or not at all.</param>
public sealed record Append(RoomId Room, EntryKind EntryKind, ulong After, ulong RegistrySize, ReadOnlyMemory<byte> Message, ReadOnlyMemory<byte>? GroupInfo, ReadOnlyMemory<byte>? Welcome, IReadOnlyList<RosterChange> RosterChanges) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Append;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Room.WriteTo(ref writer);
        writer.WriteUInt8((byte)EntryKind);
        writer.WriteUInt64(After);
        writer.WriteUInt64(RegistrySize);
        writer.WriteOpaque(Message.Span);
        writer.WriteOptionalOpaque(GroupInfo);
        writer.WriteOptionalOpaque(Welcome);
        writer.WriteVector<RosterChange>([.. RosterChanges]);
    }

    /// <summary>What the relay's rule judges.</summary>
    public AppendRequest ToRequest() => new(EntryKind, After, RegistrySize, Digest.Of(Message.Span), Message.Length);

    internal static Append Read(ref TlsReader reader)
    {
        RoomId room = RoomId.Read(ref reader);
        EntryKind kind = RoomEntry.ReadKind(ref reader);
        ulong after = reader.ReadUInt64();
        ulong registrySize = reader.ReadUInt64();
        byte[] message = reader.ReadOpaque(AppendRule.LimitOf(kind)).ToArray();
        ReadOnlyMemory<byte>? groupInfo = reader.ReadOptionalOpaque(ProtocolLimits.GroupInfoBytes);
        ReadOnlyMemory<byte>? welcome = reader.ReadOptionalOpaque(ProtocolLimits.WelcomeBytes);
        List<RosterChange> changes = reader.ReadList(ProtocolLimits.RoomHandles, ProtocolLimits.RoomHandles * 64, RosterChange.Read);
        return new Append(room, kind, after, registrySize, message, groupInfo, welcome, changes);
    }
}

/// <summary>The message is in the log, on disk: at this position now, or since it was first sent.</summary>
/// <param name="Sequence">The position.</param>
/// <param name="Stamp">The entry's stamp.</param>
/// <param name="Receipt">The relay's receipt of the entry.</param>
public sealed record Appended(ulong Sequence, Stamp Stamp, Digest Receipt) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Appended;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(Sequence);
        writer.WriteUInt64(Stamp.Time);
        writer.WriteUInt64(Stamp.RegistrySize);
        Receipt.WriteTo(ref writer);
    }

    internal static Appended Read(ref TlsReader reader)
        => new(reader.ReadUInt64(), new Stamp(reader.ReadUInt64(), reader.ReadUInt64()), Digest.Read(ref reader));
}

/// <summary>Reads a room from a position on.</summary>
/// <param name="Room">The room.</param>
/// <param name="From">The first sequence wanted.</param>
public sealed record Subscribe(RoomId Room, ulong From) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Subscribe;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Room.WriteTo(ref writer);
        writer.WriteUInt64(From);
    }
}

/// <summary>Where a log stands.</summary>
/// <param name="Size">Entries in it.</param>
/// <param name="Horizon">The first sequence whose message is kept.</param>
/// <param name="Head">The hash of the last entry; the room's id for none.</param>
public sealed record Subscribed(ulong Size, ulong Horizon, Digest Head) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Subscribed;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(Size);
        writer.WriteUInt64(Horizon);
        Head.WriteTo(ref writer);
    }
}

/// <summary>Ends the reading of a room.</summary>
/// <param name="Room">The room.</param>
public sealed record Unsubscribe(RoomId Room) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Unsubscribe;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => Room.WriteTo(ref writer);
}

/// <summary>Asks for the rooms whose roster has the client's user, in the order of their ids.</summary>
/// <param name="After">Where the last page ended; null for the first.</param>
public sealed record ListRooms(RoomId? After) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.ListRooms;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOptional(After is not null);
        After?.WriteTo(ref writer);
    }
}

/// <summary>A room and its log's size.</summary>
/// <param name="Room">The room.</param>
/// <param name="Size">Entries.</param>
/// <param name="Horizon">The first sequence whose message is kept.</param>
public readonly record struct RoomSummary(RoomId Room, ulong Size, ulong Horizon) : ITlsSerializable
{
    internal const int Bytes = 48;

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Room.WriteTo(ref writer);
        writer.WriteUInt64(Size);
        writer.WriteUInt64(Horizon);
    }

    internal static RoomSummary Read(ref TlsReader reader) => new(RoomId.Read(ref reader), reader.ReadUInt64(), reader.ReadUInt64());
}

/// <summary>A page of rooms.</summary>
/// <param name="Rooms">The rooms.</param>
/// <param name="More">Whether there are more after the last of them.</param>
public sealed record RoomList(IReadOnlyList<RoomSummary> Rooms, bool More) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Rooms;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteVector<RoomSummary>([.. Rooms]);
        writer.WriteOptional(More);
    }

    internal static RoomList Read(ref TlsReader reader)
        => new(reader.ReadList(ProtocolLimits.ItemsPerPage, ProtocolLimits.ItemsPerPage * RoomSummary.Bytes, RoomSummary.Read), reader.ReadOptional());
}

/// <summary>Asks for a room's newest GroupInfo, to enter by it.</summary>
/// <param name="Room">The room.</param>
public sealed record GetGroupInfo(RoomId Room) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.GetGroupInfo;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => Room.WriteTo(ref writer);
}

/// <summary>A GroupInfo, as a committer uploaded it: the reader holds it to the log.</summary>
/// <param name="Sequence">The commit that it came with.</param>
/// <param name="GroupInfo">The MLSMessage.</param>
public sealed record GroupInfoFrame(ulong Sequence, ReadOnlyMemory<byte> GroupInfo) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.GroupInfo;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(Sequence);
        writer.WriteOpaque(GroupInfo.Span);
    }

    internal static GroupInfoFrame Read(ref TlsReader reader)
        => new(reader.ReadUInt64(), reader.ReadOpaque(ProtocolLimits.GroupInfoBytes).ToArray());
}

/// <summary>Asks who is on a room's roster.</summary>
/// <param name="Room">The room.</param>
public sealed record GetRoster(RoomId Room) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.GetRoster;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => Room.WriteTo(ref writer);
}

/// <summary>A roster.</summary>
/// <param name="Owners">The owners.</param>
/// <param name="Handles">The others.</param>
/// <param name="IsOpen">Whether the door is open.</param>
public sealed record RoomRoster(IReadOnlyList<Handle> Owners, IReadOnlyList<Handle> Handles, bool IsOpen) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.RoomRoster;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteVector<Handle>([.. Owners]);
        writer.WriteVector<Handle>([.. Handles]);
        writer.WriteOptional(IsOpen);
    }

    internal static RoomRoster Read(ref TlsReader reader)
    {
        List<Handle> owners = reader.ReadList(ProtocolLimits.RoomHandles, ProtocolLimits.RoomHandles * 33, Handle.Read);
        List<Handle> handles = reader.ReadList(ProtocolLimits.RoomHandles, ProtocolLimits.RoomHandles * 33, Handle.Read);
        return new RoomRoster(owners, handles, reader.ReadOptional());
    }
}

/// <summary>One entry of a room that the client reads.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Receipt">The relay's receipt.</param>
/// <param name="Message">The MLSMessage; null where it is no longer kept.</param>
public sealed record EntryPush(RoomEntry Entry, Digest Receipt, ReadOnlyMemory<byte>? Message) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Entry;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Entry.WriteTo(ref writer);
        Receipt.WriteTo(ref writer);
        writer.WriteOptionalOpaque(Message);
    }

    internal static EntryPush Read(ref TlsReader reader)
    {
        RoomEntry entry = RoomEntry.Read(ref reader);
        Digest receipt = Digest.Read(ref reader);
        return new EntryPush(entry, receipt, reader.ReadOptionalOpaque(AppendRule.LimitOf(entry.Kind)));
    }
}

/// <summary>The relay has stopped pushing a room's entries to a reader that is too slow.</summary>
/// <param name="Room">The room.</param>
/// <param name="Next">The sequence from which to subscribe again.</param>
public sealed record Detached(RoomId Room, ulong Next) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Detached;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Room.WriteTo(ref writer);
        writer.WriteUInt64(Next);
    }
}
