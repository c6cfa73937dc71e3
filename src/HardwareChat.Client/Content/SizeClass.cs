using System.Numerics;

namespace HardwareChat.Client.Content;

// What the relay sees of a message or a blob is its size, so sizes come in classes: multiples of 256 bytes up to 4 KiB, then
// those of Padme (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs"), which lets
// a length keep only as many leading bits as it takes to write its exponent: at most 12 % is added, and the leak is
// O(log log length) bits.

/// <summary>The sizes that messages and blobs come in.</summary>
public static class SizeClass
{
    /// <summary>Bytes of a step while sizes are small.</summary>
    public const int Step = 256;

    /// <summary>The last size that is a multiple of <see cref="Step"/> for that reason alone.</summary>
    public const int SteppedUpTo = 4096;

    /// <summary>The least size of a class that holds <paramref name="length"/> bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or above 2^62.</exception>
    public static long Of(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1L << 62);
        if (length <= SteppedUpTo)
            return Math.Max(1, (length + Step - 1) / Step) * Step;
        int exponent = BitOperations.Log2((ulong)length);
        int kept = BitOperations.Log2((ulong)exponent) + 1;
        long mask = (1L << (exponent - kept)) - 1;
        return (length + mask) & ~mask;
    }
}
