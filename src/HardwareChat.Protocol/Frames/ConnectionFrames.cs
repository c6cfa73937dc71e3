using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { } Ping, Done;
// struct { uint64 time; } Pong;
// struct { ErrorCode code; uint32 retry_after; } Error;
// struct { opaque room_id[32]; opaque message<V>; } Ephemeral;
// struct { opaque room_id[32]; opaque token_id[32]; opaque message<V>; } EphemeralPush;
// struct { uint32 return_after; opaque address<V>; } Drain;
//
// An error code that a client does not know is read as `refused`.

/// <summary>Are you there?</summary>
public sealed record Ping : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Ping;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
    }
}

/// <summary>Yes.</summary>
/// <param name="Time">The relay's clock, Unix seconds: advice.</param>
public sealed record Pong(ulong Time) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Pong;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => writer.WriteUInt64(Time);
}

/// <summary>Done; nothing more to say.</summary>
public sealed record Done : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Done;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
    }
}

/// <summary>A request was not done.</summary>
/// <param name="Code">Why.</param>
/// <param name="RetryAfter">Seconds to wait; 0 where that would not help, or is not known.</param>
public sealed record ErrorFrame(ErrorCode Code, uint RetryAfter) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Error;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt8((byte)Code);
        writer.WriteUInt32(RetryAfter);
    }

    internal static ErrorFrame Read(ref TlsReader reader)
    {
        byte code = reader.ReadUInt8();
        return new ErrorFrame(code == 0 ? throw reader.Malformed("no error has the code 0") : (ErrorCode)code, reader.ReadUInt32());
    }
}

/// <summary>Something for whoever is in a room now: typing, presence. Encrypted by the sender; never stored, never acknowledged.</summary>
/// <param name="Room">The room.</param>
/// <param name="Message">Ciphertext.</param>
public sealed record Ephemeral(RoomId Room, ReadOnlyMemory<byte> Message) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Ephemeral;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Room.WriteTo(ref writer);
        writer.WriteOpaque(Message.Span);
    }
}

/// <summary>The same, on its way to the others.</summary>
/// <param name="Room">The room.</param>
/// <param name="Sender">Whose channel it came from: the relay's word, which the ciphertext must bear out.</param>
/// <param name="Message">Ciphertext.</param>
public sealed record EphemeralPush(RoomId Room, TokenId Sender, ReadOnlyMemory<byte> Message) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.EphemeralPush;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Room.WriteTo(ref writer);
        Sender.WriteTo(ref writer);
        writer.WriteOpaque(Message.Span);
    }

    internal static EphemeralPush Read(ref TlsReader reader)
        => new(RoomId.Read(ref reader), TokenId.Read(ref reader), reader.ReadOpaque(ProtocolLimits.EphemeralBytes).ToArray());
}

/// <summary>The relay goes away: finish what is under way, and come back.</summary>
/// <param name="ReturnAfter">Seconds after which to connect again, at the earliest.</param>
/// <param name="Address">Where: a wss:// address, or empty for the same. The pinned key is what makes it the same relay.</param>
public sealed record Drain(uint ReturnAfter, string Address) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Drain;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt32(ReturnAfter);
        writer.WriteOpaque(Encoding.ASCII.GetBytes(Address));
    }

    internal static Drain Read(ref TlsReader reader)
    {
        uint returnAfter = reader.ReadUInt32();
        ReadOnlySpan<byte> address = reader.ReadOpaque(ProtocolLimits.DrainAddressBytes);
        bool usable = address.IsEmpty || (address.StartsWith("wss://"u8) && !address.ContainsAnyExceptInRange((byte)'!', (byte)'~'));
        if (!usable)
            throw reader.Malformed("not a wss:// address in ASCII");
        return new Drain(returnAfter, Encoding.ASCII.GetString(address));
    }
}
