using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §10
//
//   struct {
//       ProtocolVersion version;
//       CipherSuite cipher_suite;
//       HPKEPublicKey init_key;
//       LeafNode leaf_node;
//       Extension extensions<V>;
//       /* SignWithLabel(., "KeyPackageTBS", KeyPackageTBS) */
//       opaque signature<V>;
//   } KeyPackage;
//
//   struct { ... the fields above the signature ... } KeyPackageTBS;

/// <summary>What a client publishes so that others can add it to a group while it is away. To be used once.</summary>
public sealed class KeyPackage : ITlsSerializable, IEquatable<KeyPackage>
{
    private readonly byte[] _encoded;
    private readonly int _signedLength;
    private readonly byte[] _signature;

    private KeyPackage(ref TlsReader reader)
    {
        int start = reader.Position;
        Version = ProtocolVersion.ReadFrom(ref reader);
        CipherSuite = CipherSuiteId.ReadFrom(ref reader);
        InitKey = HpkePublicKey.ReadFrom(ref reader);
        LeafNode = LeafNode.ReadFrom(ref reader);
        Extensions = ExtensionList.ReadFrom(ref reader);
        _signedLength = reader.Position - start;
        _signature = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        _encoded = reader.Since(start).ToArray();
    }

    /// <summary>version.</summary>
    public ProtocolVersion Version { get; }

    /// <summary>cipher_suite.</summary>
    public CipherSuiteId CipherSuite { get; }

    /// <summary>init_key: to which the Welcome is encrypted.</summary>
    public HpkePublicKey InitKey { get; }

    /// <summary>leaf_node.</summary>
    public LeafNode LeafNode { get; }

    /// <summary>extensions.</summary>
    public ExtensionList Extensions { get; }

    /// <summary>signature.</summary>
    public ReadOnlySpan<byte> Signature => _signature;

    /// <summary>The key package's encoding.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    internal static KeyPackage Sign(CipherSuite suite, IMlsSigner signer, HpkePublicKey initKey, LeafNode leafNode, ExtensionList extensions)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        ProtocolVersion.Mls10.WriteTo(ref writer);
        suite.Id.WriteTo(ref writer);
        initKey.WriteTo(ref writer);
        leafNode.WriteTo(ref writer);
        extensions.WriteTo(ref writer);
        byte[] signature = suite.SignWithLabel(signer, "KeyPackageTBS"u8, buffer.WrittenSpan);
        writer.WriteOpaque(signature);
        return Decode(buffer.WrittenSpan);
    }

    // RFC 9420 §10: the signature covers all of the fields except itself, by the key of the leaf.
    internal bool VerifySignature(CipherSuite suite)
        => suite.VerifyWithLabel(LeafNode.SignatureKey, "KeyPackageTBS"u8, _encoded.AsSpan(0, _signedLength), _signature);

    // RFC 9420 §5.2
    //
    //   MakeKeyPackageRef(value) = RefHash("MLS 1.0 KeyPackage Reference", value)

    /// <summary>KeyPackageRef: the key package's name in a Welcome.</summary>
    public byte[] ComputeReference(CipherSuite suite)
    {
        ArgumentNullException.ThrowIfNull(suite);
        return suite.RefHash("MLS 1.0 KeyPackage Reference"u8, _encoded);
    }

    /// <summary>Reads one bare key package (no MLSMessage around it), which ends where the bytes do.</summary>
    /// <exception cref="DecodeException">The bytes are malformed.</exception>
    public static KeyPackage Decode(ReadOnlySpan<byte> bytes) => TlsVector.Decode(bytes, ReadFrom);

    internal static KeyPackage ReadFrom(ref TlsReader reader) => new(ref reader);

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteFixed(_encoded);

    /// <summary>Whether both have the same encoding.</summary>
    public bool Equals(KeyPackage? other) => other is not null && _encoded.AsSpan().SequenceEqual(other._encoded);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as KeyPackage);

    /// <inheritdoc/>
    public override int GetHashCode() => InitKey.GetHashCode();
}
