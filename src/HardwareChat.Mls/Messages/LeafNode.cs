using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §7.2
//
//   struct {
//       HPKEPublicKey encryption_key;
//       SignaturePublicKey signature_key;
//       Credential credential;
//       Capabilities capabilities;
//
//       LeafNodeSource leaf_node_source;
//       select (LeafNode.leaf_node_source) {
//           case key_package:
//               Lifetime lifetime;
//           case update:
//               struct{};
//           case commit:
//               opaque parent_hash<V>;
//       };
//
//       Extension extensions<V>;
//       /* SignWithLabel(., "LeafNodeTBS", LeafNodeTBS) */
//       opaque signature<V>;
//   } LeafNode;
//
//   struct {
//       ... the fields above the signature ...
//       select (LeafNodeTBS.leaf_node_source) {
//           case key_package:
//               struct{};
//           case update:
//           case commit:
//               opaque group_id<V>;
//               uint32 leaf_index;
//       };
//   } LeafNodeTBS;
//
// A leaf is kept beside its encoding: signatures and tree hashes cover it, and every message that carries a tree repeats it.

/// <summary>A member in the tree: its keys, its credential, what it supports. Immutable.</summary>
public sealed class LeafNode : ITlsSerializable, IEquatable<LeafNode>
{
    private readonly byte[] _encoded;
    private readonly int _signedLength;
    private readonly byte[] _parentHash;
    private readonly byte[] _signature;

    private LeafNode(ref TlsReader reader)
    {
        int start = reader.Position;
        EncryptionKey = HpkePublicKey.ReadFrom(ref reader);
        SignatureKey = SignaturePublicKey.ReadFrom(ref reader);
        Credential = Credential.ReadFrom(ref reader);
        Capabilities = Capabilities.ReadFrom(ref reader);
        Source = (LeafNodeSource)reader.ReadUInt8();
        _parentHash = [];
        switch (Source)
        {
            case LeafNodeSource.KeyPackage:
                Lifetime = Mls.Lifetime.ReadFrom(ref reader);
                break;
            case LeafNodeSource.Update:
                break;
            case LeafNodeSource.Commit:
                _parentHash = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
                break;
            default:
                throw reader.Malformed("no such leaf node source");
        }

        Extensions = ExtensionList.ReadFrom(ref reader);
        _signedLength = reader.Position - start;
        _signature = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        _encoded = reader.Since(start).ToArray();
    }

    /// <summary>encryption_key.</summary>
    public HpkePublicKey EncryptionKey { get; }

    /// <summary>signature_key.</summary>
    public SignaturePublicKey SignatureKey { get; }

    /// <summary>credential.</summary>
    public Credential Credential { get; }

    /// <summary>capabilities.</summary>
    public Capabilities Capabilities { get; }

    /// <summary>leaf_node_source.</summary>
    public LeafNodeSource Source { get; }

    /// <summary>lifetime, of a leaf from a key package.</summary>
    public Lifetime? Lifetime { get; }

    /// <summary>parent_hash, of a leaf from a commit; else empty.</summary>
    public ReadOnlySpan<byte> ParentHash => _parentHash;

    /// <summary>extensions.</summary>
    public ExtensionList Extensions { get; }

    /// <summary>signature.</summary>
    public ReadOnlySpan<byte> Signature => _signature;

    /// <summary>The leaf's encoding.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>A leaf for a key package.</summary>
    internal static LeafNode SignForKeyPackage(CipherSuite suite, IMlsSigner signer, HpkePublicKey encryptionKey, LeafContent content, Lifetime lifetime)
        => Sign(suite, signer, encryptionKey, content, LeafNodeSource.KeyPackage, lifetime, [], null, default);

    /// <summary>A leaf for an Update of the member at <paramref name="index"/>.</summary>
    internal static LeafNode SignForUpdate(
        CipherSuite suite, IMlsSigner signer, HpkePublicKey encryptionKey, LeafContent content, GroupId groupId, LeafIndex index)
        => Sign(suite, signer, encryptionKey, content, LeafNodeSource.Update, default, [], groupId, index);

