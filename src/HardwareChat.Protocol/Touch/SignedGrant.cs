using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { Touch touch; opaque signature<V>; GrantItem item; uint32 index; opaque path<V>; } SignedGrant;
//
// Each item travels alone with its path, so that a member of one room learns nothing of the others.

/// <summary>One grant with the touch that vouches for it: the identity of an MLS basic credential, and of a channel.</summary>
/// <remarks>Decoded is not verified.</remarks>
public sealed class SignedGrant : ITlsSerializable
{
    private readonly byte[] _signature;
    private readonly Digest[] _path;

    /// <summary>A grant of these parts; nothing is checked.</summary>
    /// <param name="touch">The touch.</param>
    /// <param name="signature">The token's, over the touch.</param>
    /// <param name="item">The item.</param>
    /// <param name="index">The item's place among the touch's items.</param>
    /// <param name="path">The inclusion path, from the leaf upwards.</param>
    public SignedGrant(Touch touch, ReadOnlySpan<byte> signature, GrantItem item, uint index, ReadOnlySpan<Digest> path)
    {
        ArgumentNullException.ThrowIfNull(touch);
        ArgumentNullException.ThrowIfNull(item);
        Touch = touch;
        Item = item;
        Index = index;
        _signature = signature.ToArray();
        _path = path.ToArray();
    }

    /// <summary>The touch.</summary>
    public Touch Touch { get; }

    /// <summary>The token's signature over the touch.</summary>
    public ReadOnlySpan<byte> Signature => _signature;

    /// <summary>The item.</summary>
    public GrantItem Item { get; }

    /// <summary>The item's place among the touch's items.</summary>
    public uint Index { get; }

    /// <summary>The inclusion path, from the leaf upwards.</summary>
    public ReadOnlySpan<Digest> Path => _path;

    /// <summary>Whether the path, of exactly the length that (index, count) demand, leads from the item to the touch's root.</summary>
    public bool ItemIsIncluded
        => MerkleTree.VerifyInclusion(MerkleTree.LeafHash(TlsWriter.Encode(Item)), Index, Touch.Count, _path, Touch.Root);

    /// <summary>The grant that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static SignedGrant Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        SignedGrant grant = Read(ref reader);
        reader.ThrowIfNotEmpty();
        return grant;
    }

    /// <summary>Reads one grant.</summary>
    public static SignedGrant Read(ref TlsReader reader)
    {
        Touch touch = Touch.Read(ref reader);
        ReadOnlySpan<byte> signature = reader.ReadOpaque(ProtocolLimits.SignatureBytes);
        GrantItem item = GrantItem.Read(ref reader);
        uint index = reader.ReadUInt32();
        TlsReader hashes = reader.ReadVector(ProtocolLimits.GrantPathHashes * Digest.Size);
        var path = new List<Digest>(ProtocolLimits.GrantPathHashes);
        while (!hashes.IsEmpty)
            path.Add(Digest.Read(ref hashes));
        return new SignedGrant(touch, signature, item, index, path.ToArray());
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Touch.WriteTo(ref writer);
        writer.WriteOpaque(_signature);
        Item.WriteTo(ref writer);
        writer.WriteUInt32(Index);
        writer.WriteVector<Digest>(_path);
    }

    /// <summary>Reads any bytes as a grant, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        SignedGrant grant = Decode(input);
        if (!TlsWriter.Encode(grant).AsSpan().SequenceEqual(input))
            throw new CryptographicException("A grant has two encodings.");
    }
}
