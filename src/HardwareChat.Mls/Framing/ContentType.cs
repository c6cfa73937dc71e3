using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §6
//
//   enum {
//       reserved(0),
//       application(1),
//       proposal(2),
//       commit(3),
//       (255)
//   } ContentType;

/// <summary>The kind of a framed content.</summary>
public enum ContentType
{
    /// <summary>No kind: never in a message.</summary>
    None = 0,

    /// <summary>The application's own bytes.</summary>
    Application = 1,

    /// <summary>A proposal.</summary>
    Proposal = 2,

    /// <summary>A commit.</summary>
    Commit = 3,
}

internal static class ContentTypes
{
    public static ContentType ReadFrom(ref TlsReader reader)
    {
        var type = (ContentType)reader.ReadUInt8();
        return type is ContentType.Application or ContentType.Proposal or ContentType.Commit
            ? type
            : throw reader.Malformed("no such content type");
    }

    // RFC 9420 §9: proposals and commits take their keys from the handshake ratchet.
    public static RatchetType Ratchet(this ContentType type)
        => type == ContentType.Application ? RatchetType.Application : RatchetType.Handshake;
}
