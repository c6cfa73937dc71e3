using System.Buffers.Binary;

namespace HardwareChat.Wire;

/// <summary>Reads structures of the TLS presentation language (RFC 8446 §3, RFC 9420 §2.1) from a span.</summary>
/// <remarks>
/// Nothing is copied or allocated: what is returned points into the input, so an input can never make the reader use more
/// memory than it paid for. Every method that runs out of input, or meets a length above the caller's limit, throws
/// <see cref="DecodeException"/> with the offset from the start of the outermost input.
/// </remarks>
public ref struct TlsReader
{
    private readonly ReadOnlySpan<byte> _input;
    private readonly int _origin;
    private int _position;

    /// <summary>A reader over the whole of <paramref name="input"/>.</summary>
    public TlsReader(ReadOnlySpan<byte> input)
        : this(input, 0)
    {
    }

    private TlsReader(ReadOnlySpan<byte> input, int origin)
    {
        _input = input;
        _origin = origin;
        _position = 0;
    }

    /// <summary>Bytes from the start of the outermost input to the next unread byte.</summary>
    public readonly int Offset => _origin + _position;

    /// <summary>Bytes read so far in this reader; a mark for <see cref="Since"/>.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _input.Length - _position;

    /// <summary>Whether all has been read.</summary>
    public readonly bool IsEmpty => _position == _input.Length;

    /// <summary>The unread bytes, without reading them.</summary>
    public readonly ReadOnlySpan<byte> Rest => _input[_position..];

    /// <summary>The bytes read since <paramref name="mark"/>, a former <see cref="Position"/>: what a signature or hash covered.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The mark lies ahead of the position, or is negative.</exception>
    public readonly ReadOnlySpan<byte> Since(int mark)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(mark);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mark, _position);
        return _input[mark.._position];
    }

    /// <summary>uint8.</summary>
    public byte ReadUInt8() => Take(1)[0];

    /// <summary>uint16, big-endian.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));

    /// <summary>uint32, big-endian.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));

    /// <summary>uint64, big-endian.</summary>
    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong)));

    /// <summary>opaque x[length]: exactly <paramref name="length"/> bytes, a view of the input.</summary>
    public ReadOnlySpan<byte> ReadFixed(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return Take(length);
    }

    /// <summary>opaque x&lt;V&gt;: a length of RFC 9420 §2.1.2 and as many bytes, a view of the input.</summary>
    /// <param name="limit">The most bytes that this vector may have.</param>
    public ReadOnlySpan<byte> ReadOpaque(int limit) => Take(ReadLength(limit));

    /// <summary>T x&lt;V&gt;: a reader over the bytes of the vector, which this reader skips.</summary>
    /// <param name="limit">The most bytes that this vector may have.</param>
    /// <remarks>The elements are read until the nested reader <see cref="IsEmpty"/>; a single structure ends with <see cref="ThrowIfNotEmpty"/>.</remarks>
    public TlsReader ReadVector(int limit)
    {
        int length = ReadLength(limit);
        int origin = Offset;
        return new TlsReader(Take(length), origin);
    }

    /// <summary>optional&lt;T&gt; (RFC 9420 §2.1.1): whether the value follows. Any presence octet but 0 and 1 is refused.</summary>
    public bool ReadOptional()
    {
        byte presence = ReadUInt8();
        return presence switch
        {
            0 => false,
            1 => true,
            _ => throw new DecodeException("presence octet is neither 0 nor 1", Offset - 1),
        };
    }

    /// <summary>The length prefix of a vector, in its shortest form, at most <paramref name="limit"/> and at most what is left of the input.</summary>
    public int ReadLength(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        int at = Offset;
        byte first = ReadUInt8();
        int value = first & 0x3F;
        int size = 1 << (first >> 6);
        if (size == 8)
            throw new DecodeException("vector length has the invalid prefix 11", at);
        foreach (byte next in Take(size - 1))
            value = (value << 8) | next;
        if (VectorLength.EncodedSize(value) != size)
            throw new DecodeException("vector length is not in its shortest form", at);
        if (value > limit)
            throw new DecodeException($"vector is longer than its limit of {limit} bytes", at);
        if (value > Remaining)
            throw new DecodeException("vector runs past the end of the input", at);
        return value;
    }

    /// <summary>Ends a structure: trailing bytes are an error (RFC 8446 §3, RFC 9420 §2.1).</summary>
    public readonly void ThrowIfNotEmpty()
    {
        if (!IsEmpty)
            throw new DecodeException($"{Remaining} bytes follow the end of the structure", Offset);
    }

    /// <summary>A failure at the place of the last read value, for the structure's own constraints ("no such enum value").</summary>
    /// <param name="message">What was expected; holds no input bytes.</param>
    public readonly DecodeException Malformed(string message) => new(message, Offset);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining)
            throw new DecodeException($"input ends {count - Remaining} bytes too early", Offset);
        ReadOnlySpan<byte> taken = _input.Slice(_position, count);
        _position += count;
        return taken;
    }
}
