using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct {
//   uint16 version = 1;
//   opaque registry_id[32];                    zeros in genesis
//   uint64 base_size; opaque base_root[32];    a head that the signer has verified; 0 and MTH({}) in genesis
//   uint64 signed_at;                          advice only
//   StatementKind kind;
//   opaque body<V>;                            by kind
// } Statement;                                 signed with label "statement"
//
// struct { opaque signer[32]; opaque signature<V>; } StatementSignature;   signer: TokenId for 9A, H("key", SPKI) for 9C,
//                                                                          H("key", key) for an invite or recovery key
// struct { opaque statement<V>; StatementSignature signatures<V>; } SignedStatement;
// struct { SignedStatement statement; uint64 appended_at; } RegistryLeaf;
//
// The statement and its body are delimited so that a reader finds its way past a version or kind that it does not know, and
// can say so: it stops there.

/// <summary>One statement of a registry.</summary>
public sealed class Statement : ITlsSerializable
{
    /// <summary>The version that this code reads and writes.</summary>
    public const ushort CurrentVersion = 1;

    private byte[]? _encoded;
    private StatementId? _id;

    /// <summary>The version; when it is unknown, only it and the bytes mean anything.</summary>
    public ushort Version { get; init; } = CurrentVersion;

    /// <summary>The registry; zeros in genesis.</summary>
    public required RegistryId RegistryId { get; init; }

    /// <summary>Leaves at a head that the signer has verified.</summary>
    public required ulong BaseSize { get; init; }

    /// <summary>The root at that head.</summary>
    public required Digest BaseRoot { get; init; }

    /// <summary>The signer's clock, Unix seconds: advice only.</summary>
    public required ulong SignedAt { get; init; }

    /// <summary>What it says.</summary>
    public required StatementBody Body { get; init; }

    /// <summary>H("statement", Statement): the name of the statement, by what was signed.</summary>
    public StatementId Id => _id ??= StatementId.OfStatement(Encoded);

    /// <summary>The bytes that are signed, with label "statement".</summary>
    public ReadOnlySpan<byte> Encoded => _encoded ??= TlsWriter.Encode(this);

    /// <summary>What a signer signs: the labelled bytes.</summary>
    public byte[] SigningInput() => Labelled.Bytes(Labels.Statement, Encoded);

    /// <summary>The statement that these bytes are, all of them. An unknown version or kind is no error here.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static Statement Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        ushort version = reader.ReadUInt16();
        if (version != CurrentVersion)
        {
            return new Statement
            {
                Version = version,
                RegistryId = default,
                BaseSize = 0,
                BaseRoot = default,
                SignedAt = 0,
                Body = new UnknownBody(default, reader.Rest.ToArray()),
                _encoded = bytes.ToArray(),
            };
        }
        RegistryId registry = RegistryId.Read(ref reader);
        ulong baseSize = reader.ReadUInt64();
        Digest baseRoot = Digest.Read(ref reader);
        ulong signedAt = reader.ReadUInt64();
        var kind = (StatementKind)reader.ReadUInt8();
        TlsReader body = reader.ReadVector(ProtocolLimits.StatementBytes);
        reader.ThrowIfNotEmpty();
        return new Statement
        {
            RegistryId = registry,
            BaseSize = baseSize,
            BaseRoot = baseRoot,
            SignedAt = signedAt,
            Body = StatementBody.Read(kind, ref body),
            _encoded = bytes.ToArray(),
        };
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        if (_encoded is not null)
        {
            writer.WriteFixed(_encoded);
            return;
        }
        writer.WriteUInt16(Version);
        RegistryId.WriteTo(ref writer);
        writer.WriteUInt64(BaseSize);
        BaseRoot.WriteTo(ref writer);
        writer.WriteUInt64(SignedAt);
        writer.WriteUInt8((byte)Body.Kind);
        writer.WriteVector(Body, static (ref writer, body) => body.WriteTo(ref writer));
    }
}

/// <summary>One signature under a statement.</summary>
/// <param name="Signer">TokenId for a 9A key; H("key", ...) for a 9C, invite or recovery key: it names the key exactly.</param>
/// <param name="Signature">By that key, label "statement".</param>
public sealed record StatementSignature(Digest Signer, byte[] Signature) : ITlsSerializable
{
    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Signer.WriteTo(ref writer);
        writer.WriteOpaque(Signature);
    }
}

/// <summary>A statement with its signatures.</summary>
/// <param name="Statement">What was signed.</param>
/// <param name="Signatures">By whom.</param>
public sealed record SignedStatement(Statement Statement, IReadOnlyList<StatementSignature> Signatures) : ITlsSerializable
{
    /// <summary>The signed statement that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static SignedStatement Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        SignedStatement signed = Read(ref reader);
        reader.ThrowIfNotEmpty();
        return signed;
    }

    /// <summary>Reads one signed statement.</summary>
    public static SignedStatement Read(ref TlsReader reader)
    {
        Statement statement = Statement.Decode(reader.ReadOpaque(ProtocolLimits.StatementBytes));
        TlsReader list = reader.ReadVector(ProtocolLimits.StatementSignatures * (Digest.Size + 2 + ProtocolLimits.SignatureBytes));
        var signatures = new List<StatementSignature>();
        while (!list.IsEmpty)
        {
            signatures.Add(new StatementSignature(Digest.Read(ref list), list.ReadOpaque(ProtocolLimits.SignatureBytes).ToArray()));
            if (signatures.Count > ProtocolLimits.StatementSignatures)
                throw list.Malformed("too many signatures");
        }
        return new SignedStatement(statement, signatures);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOpaque(Statement.Encoded);
        writer.WriteVector<StatementSignature>([.. Signatures]);
    }

    /// <summary>Reads any bytes as a signed statement, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        SignedStatement signed = Decode(input);
        if (!TlsWriter.Encode(signed).AsSpan().SequenceEqual(input))
            throw new CryptographicException("A signed statement has two encodings.");
    }
}

/// <summary>One leaf of the registry.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="AppendedAt">The relay's clock, Unix seconds, never less than the leaf before.</param>
public sealed record RegistryLeaf(SignedStatement Statement, ulong AppendedAt) : ITlsSerializable
{
    /// <summary>The leaf's hash in the Merkle tree.</summary>
    public Digest Hash => MerkleTree.LeafHash(TlsWriter.Encode(this));

    /// <summary>The leaf that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static RegistryLeaf Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        SignedStatement statement = SignedStatement.Read(ref reader);
        ulong appendedAt = reader.ReadUInt64();
        reader.ThrowIfNotEmpty();
        return new RegistryLeaf(statement, appendedAt);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Statement.WriteTo(ref writer);
        writer.WriteUInt64(AppendedAt);
    }

    /// <summary>Reads any bytes as a leaf, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        RegistryLeaf leaf = Decode(input);
        if (!TlsWriter.Encode(leaf).AsSpan().SequenceEqual(input) || leaf.Hash != MerkleTree.LeafHash(input))
            throw new CryptographicException("A registry leaf has two encodings.");
    }
}
