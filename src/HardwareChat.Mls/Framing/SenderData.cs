using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HardwareChat.Mls;

// RFC 9420 §6.3.2
//
//   struct {
//       uint32 leaf_index;
//       uint32 generation;
//       opaque reuse_guard[4];
//   } SenderData;

/// <summary>Who encrypted a PrivateMessage, and with which of its keys.</summary>
internal readonly record struct SenderData(LeafIndex Leaf, uint Generation, uint ReuseGuard)
{
    public const int Length = 3 * sizeof(uint);

    public static SenderData Decode(ReadOnlySpan<byte> bytes) => new(
        new LeafIndex(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));

    public void Encode(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Leaf.Value);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Generation);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], ReuseGuard);
    }

    // RFC 9420 §6.3.1: "XOR it with the first four bytes of the nonce from the key schedule".
    public void Guard(Span<byte> nonce)
        => BinaryPrimitives.WriteUInt32BigEndian(nonce, BinaryPrimitives.ReadUInt32BigEndian(nonce) ^ ReuseGuard);

    public static uint RandomReuseGuard()
    {
        Span<byte> guard = stackalloc byte[sizeof(uint)];
        RandomNumberGenerator.Fill(guard);
        return BinaryPrimitives.ReadUInt32BigEndian(guard);
    }
}
