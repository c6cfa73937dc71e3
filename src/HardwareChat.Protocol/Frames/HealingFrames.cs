using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { optional<opaque room_id[32]>; uint64 size; } Restored;
// struct { RoomEntry entry; opaque receipt[32]; optional<opaque message<V>>; } OfferedEntry;
// struct { OfferedEntry entries<V>; } OfferEntries;
// struct { uint64 from; ReceiptedLeaf leaves<V>; EvidenceBlob evidence<V>; } OfferLeaves;
// struct { uint32 accepted; } Offered;
//
// A relay that was restored from a backup says so with Restored, for the registry and for each room that the client reads:
// "I have this much". Clients that hold more offer it; the relay takes what bears its receipt and chains on, and only
// then accepts new appends. What does not chain on or bear its receipt is not taken, without a word.

/// <summary>The relay was restored, and has this much.</summary>
/// <param name="Room">The room; null for the registry.</param>
/// <param name="Size">Entries or leaves that it has.</param>
public sealed record Restored(RoomId? Room, ulong Size) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Restored;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOptional(Room is not null);
        Room?.WriteTo(ref writer);
        writer.WriteUInt64(Size);
    }
}

/// <summary>Entries that a restored relay has lost, in order.</summary>
/// <param name="Entries">As they were pushed.</param>
public sealed record OfferEntries(IReadOnlyList<EntryPush> Entries) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.OfferEntries;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteVector(Entries, static (ref writer, entries) =>
        {
            foreach (EntryPush entry in entries)
                entry.WriteTo(ref writer);
        });
    }

    internal static OfferEntries Read(ref TlsReader reader)
        => new(reader.ReadList(ProtocolLimits.ItemsPerPage, ProtocolLimits.FrameBytes, EntryPush.Read));
}

/// <summary>Leaves that a restored relay has lost, in order.</summary>
/// <param name="From">The index of the first.</param>
/// <param name="Items">As they were sent.</param>
/// <param name="Evidence">The blobs that they name; where the policy asks for evidence, a leaf is not taken back without its own.</param>
public sealed record OfferLeaves(ulong From, IReadOnlyList<ReceiptedLeaf> Items, IReadOnlyList<ReadOnlyMemory<byte>> Evidence) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.OfferLeaves;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(From);
        writer.WriteVector<ReceiptedLeaf>([.. Items]);
        writer.WriteBlobs(Evidence);
    }

    internal static OfferLeaves Read(ref TlsReader reader)
        => new(
            reader.ReadUInt64(),
            reader.ReadList(ProtocolLimits.ItemsPerPage, ProtocolLimits.LeavesPerPageBytes, ReceiptedLeaf.Read),
            reader.ReadBlobs(ProtocolLimits.ItemsPerPage, ProtocolLimits.EvidencePerOfferBytes));
}

/// <summary>How many the relay has taken, counted from the first.</summary>
/// <param name="Accepted">The number.</param>
public sealed record Offered(uint Accepted) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Offered;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => writer.WriteUInt32(Accepted);
}
