using HardwareChat.Wire;

namespace HardwareChat.Tokens.Apdu;

/// <summary>Reads BER-TLV objects (ISO/IEC 7816-4 §5.2.2) from a span: tags of one to three bytes, definite lengths below 16 MiB.</summary>
/// <remarks>
/// Nothing is copied or allocated; a length that runs past the input is a <see cref="DecodeException"/>. Longer forms of a length than
/// needed are accepted, since cards in use write them; the indefinite form is not.
/// </remarks>
public ref struct BerTlvReader
{
    private readonly ReadOnlySpan<byte> _input;
    private readonly int _origin;
    private int _position;

    /// <summary>A reader over the whole of <paramref name="input"/>.</summary>
    /// <param name="input">One or more objects, or none.</param>
    /// <param name="origin">The offset of <paramref name="input"/> in the outermost input, for errors.</param>
    public BerTlvReader(ReadOnlySpan<byte> input, int origin = 0)
    {
        _input = input;
        _origin = origin;
        _position = 0;
    }

    /// <summary>Bytes from the start of the outermost input to the next unread byte.</summary>
    public readonly int Offset => _origin + _position;

    /// <summary>Whether all has been read.</summary>
    public readonly bool IsEmpty => _position == _input.Length;

    /// <summary>Reads the next object, whatever it is, and returns its value.</summary>
    public ReadOnlySpan<byte> Read(out int tag)
    {
        tag = ReadTag();
        int length = ReadLength();
        ReadOnlySpan<byte> value = _input.Slice(_position, length);
        _position += length;
        return value;
    }

    /// <summary>Reads the next object, which must be <paramref name="tag"/>, and returns its value.</summary>
    public ReadOnlySpan<byte> ReadValue(int tag)
    {
        int at = Offset;
        ReadOnlySpan<byte> value = Read(out int actual);
        return actual == tag ? value : throw new DecodeException($"object {actual:X2} where {tag:X2} was expected", at);
    }

    /// <summary>Reads the next object, which must be the constructed <paramref name="tag"/>, and returns a reader of its inside.</summary>
    public BerTlvReader ReadNested(int tag)
    {
        ReadOnlySpan<byte> value = ReadValue(tag);
        return new BerTlvReader(value, Offset - value.Length);
    }

    /// <summary>Skips to the first object that is <paramref name="tag"/>, and reads it; false if there is none.</summary>
    public bool TryFind(int tag, out ReadOnlySpan<byte> value)
    {
        while (!IsEmpty)
        {
            value = Read(out int actual);
            if (actual == tag)
                return true;
        }

        value = default;
        return false;
    }

    /// <summary>Ends a structure: trailing bytes are an error.</summary>
    public readonly void ThrowIfNotEmpty()
    {
        if (!IsEmpty)
            throw new DecodeException("bytes follow the end of the structure", Offset);
    }

    /// <summary>Fuzz entry: any bytes are objects, nested ones too, or a <see cref="DecodeException"/>.</summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        try
        {
            var outer = new BerTlvReader(data);
            while (!outer.IsEmpty)
            {
                ReadOnlySpan<byte> value = outer.Read(out int tag);
                var inner = new BerTlvReader(value, outer.Offset - value.Length);
                if (!inner.TryFind(tag, out _) && !inner.IsEmpty)
                    throw new InvalidOperationException("a search ended before the end");
            }
        }
        catch (DecodeException)
        {
            // The one exception that malformed bytes may cause.
        }
    }

    private int ReadTag()
    {
        int tag = NextByte();
        if ((tag & 0x1F) != 0x1F)
            return tag;
        for (int extra = 0; extra < 2; extra++)
        {
            byte next = NextByte();
            tag = (tag << 8) | next;
            if ((next & 0x80) == 0)
                return tag;
        }

        throw new DecodeException("tag is longer than three bytes", Offset);
    }

    private int ReadLength()
    {
        int at = Offset;
        int length = NextByte();
        if (length >= 0x80)
        {
            int count = length & 0x7F;
            if (count is 0 or > 3)
                throw new DecodeException("length is of the indefinite form, or has more than three bytes", at);
            length = 0;
            for (int i = 0; i < count; i++)
                length = (length << 8) | NextByte();
        }

        return length <= _input.Length - _position ? length : throw new DecodeException("length runs past the end of the input", at);
    }

    private byte NextByte()
        => _position < _input.Length ? _input[_position++] : throw new DecodeException("object is cut short", Offset);
}
