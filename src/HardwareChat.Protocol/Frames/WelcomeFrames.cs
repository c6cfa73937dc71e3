using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { } FetchWelcomes;
// struct { opaque room_id[32]; uint64 sequence; } DropWelcome;
// struct { opaque room_id[32]; uint64 sequence; opaque welcome<V>; } Welcome;
//
// A Welcome travels in the Append of the commit that it belongs to, and is kept for every user whom that Append's roster
// changes add, until the user drops it or it is older than a key package may be.

/// <summary>Asks for the Welcomes that wait: each is pushed, and then the answer comes.</summary>
public sealed record FetchWelcomes : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.FetchWelcomes;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
    }
}

/// <summary>A Welcome has been used or turned down.</summary>
/// <param name="Room">The room.</param>
/// <param name="Sequence">The commit that it belongs to.</param>
public sealed record DropWelcome(RoomId Room, ulong Sequence) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.DropWelcome;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Room.WriteTo(ref writer);
        writer.WriteUInt64(Sequence);
    }
}

/// <summary>An invitation into a room.</summary>
/// <param name="Room">The room.</param>
/// <param name="Sequence">The commit that it belongs to.</param>
/// <param name="Welcome">The MLSMessage.</param>
public sealed record WelcomePush(RoomId Room, ulong Sequence, ReadOnlyMemory<byte> Welcome) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Welcome;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Room.WriteTo(ref writer);
        writer.WriteUInt64(Sequence);
        writer.WriteOpaque(Welcome.Span);
    }

    internal static WelcomePush Read(ref TlsReader reader)
        => new(RoomId.Read(ref reader), reader.ReadUInt64(), reader.ReadOpaque(ProtocolLimits.WelcomeBytes).ToArray());
}
