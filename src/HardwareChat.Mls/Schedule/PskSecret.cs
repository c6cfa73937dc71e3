using System.Buffers.Binary;

namespace HardwareChat.Mls;

// RFC 9420 §8.4
//
//   struct {
//       PreSharedKeyID id;
//       uint16 index;
//       uint16 count;
//   } PSKLabel;
//
//   psk_extracted_[i] = KDF.Extract(0, psk_[i])
//   psk_input_[i] = ExpandWithLabel(psk_extracted_[i], "derived psk", PSKLabel, KDF.Nh)
//
//   psk_secret_[0] = 0
//   psk_secret_[i] = KDF.Extract(psk_input_[i-1], psk_secret_[i-1])
//   psk_secret     = psk_secret_[n]

/// <summary>psk_secret: the pre-shared keys of a commit, chained into one input of the key schedule (RFC 9420 §8.4).</summary>
internal static class PskSecret
{
    /// <summary>psk_secret, Nh bytes; zeros if there are no PSKs.</summary>
    /// <param name="suite">The group's.</param>
    /// <param name="psks">The encoded PreSharedKeyID and the key of each, in the order of the commit; they stay the caller's.</param>
    public static Secret Derive(CipherSuite suite, IReadOnlyList<(ReadOnlyMemory<byte> Id, Secret Psk)> psks)
    {
        using Secret zero = Secret.Zero(suite.HashLength);
        Secret pskSecret = Secret.Zero(suite.HashLength);
        ushort count = checked((ushort)psks.Count);
        for (ushort index = 0; index < count; index++)
        {
            using Secret extracted = suite.Extract(salt: zero, ikm: psks[index].Psk);
            using Secret input = suite.ExpandWithLabel(extracted, "derived psk"u8, PskLabel(psks[index].Id.Span, index, count), suite.HashLength);
            using Secret previous = pskSecret;
            pskSecret = suite.Extract(salt: input, ikm: previous);
        }

        return pskSecret;
    }

    private static byte[] PskLabel(ReadOnlySpan<byte> id, ushort index, ushort count)
    {
        byte[] label = new byte[id.Length + (2 * sizeof(ushort))];
        id.CopyTo(label);
        BinaryPrimitives.WriteUInt16BigEndian(label.AsSpan(id.Length), index);
        BinaryPrimitives.WriteUInt16BigEndian(label.AsSpan(id.Length + sizeof(ushort)), count);
        return label;
    }
}
