using System.Security.Cryptography;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

// enum { reserved(0), upload(1), download(2), (255) } BlobDirection;
// struct { opaque blob_id[32]; BlobDirection direction; uint64 not_after; opaque mac[32]; } Ticket;
//
// mac = HMAC-SHA256(ticket key, the fields before it). The key comes from the relay's identity, so every process of a cluster
// takes every ticket; nobody else reads what is in one.

/// <summary>What a ticket is for.</summary>
internal enum BlobDirection : byte
{
    /// <summary>Appending bytes to it.</summary>
    Upload = 1,

    /// <summary>Reading it.</summary>
    Download = 2,
}

/// <summary>Makes and checks the tickets of the blob endpoints.</summary>
internal sealed class BlobTickets(RelayIdentity identity, RelayTime time)
{
    /// <summary>Seconds for which a ticket is good.</summary>
    public const ulong Lifetime = 3600;

    private const int MacSize = 32;

    /// <summary>A ticket from now on.</summary>
    public BlobTicket Issue(Digest blob, BlobDirection direction)
    {
        ulong notAfter = time.UnixSeconds() + Lifetime;
        byte[] fields = Fields(blob, direction, notAfter);
        return new BlobTicket(blob, (byte[])[.. fields, .. HMACSHA256.HashData(identity.TicketKey, fields)], notAfter);
    }

    /// <summary>Whether this ticket is for that blob and direction, now.</summary>
    public bool IsGood(ReadOnlySpan<byte> ticket, Digest blob, BlobDirection direction)
    {
        if (ticket.Length <= MacSize)
            return false;
        ReadOnlySpan<byte> fields = ticket[..^MacSize];
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(identity.TicketKey, fields), ticket[^MacSize..]))
            return false;
        var reader = new TlsReader(fields);
        bool same = Digest.Read(ref reader) == blob && (BlobDirection)reader.ReadUInt8() == direction;
        return same && time.UnixSeconds() <= reader.ReadUInt64();
    }

    private static byte[] Fields(Digest blob, BlobDirection direction, ulong notAfter)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        blob.WriteTo(ref writer);
        writer.WriteUInt8((byte)direction);
        writer.WriteUInt64(notAfter);
        return buffer.WrittenSpan.ToArray();
    }
}
