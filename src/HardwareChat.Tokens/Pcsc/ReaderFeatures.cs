using System.Buffers.Binary;

namespace HardwareChat.Tokens.Pcsc;

/// <summary>What a reader says of itself (PC/SC Part 10 §2.2 features, §2.6.14 properties); as untrusted as the reader.</summary>
internal static class ReaderFeatures
{
    private const byte PropertiesFeature = 0x12;
    private const byte MaxApduSizeProperty = 0x0A;
    private const int MaxAnswer = 1024;

    /// <summary>Whether the reader carries extended length. One that does not say is taken to: the exchange falls back where that was wrong.</summary>
    public static bool TakesExtendedLength(PcscLibrary library, nuint card)
    {
        Span<byte> answer = stackalloc byte[MaxAnswer];
        if (library.Features(card, answer, out int length) != PcscLibrary.Success
            || !TryFindFeature(answer[..length], out uint code)
            || library.Control(card, code, answer, out length) != PcscLibrary.Success)
        {
            return true;
        }

        return !TryFindMaxApduSize(answer[..length], out uint size) || size != 0;
    }

    /// <summary>Finds the control code of the properties in a list of { tag, 4, code big-endian }.</summary>
    internal static bool TryFindFeature(ReadOnlySpan<byte> features, out uint code)
    {
        code = 0;
        if (!TryFind(features, PropertiesFeature, out ReadOnlySpan<byte> value) || value.Length != sizeof(uint))
            return false;
        code = BinaryPrimitives.ReadUInt32BigEndian(value);
        return true;
    }

    /// <summary>Finds dwMaxAPDUDataSize in a list of { tag, length, value little-endian }: 0 is "short APDUs only".</summary>
    internal static bool TryFindMaxApduSize(ReadOnlySpan<byte> properties, out uint size)
    {
        size = 0;
        if (!TryFind(properties, MaxApduSizeProperty, out ReadOnlySpan<byte> value) || value.Length != sizeof(uint))
            return false;
        size = BinaryPrimitives.ReadUInt32LittleEndian(value);
        return true;
    }

    private static bool TryFind(ReadOnlySpan<byte> list, byte tag, out ReadOnlySpan<byte> value)
    {
        while (list.Length >= 2 && list[1] <= list.Length - 2)
        {
            value = list.Slice(2, list[1]);
            if (list[0] == tag)
                return true;
            list = list[(2 + value.Length)..];
        }

        value = default;
        return false;
    }
}
