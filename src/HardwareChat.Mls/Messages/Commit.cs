using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.4
//
//   enum { reserved(0), proposal(1), reference(2), (255) } ProposalOrRefType;
//
//   struct {
//     ProposalOrRefType type;
//     select (ProposalOrRef.type) {
//       case proposal:  Proposal proposal;
//       case reference: ProposalRef reference;
//     };
//   } ProposalOrRef;
//
//   struct {
//       ProposalOrRef proposals<V>;
//       optional<UpdatePath> path;
//   } Commit;

/// <summary>A proposal of a commit: itself, or its reference. One of both is set.</summary>
internal sealed class ProposalOrRef : ITlsSerializable
{
    private const byte ByValue = 1;
    private const byte ByReference = 2;

    public ProposalOrRef(Proposal proposal) => Proposal = proposal;

    public ProposalOrRef(ProposalRef reference) => Reference = reference;

    public Proposal? Proposal { get; }

    public ProposalRef? Reference { get; }

    public static ProposalOrRef ReadFrom(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        ByValue => new ProposalOrRef(Mls.Proposal.ReadFrom(ref reader)),
        ByReference => new ProposalOrRef(ProposalRef.ReadFrom(ref reader)),
        _ => throw reader.Malformed("neither a proposal nor a reference to one"),
    };

    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt8(Proposal is null ? ByReference : ByValue);
        Proposal?.WriteTo(ref writer);
        Reference?.WriteTo(ref writer);
    }
}

/// <summary>The proposals that begin the next epoch, and fresh keys of the committer.</summary>
internal sealed class Commit(ProposalOrRef[] proposals, UpdatePath? path) : ITlsSerializable
{
    public IReadOnlyList<ProposalOrRef> Proposals { get; } = proposals;

    public UpdatePath? Path { get; } = path;

    public static Commit Decode(ReadOnlySpan<byte> bytes) => TlsVector.Decode(bytes, ReadFrom);

    public static Commit ReadFrom(ref TlsReader reader) => new(
        TlsVector.Read(ref reader, ProposalOrRef.ReadFrom),
        reader.ReadOptional() ? UpdatePath.ReadFrom(ref reader) : null);

    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteVector<ProposalOrRef>([.. Proposals]);
        writer.WriteOptional(Path is not null);
        Path?.WriteTo(ref writer);
    }
}
