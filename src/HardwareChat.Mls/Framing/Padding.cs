namespace HardwareChat.Mls;

/// <summary>How much padding hides the length of encrypted messages (RFC 9420 §6.3.1, §15.1).</summary>
public readonly record struct Padding
{
    private readonly int _block;

    private Padding(int block) => _block = block;

    /// <summary>No padding: the length tells all.</summary>
    public static readonly Padding None = new(0);

    /// <summary>Up to the next multiple of a number of bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive, or above 64 KiB.</exception>
    public static Padding ToMultipleOf(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, 1 << 16);
        return new Padding(bytes);
    }

    internal int Block => _block;

    internal static Padding Restore(int block) => block == 0 ? None : ToMultipleOf(block);

    internal int LengthFor(int contentLength) => _block == 0 ? 0 : (_block - (contentLength % _block)) % _block;
}
