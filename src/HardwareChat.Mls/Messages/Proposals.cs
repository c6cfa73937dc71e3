using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.1.1
//
//   struct {
//       KeyPackage key_package;
//   } Add;

/// <summary>Add the client of a key package.</summary>
public sealed record AddProposal(KeyPackage KeyPackage) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.Add;

    internal static AddProposal ReadContentFrom(ref TlsReader reader) => new(KeyPackage.ReadFrom(ref reader));

    internal override void WriteContentTo(ref TlsWriter writer) => KeyPackage.WriteTo(ref writer);
}

// RFC 9420 §12.1.2
//
//   struct {
//       LeafNode leaf_node;
//   } Update;

/// <summary>Replace the sender's own leaf.</summary>
public sealed record UpdateProposal(LeafNode LeafNode) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.Update;

    internal static UpdateProposal ReadContentFrom(ref TlsReader reader) => new(LeafNode.ReadFrom(ref reader));

    internal override void WriteContentTo(ref TlsWriter writer) => LeafNode.WriteTo(ref writer);
}

// RFC 9420 §12.1.3
//
//   struct {
//       uint32 removed;
//   } Remove;

/// <summary>Remove the member at a leaf.</summary>
public sealed record RemoveProposal(LeafIndex Removed) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.Remove;

    internal static RemoveProposal ReadContentFrom(ref TlsReader reader) => new(new LeafIndex(reader.ReadUInt32()));

    internal override void WriteContentTo(ref TlsWriter writer) => writer.WriteUInt32(Removed.Value);
}

// RFC 9420 §12.1.4
//
//   struct {
//       PreSharedKeyID psk;
//   } PreSharedKey;

/// <summary>Mix a pre-shared key into the key schedule.</summary>
public sealed record PreSharedKeyProposal(PreSharedKeyId Psk) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.PreSharedKey;

    internal static PreSharedKeyProposal ReadContentFrom(ref TlsReader reader) => new(PreSharedKeyId.ReadFrom(ref reader));

    internal override void WriteContentTo(ref TlsWriter writer) => Psk.WriteTo(ref writer);
}

// RFC 9420 §12.1.5
//
//   struct {
//       opaque group_id<V>;
//       ProtocolVersion version;
//       CipherSuite cipher_suite;
//       Extension extensions<V>;
//   } ReInit;

/// <summary>Close the group; another with these parameters takes its place.</summary>
public sealed record ReInitProposal(GroupId GroupId, ProtocolVersion Version, CipherSuiteId CipherSuite, ExtensionList Extensions) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.ReInit;

    internal static ReInitProposal ReadContentFrom(ref TlsReader reader)
        => new(GroupId.ReadFrom(ref reader), ProtocolVersion.ReadFrom(ref reader), CipherSuiteId.ReadFrom(ref reader), ExtensionList.ReadFrom(ref reader));

    internal override void WriteContentTo(ref TlsWriter writer)
    {
        GroupId.WriteTo(ref writer);
        Version.WriteTo(ref writer);
        CipherSuite.WriteTo(ref writer);
        Extensions.WriteTo(ref writer);
    }
}

// RFC 9420 §12.1.6
//
//   struct {
//     opaque kem_output<V>;
//   } ExternalInit;

/// <summary>The init secret of an external join, encapsulated to the group.</summary>
public sealed record ExternalInitProposal : Proposal
{
    private readonly byte[] _kemOutput;

    internal ExternalInitProposal(byte[] ownedKemOutput) => _kemOutput = ownedKemOutput;

    /// <summary>kem_output.</summary>
    public ReadOnlySpan<byte> KemOutput => _kemOutput;

    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.ExternalInit;

    internal static ExternalInitProposal ReadContentFrom(ref TlsReader reader) => new(reader.ReadOpaque(TlsVector.NoLimit).ToArray());

    internal override void WriteContentTo(ref TlsWriter writer) => writer.WriteOpaque(_kemOutput);
}

// RFC 9420 §12.1.7
//
//   struct {
//     Extension extensions<V>;
//   } GroupContextExtensions;

/// <summary>Replace all extensions of the group's context.</summary>
public sealed record GroupContextExtensionsProposal(ExtensionList Extensions) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.GroupContextExtensions;

    internal static GroupContextExtensionsProposal ReadContentFrom(ref TlsReader reader) => new(ExtensionList.ReadFrom(ref reader));

    internal override void WriteContentTo(ref TlsWriter writer) => Extensions.WriteTo(ref writer);
}

/// <summary>A proposal of a type that this library does not know: one opaque field. The group carries it; its effect is the application's.</summary>
public sealed record OpaqueProposal : Proposal
{
    private readonly byte[] _content;

    /// <summary>A proposal with a copy of <paramref name="content"/>.</summary>
    /// <exception cref="ArgumentException">The type has a class of its own.</exception>
    public OpaqueProposal(ProposalType type, ReadOnlySpan<byte> content)
        : this(type, content.ToArray())
    {
        if (type.IsDefault)
            throw new ArgumentException("the type has a class of its own", nameof(type));
    }

    internal OpaqueProposal(ProposalType type, byte[] ownedContent)
    {
        Type = type;
        _content = ownedContent;
    }

    /// <inheritdoc/>
    public override ProposalType Type { get; }

    /// <summary>The field's bytes.</summary>
    public ReadOnlySpan<byte> Content => _content;

    internal override void WriteContentTo(ref TlsWriter writer) => writer.WriteOpaque(_content);
}
