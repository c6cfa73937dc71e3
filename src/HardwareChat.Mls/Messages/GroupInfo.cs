using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.4.3
//
//   struct {
//       GroupContext group_context;
//       Extension extensions<V>;
//       MAC confirmation_tag;
//       uint32 signer;
//       /* SignWithLabel(., "GroupInfoTBS", GroupInfoTBS) */
//       opaque signature<V>;
//   } GroupInfo;
//
//   struct { ... the fields above the signature ... } GroupInfoTBS;

/// <summary>A member's word on the state of a group, for those who join it.</summary>
public sealed class GroupInfo : ITlsSerializable
{
    private readonly byte[] _encoded;
    private readonly int _signedLength;
    private readonly byte[] _confirmationTag;
    private readonly byte[] _signature;

    private GroupInfo(ref TlsReader reader)
    {
        int start = reader.Position;
        Context = GroupContext.ReadFrom(ref reader);
        Extensions = ExtensionList.ReadFrom(ref reader);
        _confirmationTag = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        Signer = new LeafIndex(reader.ReadUInt32());
        _signedLength = reader.Position - start;
        _signature = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        _encoded = reader.Since(start).ToArray();
    }

    /// <summary>group_context.</summary>
    public GroupContext Context { get; }

    /// <summary>extensions.</summary>
    public ExtensionList Extensions { get; }

    /// <summary>confirmation_tag: of the commit that began the epoch.</summary>
    public ReadOnlySpan<byte> ConfirmationTag => _confirmationTag;

    /// <summary>signer.</summary>
    public LeafIndex Signer { get; }

    /// <summary>signature.</summary>
    public ReadOnlySpan<byte> Signature => _signature;

    // RFC 9420 §12.4.3.2
    //
    //   struct {
    //       HPKEPublicKey external_pub;
    //   } ExternalPub;

    /// <summary>The key of the external_pub extension, or null.</summary>
    /// <exception cref="DecodeException">The extension is malformed.</exception>
    public HpkePublicKey? FindExternalPub()
        => Extensions.Find(ExtensionType.ExternalPub) is { } extension ? TlsVector.Decode(extension.Content, HpkePublicKey.ReadFrom) : null;

    internal static GroupInfo Sign(
        CipherSuite suite, IMlsSigner signer, LeafIndex signerIndex, GroupContext context, ExtensionList extensions, ReadOnlySpan<byte> confirmationTag)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        context.WriteTo(ref writer);
        extensions.WriteTo(ref writer);
        writer.WriteOpaque(confirmationTag);
        writer.WriteUInt32(signerIndex.Value);
        byte[] signature = suite.SignWithLabel(signer, "GroupInfoTBS"u8, buffer.WrittenSpan);
        writer.WriteOpaque(signature);
        return Decode(buffer.WrittenSpan);
    }

    internal bool VerifySignature(CipherSuite suite, SignaturePublicKey key)
        => suite.VerifyWithLabel(key, "GroupInfoTBS"u8, _encoded.AsSpan(0, _signedLength), _signature);

    /// <summary>Reads one bare GroupInfo (no MLSMessage around it), which ends where the bytes do.</summary>
    /// <exception cref="DecodeException">The bytes are malformed.</exception>
    public static GroupInfo Decode(ReadOnlySpan<byte> bytes) => TlsVector.Decode(bytes, ReadFrom);

    internal static GroupInfo ReadFrom(ref TlsReader reader) => new(ref reader);

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteFixed(_encoded);
}
