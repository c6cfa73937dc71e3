using System.Security.Cryptography;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Attachments;

// A chunk is opened before a byte of it is written, so the part file holds nothing but verified plaintext, always. To go on after a break, the
// chunks that it holds are sealed again (same key, nonce and bytes give the same sealed chunk), which brings the hash to where it
// stood; if somebody changed the part file meanwhile, the hash at the end tells, and the file is fetched anew.
//
// The file gets its name only when it is whole. It never takes the place of another.

/// <summary>Fetches files.</summary>
public static class AttachmentDownload
{
    private const int Names = 1000;

    /// <summary>Fetches a file, or the rest of it.</summary>
    /// <param name="manifest">What the message says.</param>
    /// <param name="transfer">The blob.</param>
    /// <param name="part">A path in a folder of the program's own, the same one for each attempt; the file is made or gone on with.</param>
    /// <param name="folder">Where the file goes when it is whole.</param>
    /// <param name="progress">Told of the bytes of the file that are there; may be null.</param>
    /// <param name="cancellation">Ends it between two chunks; called again, it goes on there.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="AttachmentException">The blob is not what the message promised: the part file is gone then. Or no name is free.</exception>
    public static async Task<string> FetchAsync(
        AttachmentManifest manifest, IBlobTransfer transfer, string part, string folder, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(transfer);
        try
        {
            bool resumed = File.Exists(part);
            if (!await TryFetchAsync(manifest, transfer, part, progress, cancellation).ConfigureAwait(false))
            {
                File.Delete(part);
                if (!resumed || !await TryFetchAsync(manifest, transfer, part, progress, cancellation).ConfigureAwait(false))
                    throw new AttachmentException(AttachmentFault.Tampered, "The file is not the one that the message promised.");
            }
        }
        catch (AttachmentException refusal) when (refusal.Fault == AttachmentFault.Tampered)
        {
            File.Delete(part);
            throw;
        }
        return Place(part, folder, FileName.Of(manifest.FileName));
    }

    // False: every chunk opened, but the whole is not what was hashed.
    private static async Task<bool> TryFetchAsync(
        AttachmentManifest manifest, IBlobTransfer transfer, string part, IProgress<long>? progress, CancellationToken cancellation)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        FileStream stream = new(part, options);
        await using (stream.ConfigureAwait(false))
        {
            using var file = new SealedFile(manifest.Key.Span, manifest.NoncePrefix.Span, (long)manifest.Size);
            using var pieces = new Pieces(file);
            long next = await pieces.SealAgainAsync(stream, cancellation).ConfigureAwait(false);
            for (long i = next; i < file.Chunks; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                await pieces.FetchAsync(i, transfer, cancellation).ConfigureAwait(false);
                await stream.WriteAsync(pieces.OpenPlaintext(i), cancellation).ConfigureAwait(false);
                progress?.Report(stream.Position);
            }
            stream.Flush(flushToDisk: true);
            return pieces.Hash() == manifest.Hash;
        }
    }

    // Moving without overwriting is one step of the file system, so that no name is taken between a look and the move.
    private static string Place(string part, string folder, string name)
    {
        for (int number = 1; number <= Names; number++)
        {
            string path = Path.Combine(folder, number == 1 ? name : FileName.Numbered(name, number));
            try
            {
                File.Move(part, path, overwrite: false);
                return path;
            }
            catch (IOException) when (Path.Exists(path))
            {
                // Taken: the next number.
            }
        }
        throw new AttachmentException(AttachmentFault.NoFreeName, $"There are {Names} files of that name in the folder.");
    }

    private sealed class Pieces(SealedFile file) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _sealed = new byte[SealedFile.SealedChunkSize];
        private readonly byte[] _plaintext = GC.AllocateUninitializedArray<byte>(SealedFile.ChunkSize, pinned: true);

        public Digest Hash() => new(_hash.GetHashAndReset());

        // The number of whole chunks in the part file, which then ends with them.
        public async Task<long> SealAgainAsync(FileStream part, CancellationToken cancellation)
        {
            long whole = Math.Min(part.Length, file.Size) / SealedFile.ChunkSize;
            for (long i = 0; i < whole; i++)
            {
                int length = file.LengthOf(i);
                await part.ReadExactlyAsync(_plaintext.AsMemory(0, length), cancellation).ConfigureAwait(false);
                file.Seal(i, _plaintext.AsSpan(0, length), _sealed.AsSpan(0, length + SealedFile.TagSize));
                _hash.AppendData(_sealed, 0, length + SealedFile.TagSize);
            }
            part.SetLength(whole * SealedFile.ChunkSize);
            part.Position = part.Length;
            return whole;
        }

        public async Task FetchAsync(long chunk, IBlobTransfer transfer, CancellationToken cancellation)
        {
            int wanted = file.LengthOf(chunk) + SealedFile.TagSize;
            long offset = chunk * SealedFile.SealedChunkSize;
            for (int got = 0; got < wanted;)
            {
                int read = await transfer.FetchAsync(offset + got, _sealed.AsMemory(got, wanted - got), cancellation).ConfigureAwait(false);
                if (read <= 0 || read > wanted - got)
                    throw new AttachmentException(AttachmentFault.Truncated, "The relay has less of the file than the message promised.");
                got += read;
            }
            _hash.AppendData(_sealed, 0, wanted);
        }

        /// <summary>What of a chunk belongs to the file: its padding is zeros, and left out.</summary>
        public ReadOnlyMemory<byte> OpenPlaintext(long chunk)
        {
            int length = file.LengthOf(chunk);
            file.Open(chunk, _sealed.AsSpan(0, length + SealedFile.TagSize), _plaintext.AsSpan(0, length));
            int kept = (int)Math.Clamp(file.Size - (chunk * SealedFile.ChunkSize), 0, length);
            return _plaintext.AsSpan(kept, length - kept).ContainsAnyExcept((byte)0)
                ? throw new AttachmentException(AttachmentFault.Tampered, "The file's padding is not zeros.")
                : _plaintext.AsMemory(0, kept);
        }

        public void Dispose()
        {
            CryptographicOperations.ZeroMemory(_plaintext);
            _hash.Dispose();
        }
    }
}
