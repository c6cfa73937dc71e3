namespace HardwareChat.Protocol;

// One record = one Noise transport message = one binary WebSocket message, at most 65,535 bytes. Its plaintext:
//
//   enum { frames(0), part(1), last_part(2), close(3) } RecordKind;
//   struct {
//     RecordKind kind;
//     select (kind) {
//       case frames:    opaque frame<V>, one or more, to the end;
//       case part:      65,518 bytes of a frame, always full;
//       case last_part: the rest of it, 1 to 65,518 bytes;
//       case close:     CloseReason reason;
//     };
//   } Record;
//
// Parts of one frame follow each other; only a close may come between them, and then the frame is lost. Each direction calls
// Rekey() after every 4,096th record, Ready included.

/// <summary>What a record carries.</summary>
public enum RecordKind : byte
{
    /// <summary>Any number of whole frames.</summary>
    Frames = 0,

    /// <summary>A full piece of a frame, with more to come.</summary>
    Part = 1,

    /// <summary>The last piece of a frame.</summary>
    LastPart = 2,

    /// <summary>The end of this direction.</summary>
    Close = 3,
}

/// <summary>Why a peer ended the channel. A reason that this version does not know means only that it ended.</summary>
public enum CloseReason : byte
{
    /// <summary>Nothing more to say.</summary>
    Done = 1,

    /// <summary>The grant is over, or the channel is a day old: connect again.</summary>
    TimeIsOver = 2,

    /// <summary>The token was revoked or signed out.</summary>
    TokenIsOut = 3,

    /// <summary>The relay goes away for a while; the drain frame said when and where to come back.</summary>
    Drain = 4,

    /// <summary>The peer broke the protocol, or a limit.</summary>
    Misbehaviour = 5,
}

/// <summary>Sizes of records.</summary>
public static class Record
{
    /// <summary>Bytes that a record adds to its body: kind and tag.</summary>
    public const int Overhead = 1 + CipherState.TagSize;

    /// <summary>The most bytes of a record's body.</summary>
    public const int MaxBody = ProtocolLimits.RecordBytes - Overhead;

    /// <summary>The longest frame that travels whole; a longer one travels as parts.</summary>
    public const int MaxWholeFrame = MaxBody - 4;
}

/// <summary>WebSocket close codes (RFC 6455 §7.4): all that a peer without record keys is ever told.</summary>
public static class CloseStatus
{
    /// <summary>After a close record: normal closure.</summary>
    public const int Normal = 1000;

    /// <summary>Every refusal, before and after the handshake: policy violation, with an empty reason.</summary>
    public const int Refused = 1008;
}
