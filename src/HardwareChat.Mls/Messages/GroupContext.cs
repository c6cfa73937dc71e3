using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §8.1
//
//   struct {
//       ProtocolVersion version = mls10;
//       CipherSuite cipher_suite;
//       opaque group_id<V>;
//       uint64 epoch;
//       opaque tree_hash<V>;
//       opaque confirmed_transcript_hash<V>;
//       Extension extensions<V>;
//   } GroupContext;

/// <summary>The public state of a group in one epoch, on which all its members agree. Immutable.</summary>
public sealed class GroupContext : ITlsSerializable
{
    private readonly byte[] _treeHash;
    private readonly byte[] _confirmedTranscriptHash;
    private byte[]? _encoded;

    internal GroupContext(
        CipherSuiteId cipherSuite, GroupId groupId, Epoch epoch, byte[] ownedTreeHash, byte[] ownedConfirmedTranscriptHash, ExtensionList extensions)
    {
        CipherSuite = cipherSuite;
        GroupId = groupId;
        Epoch = epoch;
        _treeHash = ownedTreeHash;
        _confirmedTranscriptHash = ownedConfirmedTranscriptHash;
        Extensions = extensions;
    }

    /// <summary>cipher_suite.</summary>
    public CipherSuiteId CipherSuite { get; }

    /// <summary>group_id.</summary>
    public GroupId GroupId { get; }

    /// <summary>epoch.</summary>
    public Epoch Epoch { get; }

    /// <summary>tree_hash.</summary>
    public ReadOnlySpan<byte> TreeHash => _treeHash;

    /// <summary>confirmed_transcript_hash.</summary>
    public ReadOnlySpan<byte> ConfirmedTranscriptHash => _confirmedTranscriptHash;

    /// <summary>extensions.</summary>
    public ExtensionList Extensions { get; }

    /// <summary>The context's encoding, which signatures, path encryption and the key schedule cover.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded ??= TlsWriter.Encode(this);

    internal GroupContext With(byte[] ownedConfirmedTranscriptHash)
        => new(CipherSuite, GroupId, Epoch, _treeHash, ownedConfirmedTranscriptHash, Extensions);

    // RFC 9420 §12.4.1: "a provisional GroupContext": new epoch, tree hash and extensions, old confirmed transcript hash.
    internal GroupContext ToProvisional(byte[] ownedTreeHash, ExtensionList extensions)
    {
        // Whoever makes a group up also makes up its epoch.
        if (Epoch.Value == ulong.MaxValue)
            throw new ValidationException(ValidationRule.EpochMatches, "no epoch follows the last one");
        return new GroupContext(CipherSuite, GroupId, Epoch.Next, ownedTreeHash, _confirmedTranscriptHash, extensions);
    }

    internal static GroupContext ReadFrom(ref TlsReader reader)
    {
        ProtocolVersion.ReadMls10(ref reader);
        return new GroupContext(
            CipherSuiteId.ReadFrom(ref reader),
            GroupId.ReadFrom(ref reader),
            new Epoch(reader.ReadUInt64()),
            reader.ReadOpaque(TlsVector.NoLimit).ToArray(),
            reader.ReadOpaque(TlsVector.NoLimit).ToArray(),
            ExtensionList.ReadFrom(ref reader));
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        ProtocolVersion.Mls10.WriteTo(ref writer);
        CipherSuite.WriteTo(ref writer);
        GroupId.WriteTo(ref writer);
        writer.WriteUInt64(Epoch.Value);
        writer.WriteOpaque(_treeHash);
        writer.WriteOpaque(_confirmedTranscriptHash);
        Extensions.WriteTo(ref writer);
    }
}
