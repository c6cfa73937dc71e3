namespace HardwareChat.Wire;

// RFC 9420 §2.1.2, the variable-size vector length (the integer of QUIC, RFC 9000 §16, without its 8-byte form):
//
//   prefix  bytes  values
//   00      1      0 .. 63
//   01      2      64 .. 16383
//   10      4      16384 .. 1073741823
//   11      -      invalid
//
// "The length field is encoded in the minimum number of bits": a longer form of a small value is refused.

/// <summary>The length prefix of a variable-size vector (RFC 9420 §2.1.2).</summary>
public static class VectorLength
{
    /// <summary>The largest length that has an encoding: 2^30 - 1.</summary>
    public const int Max = (1 << 30) - 1;

    internal const int MaxOneByte = (1 << 6) - 1;
    internal const int MaxTwoBytes = (1 << 14) - 1;

    /// <summary>Bytes that the prefix of a vector of <paramref name="length"/> bytes takes: 1, 2 or 4.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or above <see cref="Max"/>.</exception>
    public static int EncodedSize(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Max);
        return length <= MaxOneByte ? 1 : length <= MaxTwoBytes ? 2 : 4;
    }
}
