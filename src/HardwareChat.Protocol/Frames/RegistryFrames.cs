using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { uint64 from; } GetLeaves;
// struct { opaque leaf<V>; opaque receipt[32]; } ReceiptedLeaf;
// struct { uint64 from; ReceiptedLeaf leaves<V>; opaque checkpoint<V>; } Leaves;
// struct { opaque evidence<V>; } EvidenceBlob;
// struct { SignedStatement statement; EvidenceBlob evidence<V>; } SubmitStatement;
// struct { uint64 index; uint64 appended_at; opaque checkpoint<V>; } Submitted;
// struct { opaque hash[32]; } GetEvidence;
// struct { opaque evidence<V>; } Evidence;
// struct { opaque checkpoint<V>; } RegistryNews;
//
// A client asks from its own size on until the leaves reach the checkpoint. The leaf's bytes are what the Merkle tree hashes,
// so they travel as they are. Members get RegistryNews whenever the registry has grown.

/// <summary>Asks for the registry from an index on.</summary>
/// <param name="From">The first index wanted.</param>
public sealed record GetLeaves(ulong From) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.GetLeaves;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => writer.WriteUInt64(From);
}

/// <summary>A leaf's bytes with the relay's receipt.</summary>
/// <param name="Leaf">The encoded RegistryLeaf; not decoded here, as its hash is over these bytes.</param>
/// <param name="Receipt">The relay's receipt at its index.</param>
public sealed record ReceiptedLeaf(ReadOnlyMemory<byte> Leaf, Digest Receipt) : ITlsSerializable
{
    internal const int MaxLeaf = ProtocolLimits.StatementBytes + (ProtocolLimits.StatementSignatures * (Digest.Size + 2 + ProtocolLimits.SignatureBytes)) + 16;

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOpaque(Leaf.Span);
        Receipt.WriteTo(ref writer);
    }

    internal static ReceiptedLeaf Read(ref TlsReader reader) => new(reader.ReadOpaque(MaxLeaf).ToArray(), Digest.Read(ref reader));
}

/// <summary>Leaves in order, as many as fit a page, and the head over all.</summary>
/// <param name="From">The index of the first.</param>
/// <param name="Items">The leaves.</param>
/// <param name="Checkpoint">The newest signed checkpoint, which may be beyond the last of them.</param>
public sealed record Leaves(ulong From, IReadOnlyList<ReceiptedLeaf> Items, ReadOnlyMemory<byte> Checkpoint) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Leaves;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(From);
        writer.WriteVector<ReceiptedLeaf>([.. Items]);
        writer.WriteOpaque(Checkpoint.Span);
    }

    internal static Leaves Read(ref TlsReader reader)
    {
        ulong from = reader.ReadUInt64();
        List<ReceiptedLeaf> items = reader.ReadList(ProtocolLimits.LeavesPerPageBytes / Digest.Size, ProtocolLimits.LeavesPerPageBytes, ReceiptedLeaf.Read);
        return new Leaves(from, items, reader.ReadOpaque(ProtocolLimits.CheckpointBytes).ToArray());
    }
}

/// <summary>Appends a statement to the registry.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="Evidence">The blobs whose hashes it names, a genesis one for each token; none where it names none, or the relay has them.</param>
public sealed record SubmitStatement(SignedStatement Statement, IReadOnlyList<ReadOnlyMemory<byte>> Evidence) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.SubmitStatement;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Statement.WriteTo(ref writer);
        writer.WriteBlobs(Evidence);
    }

    internal static SubmitStatement Read(ref TlsReader reader)
        => new(SignedStatement.Read(ref reader), reader.ReadBlobs(ProtocolLimits.EvidencePerStatement, ProtocolLimits.EvidencePerStatementBytes));
}

/// <summary>The statement stands.</summary>
/// <param name="Index">Its index.</param>
/// <param name="AppendedAt">The relay's time.</param>
/// <param name="Checkpoint">The signed checkpoint over it.</param>
public sealed record Submitted(ulong Index, ulong AppendedAt, ReadOnlyMemory<byte> Checkpoint) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Submitted;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(Index);
        writer.WriteUInt64(AppendedAt);
        writer.WriteOpaque(Checkpoint.Span);
    }

    internal static Submitted Read(ref TlsReader reader)
        => new(reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadOpaque(ProtocolLimits.CheckpointBytes).ToArray());
}

/// <summary>Asks for evidence.</summary>
/// <param name="Hash">Its SHA-256, as a statement names it.</param>
public sealed record GetEvidence(Digest Hash) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.GetEvidence;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => Hash.WriteTo(ref writer);
}

/// <summary>Evidence; the reader hashes it.</summary>
/// <param name="Evidence">The attestation chain.</param>
public sealed record EvidenceFrame(ReadOnlyMemory<byte> Evidence) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.Evidence;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => writer.WriteOpaque(Evidence.Span);
}

/// <summary>The registry has grown.</summary>
/// <param name="Checkpoint">The new signed checkpoint.</param>
public sealed record RegistryNews(ReadOnlyMemory<byte> Checkpoint) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.RegistryNews;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => writer.WriteOpaque(Checkpoint.Span);
}
