using System.Buffers.Binary;
using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Client.Content;

// struct { uint32 length; opaque content[length]; opaque zeros[...]; } PaddedContent;      its size is a SizeClass
//
// The application data of a room's PrivateMessage. The padding is here and not in MLS's own field, because there sizes would have to be
// known to the MLS library; and zeros are checked, so that nothing can be carried in them.

/// <summary>Content made as long as its size class.</summary>
public static class ContentPadding
{
    private const int HeaderSize = sizeof(uint);

    /// <summary>Bytes of content at most.</summary>
    public const int ContentBytes = ContentLimits.PaddedBytes - HeaderSize;

    /// <summary>The padded content, in an array that the caller zeroes where the content is secret.</summary>
    /// <exception cref="ArgumentException">Longer than <see cref="ContentBytes"/>.</exception>
    public static byte[] Pad(ReadOnlySpan<byte> content)
    {
        if (content.Length > ContentBytes)
            throw new ArgumentException($"Content has at most {ContentBytes} bytes.", nameof(content));
        var padded = GC.AllocateArray<byte>((int)SizeClass.Of(HeaderSize + content.Length), pinned: true);
        BinaryPrimitives.WriteUInt32BigEndian(padded, (uint)content.Length);
        content.CopyTo(padded.AsSpan(HeaderSize));
        return padded;
    }

    /// <summary>The content: a slice of what was padded.</summary>
    /// <exception cref="DecodeException">Not the size of the content's class, or padding that is not zeros.</exception>
    public static ReadOnlyMemory<byte> Unpad(ReadOnlyMemory<byte> padded)
    {
        if (padded.Length is < HeaderSize or > ContentLimits.PaddedBytes)
            throw new DecodeException("not the size of padded content", 0);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(padded.Span);
        if (length > padded.Length - HeaderSize)
            throw new DecodeException("content is longer than what holds it", 0);
        int end = HeaderSize + (int)length;
        if (SizeClass.Of(end) != padded.Length)
            throw new DecodeException("padding is not that of the size class", end);
        return padded.Span[end..].ContainsAnyExcept((byte)0)
            ? throw new DecodeException("padding is not zeros", end)
            : padded[HeaderSize..end];
    }

    /// <summary>Reads any bytes as padded content, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        ReadOnlyMemory<byte> content = Unpad(input.ToArray());
        if (!Pad(content.Span).AsSpan().SequenceEqual(input))
            throw new CryptographicException("Padding is read in two ways.");
    }
}
