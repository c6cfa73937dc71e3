using System.Buffers.Binary;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Apdu;

/// <summary>A card's response (ISO/IEC 7816-4 §5.1): data, then the status word. A view of the caller's bytes.</summary>
public readonly ref struct ResponseApdu
{
    /// <summary>The longest response that any card can give.</summary>
    public const int MaxEncodedLength = CommandApdu.MaxResponse + 2;

    /// <summary>A response of <paramref name="data"/> and <paramref name="status"/>.</summary>
    public ResponseApdu(ReadOnlySpan<byte> data, StatusWord status)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, CommandApdu.MaxResponse);
        Data = data;
        Status = status;
    }

    /// <summary>What came before the status word; may be empty.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>The status word.</summary>
    public StatusWord Status { get; }

    /// <summary>Reads a response. The result points into <paramref name="encoded"/>.</summary>
    /// <exception cref="DecodeException">There is no status word, or more data than a card can give.</exception>
    public static ResponseApdu Parse(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < 2)
            throw new DecodeException("response is shorter than a status word", encoded.Length);
        if (encoded.Length > MaxEncodedLength)
            throw new DecodeException("response is longer than any card can give", MaxEncodedLength);
        return new ResponseApdu(encoded[..^2], new StatusWord(BinaryPrimitives.ReadUInt16BigEndian(encoded[^2..])));
    }

    /// <summary>The encoding, in an array of its own.</summary>
    public byte[] ToArray()
    {
        byte[] encoded = new byte[Data.Length + 2];
        Data.CopyTo(encoded);
        BinaryPrimitives.WriteUInt16BigEndian(encoded.AsSpan(Data.Length), Status.Value);
        return encoded;
    }

    /// <summary>Fuzz entry: any bytes give a response that encodes to the same bytes, or a <see cref="DecodeException"/>.</summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        try
        {
            if (!Parse(data).ToArray().AsSpan().SequenceEqual(data))
                throw new InvalidOperationException("a response did not encode to the bytes that it was read from");
        }
        catch (DecodeException)
        {
            // The one exception that malformed bytes may cause.
        }
    }
}
