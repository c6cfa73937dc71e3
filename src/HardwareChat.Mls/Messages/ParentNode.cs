using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §7.1
//
//   struct {
//       HPKEPublicKey encryption_key;
//       opaque parent_hash<V>;
//       uint32 unmerged_leaves<V>;
//   } ParentNode;

/// <summary>A parent of the ratchet tree: the key of the members below it, save for the unmerged ones.</summary>
internal sealed class ParentNode : ITlsSerializable
{
    private readonly byte[] _parentHash;
    private readonly LeafIndex[] _unmergedLeaves;

    /// <summary>Takes over both arrays, which nobody changes afterwards.</summary>
    internal ParentNode(HpkePublicKey encryptionKey, byte[] parentHash, LeafIndex[] unmergedLeaves)
    {
        EncryptionKey = encryptionKey;
        _parentHash = parentHash;
        _unmergedLeaves = unmergedLeaves;
    }

    /// <summary>encryption_key.</summary>
    public HpkePublicKey EncryptionKey { get; }

    /// <summary>parent_hash, empty at the root.</summary>
    public ReadOnlySpan<byte> ParentHash => _parentHash;

    /// <summary>unmerged_leaves, in increasing order.</summary>
    public ReadOnlySpan<LeafIndex> UnmergedLeaves => _unmergedLeaves;

    internal static ParentNode ReadFrom(ref TlsReader reader)
    {
        HpkePublicKey encryptionKey = HpkePublicKey.ReadFrom(ref reader);
        byte[] parentHash = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        LeafIndex[] unmerged = TlsVector.Read(ref reader, static (ref reader) => new LeafIndex(reader.ReadUInt32()));
        for (int i = 1; i < unmerged.Length; i++)
        {
            // RFC 9420 §7.1: "The entries in the unmerged_leaves vector MUST be sorted in increasing order."
            if (unmerged[i - 1].Value >= unmerged[i].Value)
                throw new ValidationException(ValidationRule.UnmergedLeavesSorted, "unmerged leaves are not in increasing order");
        }

        return new ParentNode(encryptionKey, parentHash, unmerged);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        EncryptionKey.WriteTo(ref writer);
        writer.WriteOpaque(_parentHash);
        writer.WriteLength(checked(_unmergedLeaves.Length * sizeof(uint)));
        foreach (LeafIndex leaf in _unmergedLeaves)
            writer.WriteUInt32(leaf.Value);
    }
}
