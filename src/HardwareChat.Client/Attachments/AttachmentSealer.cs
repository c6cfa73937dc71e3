using System.Security.Cryptography;
using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Attachments;

/// <summary>A file that is sealed and lies ready to be sent: what the outbox keeps of it.</summary>
/// <param name="Size">Bytes of the file.</param>
/// <param name="Hash">SHA-256 of the sealed file.</param>
public sealed record SealedAttachment(long Size, Digest Hash) : IDisposable
{
    /// <summary>The file's key.</summary>
    public required Secret Key { get; init; }

    /// <summary>The first bytes of each nonce.</summary>
    public required ReadOnlyMemory<byte> NoncePrefix { get; init; }

    /// <summary>What a message says of the file once it has a blob. The manifest holds a copy of the key.</summary>
    public AttachmentManifest ToManifest(Digest blob, string fileName, string contentType, string description = "") => new()
    {
        Blob = blob,
        Size = (ulong)Size,
        Key = Key.Span.ToArray(),
        NoncePrefix = NoncePrefix,
        Hash = Hash,
        ContentType = contentType,
        FileName = fileName,
        Description = description,
    };

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => Key.Dispose();
}

// The sealed file is written to a spool before anything is sent. It costs the file's size on disk for as long as the upload takes, and buys that
// the hash and size are known before the message is written, that the file may change or go meanwhile, and that what is sent again are the same
// bytes: a nonce is never used for two plaintexts.

/// <summary>Seals files.</summary>
public static class AttachmentSealer
{
    /// <summary>Seals a file under a fresh key.</summary>
    /// <param name="source">The file, from where it stands to its end; it must be able to say its length.</param>
    /// <param name="spool">Where the sealed file goes.</param>
    /// <param name="progress">Told of the bytes of the source that are sealed; may be null.</param>
    /// <param name="cancellation">Ends it between two chunks.</param>
    /// <exception cref="AttachmentException">Too large, or the source changed its length meanwhile.</exception>
    public static async Task<SealedAttachment> SealAsync(Stream source, Stream spool, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(spool);
        long size = source.Length - source.Position;
        if ((ulong)size > AttachmentManifest.FileBytes)
            throw new AttachmentException(AttachmentFault.TooLarge, $"A file has at most {AttachmentManifest.FileBytes} bytes.");
        Secret key = Secret.Random(SealedFile.KeySize);
        byte[] noncePrefix = RandomNumberGenerator.GetBytes(SealedFile.NoncePrefixSize);
        byte[] plaintext = GC.AllocateUninitializedArray<byte>(SealedFile.ChunkSize, pinned: true);
        byte[] chunk = new byte[SealedFile.SealedChunkSize];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = new SealedFile(key.Span, noncePrefix, size);
        try
        {
            for (long i = 0; i < file.Chunks; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                int length = file.LengthOf(i);
                int wanted = (int)Math.Clamp(size - (i * SealedFile.ChunkSize), 0, length);
                if (await source.ReadAtLeastAsync(plaintext.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, cancellation).ConfigureAwait(false) != wanted)
                    throw Changed();
                plaintext.AsSpan(wanted, length - wanted).Clear();
                file.Seal(i, plaintext.AsSpan(0, length), chunk.AsSpan(0, length + SealedFile.TagSize));
                hash.AppendData(chunk, 0, length + SealedFile.TagSize);
                await spool.WriteAsync(chunk.AsMemory(0, length + SealedFile.TagSize), cancellation).ConfigureAwait(false);
                progress?.Report(Math.Min((i + 1) * SealedFile.ChunkSize, size));
            }
            if (await source.ReadAsync(chunk.AsMemory(0, 1), cancellation).ConfigureAwait(false) != 0)
                throw Changed();
            await spool.FlushAsync(cancellation).ConfigureAwait(false);
            return new SealedAttachment(size, new Digest(hash.GetHashAndReset())) { Key = key, NoncePrefix = noncePrefix };
        }
        catch
        {
            key.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private static AttachmentException Changed()
        => new(AttachmentFault.SourceChanged, "The file changed its size while it was read. Send it again when nothing writes to it.");
}

/// <summary>Sends sealed files.</summary>
public static class AttachmentUpload
{
    // Pieces are some chunks long, so that one request is worth its round trip and memory stays small.
    private const int PieceSize = 16 * SealedFile.SealedChunkSize;

    /// <summary>Sends what the relay does not hold yet.</summary>
    /// <param name="spool">The sealed file, which can seek.</param>
    /// <param name="transfer">The blob.</param>
    /// <param name="progress">Told of the bytes that the relay holds; may be null.</param>
    /// <param name="cancellation">Ends it between two pieces; called again, it goes on there.</param>
    public static async Task SendAsync(Stream spool, IBlobTransfer transfer, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(spool);
        ArgumentNullException.ThrowIfNull(transfer);
        long size = spool.Length;
        long held = await transfer.HeldAsync(cancellation).ConfigureAwait(false);
        if (held < 0 || held > size)
            throw new AttachmentException(AttachmentFault.Tampered, "The relay says that it holds more of the file than there is.");
        byte[] piece = new byte[PieceSize];
        // From the start of the chunk that is begun: what the relay holds of it is overwritten by the same bytes.
        for (long offset = held == size ? size : held - (held % SealedFile.SealedChunkSize); offset < size;)
        {
            spool.Position = offset;
            int length = (int)Math.Min(piece.Length, size - offset);
            await spool.ReadExactlyAsync(piece.AsMemory(0, length), cancellation).ConfigureAwait(false);
            await transfer.SendAsync(offset, piece.AsMemory(0, length), cancellation).ConfigureAwait(false);
            offset += length;
            progress?.Report(offset);
        }
    }
}
