using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { opaque room_id[32]; uint64 size; } UploadBlob;
// struct { opaque blob_id[32]; } DownloadBlob;
// struct { opaque blob_id[32]; opaque ticket<V>; uint64 not_after; } BlobTicket;
//
// Blobs travel over HTTP beside the channel, in pieces that can be resumed. The ticket is the whole authorisation there: opaque
// bytes that the relay made, for one blob, one direction and a short time.

/// <summary>Asks for room for a blob.</summary>
/// <param name="Room">The room whose members may read it, and whose retention it has.</param>
/// <param name="Size">Bytes of ciphertext.</param>
public sealed record UploadBlob(RoomId Room, ulong Size) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.UploadBlob;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Room.WriteTo(ref writer);
        writer.WriteUInt64(Size);
    }
}

/// <summary>Asks for a blob.</summary>
/// <param name="Blob">The name that its upload was given.</param>
public sealed record DownloadBlob(Digest Blob) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.DownloadBlob;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => Blob.WriteTo(ref writer);
}

/// <summary>A ticket for one blob and direction.</summary>
/// <param name="Blob">The blob.</param>
/// <param name="Ticket">What the HTTP request shows.</param>
/// <param name="NotAfter">Unix seconds until which it may.</param>
public sealed record BlobTicket(Digest Blob, ReadOnlyMemory<byte> Ticket, ulong NotAfter) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.BlobTicket;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Blob.WriteTo(ref writer);
        writer.WriteOpaque(Ticket.Span);
        writer.WriteUInt64(NotAfter);
    }

    internal static BlobTicket Read(ref TlsReader reader)
        => new(Digest.Read(ref reader), reader.ReadOpaque(ProtocolLimits.TicketBytes).ToArray(), reader.ReadUInt64());
}
