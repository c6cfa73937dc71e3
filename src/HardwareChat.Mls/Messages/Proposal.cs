using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.1
//
//   struct {
//       ProposalType proposal_type;
//       select (Proposal.proposal_type) {
//           case add:                      Add;
//           case update:                   Update;
//           case remove:                   Remove;
//           case psk:                      PreSharedKey;
//           case reinit:                   ReInit;
//           case external_init:            ExternalInit;
//           case group_context_extensions: GroupContextExtensions;
//       };
//   } Proposal;
//
// The RFC gives types that it does not know no common shape. As other implementations do, any other type is read as one opaque<V>.

/// <summary>One change to the group, proposed.</summary>
public abstract record Proposal : ITlsSerializable
{
    private protected Proposal()
    {
    }

    /// <summary>The kind.</summary>
    public abstract ProposalType Type { get; }

    /// <summary>Reads one proposal, which ends where the bytes do.</summary>
    /// <exception cref="DecodeException">The bytes are malformed.</exception>
    public static Proposal Decode(ReadOnlySpan<byte> bytes) => TlsVector.Decode(bytes, ReadFrom);

    internal static Proposal ReadFrom(ref TlsReader reader)
    {
        ProposalType type = ProposalType.ReadFrom(ref reader);
        return type.Value switch
        {
            0x0001 => AddProposal.ReadContentFrom(ref reader),
            0x0002 => UpdateProposal.ReadContentFrom(ref reader),
            0x0003 => RemoveProposal.ReadContentFrom(ref reader),
            0x0004 => PreSharedKeyProposal.ReadContentFrom(ref reader),
            0x0005 => ReInitProposal.ReadContentFrom(ref reader),
            0x0006 => ExternalInitProposal.ReadContentFrom(ref reader),
            0x0007 => GroupContextExtensionsProposal.ReadContentFrom(ref reader),
            _ => new OpaqueProposal(type, reader.ReadOpaque(TlsVector.NoLimit).ToArray()),
        };
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Type.WriteTo(ref writer);
        WriteContentTo(ref writer);
    }

    internal abstract void WriteContentTo(ref TlsWriter writer);
}
