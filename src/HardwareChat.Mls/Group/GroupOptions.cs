using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>How this client keeps a group. Members need not agree on it; it is saved with the group.</summary>
public sealed record GroupOptions
{
    /// <summary>Past epochs whose late messages can still be read, and whose resumption PSKs are kept.</summary>
    public int PastEpochs { get; init; } = 5;

    /// <summary>Bounds on messages that are lost or out of order.</summary>
    public RatchetBounds Bounds { get; init; } = RatchetBounds.Standard;

    /// <summary>Padding of encrypted messages.</summary>
    public Padding Padding { get; init; } = Padding.None;

    /// <summary>Whether proposals and commits are sent encrypted. Both forms are read.</summary>
    public bool EncryptHandshakes { get; init; }

    internal void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt32((uint)PastEpochs);
        writer.WriteUInt32((uint)Bounds.ForwardSteps);
        writer.WriteUInt32((uint)Bounds.SkippedKeys);
        writer.WriteUInt32((uint)Padding.Block);
        writer.WriteOptional(EncryptHandshakes);
    }

    internal static GroupOptions ReadFrom(ref TlsReader reader) => new()
    {
        PastEpochs = ReadCount(ref reader),
        Bounds = new RatchetBounds(ReadCount(ref reader), ReadCount(ref reader)),
        Padding = Padding.Restore(ReadCount(ref reader)),
        EncryptHandshakes = reader.ReadOptional(),
    };

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(PastEpochs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PastEpochs, MaxCount);
        ArgumentOutOfRangeException.ThrowIfNegative(Bounds.ForwardSteps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Bounds.ForwardSteps, MaxCount);
        ArgumentOutOfRangeException.ThrowIfNegative(Bounds.SkippedKeys);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Bounds.SkippedKeys, MaxCount);
    }

    private const int MaxCount = 1 << 16;

    private static int ReadCount(ref TlsReader reader)
        => reader.ReadUInt32() is var count && count <= MaxCount ? (int)count : throw reader.Malformed("a bound is too large");
}
