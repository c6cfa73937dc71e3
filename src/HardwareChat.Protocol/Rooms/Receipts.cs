using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// receipt key = HKDF-SHA256(ikm: the relay identity's 32-byte seed, info: "HardwareChat 1 receipt key" || 0x00, 32)
// entry       = HMAC-SHA256(receipt key, "HardwareChat 1 entry receipt" || 0x00 || EntryHash)
// leaf        = HMAC-SHA256(receipt key, "HardwareChat 1 leaf receipt" || 0x00 || uint64 index || leaf hash)
//
// The key is not in the relay's database. After a restore from an old backup the relay takes back what bears its receipt.

/// <summary>The relay's receipts: it knows its own entries and leaves again, even when its database has forgotten them.</summary>
/// <remarks>Lives as long as the relay process. Owns its key, which is pinned, and zeroed by <see cref="Dispose"/>.</remarks>
public sealed class Receipts : IDisposable
{
    /// <summary>Bytes of a receipt.</summary>
    public const int Size = 32;

    private readonly byte[] _key = GC.AllocateArray<byte>(Size, pinned: true);

    /// <summary>Receipts under this relay identity.</summary>
    /// <param name="identitySeed">The 32-byte seed of the Ed25519 identity key; stays the caller's.</param>
    public Receipts(ReadOnlySpan<byte> identitySeed)
    {
        if (identitySeed.Length != 32)
            throw new ArgumentException("An Ed25519 seed has 32 bytes.", nameof(identitySeed));
        HKDF.DeriveKey(HashAlgorithmName.SHA256, identitySeed, _key, [], Labelled.Bytes(Labels.ReceiptKey, []));
    }

    /// <summary>The receipt of a room entry.</summary>
    public byte[] OfEntry(RoomEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return HMACSHA256.HashData(_key, Labelled.Bytes(Labels.EntryReceipt, entry.Hash.ToArray()));
    }

    /// <summary>The receipt of a registry leaf at its index.</summary>
    public byte[] OfLeaf(ulong index, Digest leafHash)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteUInt64(index);
        leafHash.WriteTo(ref writer);
        return HMACSHA256.HashData(_key, Labelled.Bytes(Labels.LeafReceipt, buffer.WrittenSpan));
    }

    /// <summary>Whether this is the receipt of that entry.</summary>
    public bool IsOfEntry(RoomEntry entry, ReadOnlySpan<byte> receipt) => CryptographicOperations.FixedTimeEquals(OfEntry(entry), receipt);

    /// <summary>Whether this is the receipt of that leaf at that index.</summary>
    public bool IsOfLeaf(ulong index, Digest leafHash, ReadOnlySpan<byte> receipt)
        => CryptographicOperations.FixedTimeEquals(OfLeaf(index, leafHash), receipt);

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_key);
}
