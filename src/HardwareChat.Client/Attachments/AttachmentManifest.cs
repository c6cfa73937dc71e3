using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Attachments;

// The ExternalPart of a file (draft-ietf-mimi-content §4.5):
//
//   url          hwchat:b/BLOB: a blob at the room's relay. No other scheme: a message makes nobody's client call anywhere
//   size         bytes of the blob, which must be exactly those that the file's size gives
//   encAlg       0xF0C1, of IANA's private range: the chunked ChaCha20-Poly1305 of SealedFile
//   key, nonce   32 random bytes, 7 random bytes
//   aad          uint64: bytes of the file
//   contentHash  SHA-256 of the blob
//
// Every number is checked against the others before anything is fetched, so there is nothing to inflate.

/// <summary>What a message says of a file: where its blob is, how to open it, and what must come out.</summary>
public sealed record AttachmentManifest
{
    /// <summary>Bytes of a file at most: what pads to a blob within the protocol's limit.</summary>
    public const ulong FileBytes = 3UL * 1024 * 1024 * 1024;

    private const ushort Algorithm = 0xF0C1;
    private const byte Sha256Algorithm = 1;

    /// <summary>The blob.</summary>
    public required Digest Blob { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required ulong Size { get; init; }

    /// <summary>The file's key: a secret, a slice of the buffer that was decoded, whose owner zeroes it.</summary>
    public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The first bytes of each chunk's nonce.</summary>
    public required ReadOnlyMemory<byte> NoncePrefix { get; init; }

    /// <summary>SHA-256 of the blob.</summary>
    public required Digest Hash { get; init; }

    /// <summary>The sender's word for what it is; hostile text.</summary>
    public required string ContentType { get; init; }

    /// <summary>The sender's name for it; hostile text. <c>FileName</c> makes a name for the disk of it.</summary>
    public required string FileName { get; init; }

    /// <summary>The sender's description; hostile text.</summary>
    public string Description { get; init; } = "";

    /// <summary>Unix seconds until which the blob is there; 0 if not said.</summary>
    public uint Expires { get; init; }

    /// <summary>Bytes of the blob.</summary>
    public long SealedSize => SealedFile.SealedSizeOf((long)Size);

    /// <summary>The manifest of a part, if it is a file of ours and its numbers fit each other.</summary>
    public static bool TryRead(ExternalPart part, [NotNullWhen(true)] out AttachmentManifest? manifest)
    {
        ArgumentNullException.ThrowIfNull(part);
        manifest = null;
        if (part.EncryptionAlgorithm != Algorithm || part.HashAlgorithm != Sha256Algorithm
            || part.Key.Length != SealedFile.KeySize || part.Nonce.Length != SealedFile.NoncePrefixSize
            || part.AssociatedData.Length != sizeof(ulong) || part.ContentHash.Length != Digest.Size
            || !ContentUri.TryParseBlob(part.Url, out Digest blob))
            return false;
        ulong size = BinaryPrimitives.ReadUInt64BigEndian(part.AssociatedData.Span);
        if (size > FileBytes || part.Size != (ulong)SealedFile.SealedSizeOf((long)size))
            return false;
        manifest = new AttachmentManifest
        {
            Blob = blob,
            Size = size,
            Key = part.Key,
            NoncePrefix = part.Nonce,
            Hash = new Digest(part.ContentHash.Span),
            ContentType = part.ContentType,
            FileName = part.FileName,
            Description = part.Description,
            Expires = part.Expires,
        };
        return true;
    }

    /// <summary>The part of a message that says this.</summary>
    public ExternalPart ToPart(Disposition disposition) => new(disposition, "")
    {
        ContentType = ContentType,
        Url = ContentUri.OfBlob(Blob),
        Expires = Expires,
        Size = (ulong)SealedSize,
        EncryptionAlgorithm = Algorithm,
        Key = Key,
        Nonce = NoncePrefix,
        AssociatedData = SealedFile.AssociatedDataOf((long)Size),
        HashAlgorithm = Sha256Algorithm,
        ContentHash = Hash.ToArray(),
        Description = Description,
        FileName = FileName,
    };

    /// <summary>The type's name and no key.</summary>
    public override string ToString() => nameof(AttachmentManifest);
}