    /// <summary>A leaf for the path of a commit by the member at <paramref name="index"/>.</summary>
    internal static LeafNode SignForCommit(
        CipherSuite suite, IMlsSigner signer, HpkePublicKey encryptionKey, LeafContent content, ReadOnlySpan<byte> parentHash, GroupId groupId, LeafIndex index)
        => Sign(suite, signer, encryptionKey, content, LeafNodeSource.Commit, default, parentHash, groupId, index);

    /// <summary>Whether the signature is right for the leaf at <paramref name="index"/> of the group; both are ignored for a leaf from a key package.</summary>
    public bool VerifySignature(CipherSuite suite, GroupId groupId, LeafIndex index)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(groupId);
        return VerifySignature(suite, groupId, index, _encoded.AsSpan(0, _signedLength));
    }

    /// <summary>Reads one leaf, which ends where the bytes do.</summary>
    /// <exception cref="DecodeException">The bytes are malformed.</exception>
    public static LeafNode Decode(ReadOnlySpan<byte> bytes) => TlsVector.Decode(bytes, ReadFrom);

    internal static LeafNode ReadFrom(ref TlsReader reader) => new(ref reader);

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteFixed(_encoded);

    /// <summary>Whether both have the same encoding.</summary>
    public bool Equals(LeafNode? other) => other is not null && (ReferenceEquals(this, other) || _encoded.AsSpan().SequenceEqual(other._encoded));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LeafNode);

    /// <inheritdoc/>
    public override int GetHashCode() => EncryptionKey.GetHashCode();

    internal static void Fuzz(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Decode(bytes);
        }
        catch (Exception exception) when (exception is DecodeException or ValidationException)
        {
            // The two ways in which untrusted bytes may end.
        }
    }

    private bool VerifySignature(CipherSuite suite, GroupId groupId, LeafIndex index, ReadOnlySpan<byte> signed)
    {
        if (Source == LeafNodeSource.KeyPackage)
            return suite.VerifyWithLabel(SignatureKey, "LeafNodeTBS"u8, signed, _signature);
        using var tbs = new TlsBuffer(signed.Length + 64);
        var writer = new TlsWriter(tbs);
        writer.WriteFixed(signed);
        WriteContext(ref writer, groupId, index);
        return suite.VerifyWithLabel(SignatureKey, "LeafNodeTBS"u8, tbs.WrittenSpan, _signature);
    }

    private static LeafNode Sign(
        CipherSuite suite,
        IMlsSigner signer,
        HpkePublicKey encryptionKey,
        LeafContent content,
        LeafNodeSource source,
        Lifetime lifetime,
        ReadOnlySpan<byte> parentHash,
        GroupId? groupId,
        LeafIndex index)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        encryptionKey.WriteTo(ref writer);
        signer.PublicKey.WriteTo(ref writer);
        content.Credential.WriteTo(ref writer);
        content.Capabilities.WriteTo(ref writer);
        writer.WriteUInt8((byte)source);
        if (source == LeafNodeSource.KeyPackage)
            lifetime.WriteTo(ref writer);
        if (source == LeafNodeSource.Commit)
            writer.WriteOpaque(parentHash);
        content.Extensions.WriteTo(ref writer);
        int signedLength = buffer.WrittenSpan.Length;
        if (groupId is not null)
            WriteContext(ref writer, groupId, index);
        byte[] signature = suite.SignWithLabel(signer, "LeafNodeTBS"u8, buffer.WrittenSpan);

        using var encoded = new TlsBuffer();
        var encodedWriter = new TlsWriter(encoded);
        encodedWriter.WriteFixed(buffer.WrittenSpan[..signedLength]);
        encodedWriter.WriteOpaque(signature);
        return Decode(encoded.WrittenSpan);
    }

    private static void WriteContext(ref TlsWriter writer, GroupId groupId, LeafIndex index)
    {
        groupId.WriteTo(ref writer);
        writer.WriteUInt32(index.Value);
    }
}
