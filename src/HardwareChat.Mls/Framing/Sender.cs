using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §6
//
//   enum { reserved(0), member(1), external(2), new_member_proposal(3), new_member_commit(4), (255) } SenderType;
//
//   struct {
//       SenderType sender_type;
//       select (Sender.sender_type) {
//           case member:
//               uint32 leaf_index;
//           case external:
//               uint32 sender_index;
//           case new_member_commit:
//           case new_member_proposal:
//               struct{};
//       };
//   } Sender;

/// <summary>In what relation to the group a sender stands.</summary>
public enum SenderType
{
    /// <summary>No relation: never in a message.</summary>
    None = 0,

    /// <summary>A member.</summary>
    Member = 1,

    /// <summary>One of the context's external_senders.</summary>
    External = 2,

    /// <summary>Somebody who proposes to be added.</summary>
    NewMemberProposal = 3,

    /// <summary>Somebody who joins by external commit.</summary>
    NewMemberCommit = 4,
}

/// <summary>The sender of a framed content.</summary>
/// <param name="Type">The relation to the group.</param>
/// <param name="Index">leaf_index of a member, sender_index of an external sender; else 0.</param>
public readonly record struct Sender(SenderType Type, uint Index) : ITlsSerializable
{
    /// <summary>A joiner by external commit.</summary>
    public static readonly Sender NewMemberCommit = new(SenderType.NewMemberCommit, 0);

    /// <summary>A client that proposes to be added.</summary>
    public static readonly Sender NewMemberProposal = new(SenderType.NewMemberProposal, 0);

    /// <summary>Whether it is a member.</summary>
    public bool IsMember => Type == SenderType.Member;

    /// <summary>The member's leaf.</summary>
    /// <exception cref="InvalidOperationException">The sender is no member.</exception>
    public LeafIndex Leaf => IsMember ? new LeafIndex(Index) : throw new InvalidOperationException("the sender is no member");

    /// <summary>The member at a leaf.</summary>
    public static Sender Member(LeafIndex leaf) => new(SenderType.Member, leaf.Value);

    internal static Sender ReadFrom(ref TlsReader reader)
    {
        var type = (SenderType)reader.ReadUInt8();
        return type switch
        {
            SenderType.Member or SenderType.External => new Sender(type, reader.ReadUInt32()),
            SenderType.NewMemberProposal or SenderType.NewMemberCommit => new Sender(type, 0),
            _ => throw reader.Malformed("no such sender type"),
        };
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt8((byte)Type);
        if (Type is SenderType.Member or SenderType.External)
            writer.WriteUInt32(Index);
    }
}
