using System.Buffers;

namespace HardwareChat.Tokens.Apdu;

/// <summary>Writes BER-TLV objects (ISO/IEC 7816-4 §5.2.2), each length in its shortest form.</summary>
/// <remarks>For public values: what was written stays in a managed buffer until it is collected.</remarks>
public sealed class BerTlvWriter
{
    private readonly ArrayBufferWriter<byte> _output = new();

    /// <summary>What has been written, until the next write.</summary>
    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    /// <summary>What has been written, in an array of its own.</summary>
    public byte[] ToArray() => _output.WrittenSpan.ToArray();

    /// <summary>Writes one object and returns the writer, for the next.</summary>
    /// <param name="tag">One to three bytes, most significant first, such as 0x7F49.</param>
    /// <param name="value">At most 16 MiB - 1 bytes.</param>
    public BerTlvWriter Write(int tag, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tag);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tag, 0xFFFFFF);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, 0xFFFFFF);
        WriteNumber(tag);
        if (value.Length >= 0x80)
            WriteByte((byte)(0x80 | ByteCount(value.Length)));
        WriteNumber(value.Length);
        _output.Write(value);
        return this;
    }

    /// <summary>Writes one object whose value is what <paramref name="inside"/> writes.</summary>
    public BerTlvWriter Write(int tag, Action<BerTlvWriter> inside)
    {
        var nested = new BerTlvWriter();
        inside(nested);
        return Write(tag, nested.Written);
    }

    /// <summary>One object in an array of its own.</summary>
    public static byte[] Encode(int tag, ReadOnlySpan<byte> value) => new BerTlvWriter().Write(tag, value).ToArray();

    private static int ByteCount(int number) => number > 0xFFFF ? 3 : number > 0xFF ? 2 : 1;

    private void WriteNumber(int number)
    {
        for (int shift = 8 * (ByteCount(number) - 1); shift >= 0; shift -= 8)
            WriteByte((byte)((number >> shift) & 0xFF));
    }

    private void WriteByte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }
}
