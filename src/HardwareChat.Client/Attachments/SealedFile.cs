using System.Buffers.Binary;
using System.Security.Cryptography;
using HardwareChat.Client.Content;

namespace HardwareChat.Client.Attachments;

// The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar: "Online Authenticated-Encryption and its Nonce-Reuse
// Misuse-Resistance", CRYPTO 2015) over ChaCha20-Poly1305:
//
//   plaintext  the file, then zeros up to the file's SizeClass
//   chunks     64 KiB of plaintext each, the last one shorter or as long; chunk i is sealed with
//   nonce      prefix[7] || uint32 i || uint8 last      last = 1 in the last chunk, else 0
//   aad        uint64 bytes of the file
//
// A chunk that is cut, moved, doubled or taken from another file does not open, a stream without its last chunk has no end, and a size
// that is lied about opens nothing. The key is random and of this file alone, and a file is sealed once: what is
// sent again after a break are the same bytes, never a second encryption under the same nonces.

/// <summary>The numbers of a sealed file, and its chunks.</summary>
public sealed class SealedFile : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = 32;

    /// <summary>Random bytes of a nonce.</summary>
    public const int NoncePrefixSize = 7;

    /// <summary>Bytes of plaintext in a chunk.</summary>
    public const int ChunkSize = 64 * 1024;

    /// <summary>Bytes of a chunk's tag.</summary>
    public const int TagSize = 16;

    /// <summary>Bytes of a sealed chunk that is full.</summary>
    public const int SealedChunkSize = ChunkSize + TagSize;

    private const int NonceSize = 12;

    private readonly ChaCha20Poly1305 _aead;
    private readonly byte[] _noncePrefix;
    private readonly byte[] _associatedData;

    /// <summary>The chunks of a file.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="noncePrefix">The first bytes of each nonce.</param>
    /// <param name="size">Bytes of the file.</param>
    public SealedFile(ReadOnlySpan<byte> key, ReadOnlySpan<byte> noncePrefix, long size)
    {
        if (noncePrefix.Length != NoncePrefixSize)
            throw new ArgumentException($"The prefix of a nonce has {NoncePrefixSize} bytes.", nameof(noncePrefix));
        _aead = new ChaCha20Poly1305(key);
        _noncePrefix = noncePrefix.ToArray();
        _associatedData = AssociatedDataOf(size);
        Size = size;
        PaddedSize = SizeClass.Of(size);
        Chunks = ChunksOf(PaddedSize);
    }

    /// <summary>Bytes of the file.</summary>
    public long Size { get; }

    /// <summary>Bytes of the file with its padding.</summary>
    public long PaddedSize { get; }

    /// <summary>Chunks.</summary>
    public long Chunks { get; }

    /// <summary>Bytes of the sealed file.</summary>
    public long SealedSize => SealedSizeOf(Size);

    /// <summary>Bytes that a file of this size has when it is sealed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or of more chunks than there are nonces.</exception>
    public static long SealedSizeOf(long size)
    {
        long padded = SizeClass.Of(size);
        return padded + (ChunksOf(padded) * TagSize);
    }

    /// <summary>Bytes of plaintext, padding included, in a chunk.</summary>
    public int LengthOf(long chunk) => (int)Math.Min(ChunkSize, PaddedSize - (chunk * ChunkSize));

    /// <summary>Seals a chunk.</summary>
    /// <param name="chunk">Its number.</param>
    /// <param name="plaintext">As many bytes as <see cref="LengthOf"/> says.</param>
    /// <param name="destination">That and <see cref="TagSize"/> more.</param>
    internal void Seal(long chunk, ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        WriteNonce(chunk, nonce);
        _aead.Encrypt(nonce, plaintext, destination[..^TagSize], destination[^TagSize..], _associatedData);
    }

    /// <summary>Opens a chunk.</summary>
    /// <exception cref="AttachmentException">It is not this chunk of this file.</exception>
    internal void Open(long chunk, ReadOnlySpan<byte> sealedChunk, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        WriteNonce(chunk, nonce);
        try
        {
            _aead.Decrypt(nonce, sealedChunk[..^TagSize], sealedChunk[^TagSize..], destination, _associatedData);
        }
        catch (AuthenticationTagMismatchException refusal)
        {
            throw new AttachmentException(AttachmentFault.Tampered, "A piece of the file was changed, cut, moved or doubled on its way.", refusal);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _aead.Dispose();

    internal static byte[] AssociatedDataOf(long size)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)size);
        return bytes;
    }

    private static long ChunksOf(long padded)
    {
        long chunks = ((padded - 1) / ChunkSize) + 1;
        return chunks <= uint.MaxValue ? chunks : throw new ArgumentOutOfRangeException(nameof(padded), "A file has at most 2^32 - 1 chunks.");
    }

    private void WriteNonce(long chunk, Span<byte> nonce)
    {
        _noncePrefix.CopyTo(nonce);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[NoncePrefixSize..], (uint)chunk);
        nonce[^1] = chunk == Chunks - 1 ? (byte)1 : (byte)0;
    }
}
