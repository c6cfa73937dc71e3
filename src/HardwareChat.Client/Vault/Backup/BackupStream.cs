using System.Buffers.Binary;
using System.Security.Cryptography;
using HardwareChat.Protocol;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client;

// STREAM (Hoang, Reyhanitabar, Rogaway, Vizar: "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015), as age uses it:
//
//   chunk = uint32 length || ChaCha20-Poly1305(key, nonce = uint24 0 || uint64 counter || uint8 last, at most 64 KiB, ad = SHA-256 of the header)
//   key   = HKDF-Expand(backup key, "HardwareChat 1 vault backup" || 0x00)
//
// A chunk moved, left out or repeated has another counter; a file that was cut short ends without a chunk marked as the last.
// The content of all chunks together is records: struct { VaultTable table; opaque row<V>; }, a row being its plaintext, name and value.

/// <summary>Seals or opens the chunks of one backup, in order.</summary>
internal sealed class BackupStream : IDisposable
{
    public const int ChunkSize = 64 << 10;

    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly Key _key;
    private readonly byte[] _ad;
    private readonly byte[] _nonce = new byte[NonceSize];

    public BackupStream(ReadOnlySpan<byte> backupKey, ReadOnlySpan<byte> header)
    {
        byte[] derived = GC.AllocateArray<byte>(VaultKeys.Size, pinned: true);
        HKDF.Expand(HashAlgorithmName.SHA256, backupKey, derived, Labelled.Bytes(Labels.VaultBackup, []));
        _key = Key.Import(AeadAlgorithm.ChaCha20Poly1305, derived, KeyBlobFormat.RawSymmetricKey);
        CryptographicOperations.ZeroMemory(derived);
        _ad = SHA256.HashData(header);
    }

    public void WriteChunk(Stream output, ReadOnlySpan<byte> plaintext, bool isLast)
    {
        byte[] chunk = new byte[sizeof(uint) + plaintext.Length + TagSize];
        BinaryPrimitives.WriteUInt32BigEndian(chunk, (uint)(plaintext.Length + TagSize));
        AeadAlgorithm.ChaCha20Poly1305.Encrypt(_key, Nonce(isLast), _ad, plaintext, chunk.AsSpan(sizeof(uint)));
        output.Write(chunk);
        Advance();
    }

    /// <summary>The next chunk's content, and whether it is the last.</summary>
    /// <exception cref="VaultException">The file ends too early, or the chunk is not what was written there.</exception>
    public byte[] ReadChunk(Stream input, out bool isLast)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        if (input.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) < length.Length)
            throw Damaged("it ends too early");
        uint size = BinaryPrimitives.ReadUInt32BigEndian(length);
        if (size is < TagSize or > ChunkSize + TagSize)
            throw Damaged("a part of it has a length that none has");
        byte[] chunk = new byte[size];
        if (input.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false) < chunk.Length)
            throw Damaged("it ends too early");
        byte[] plaintext = new byte[chunk.Length - TagSize];
        isLast = AeadAlgorithm.ChaCha20Poly1305.Decrypt(_key, Nonce(isLast: true), _ad, chunk, plaintext);
        if (!isLast && !AeadAlgorithm.ChaCha20Poly1305.Decrypt(_key, Nonce(isLast: false), _ad, chunk, plaintext))
            throw Damaged("a part of it is not what was written there");
        Advance();
        if (isLast && input.ReadByte() >= 0)
            throw Damaged("something follows its end");
        return plaintext;
    }

    public void Dispose() => _key.Dispose();

    public static VaultException Damaged(string what, DecodeException? cause = null)
        => new(VaultFault.Damaged, $"The backup is damaged, or somebody changed it: {what}.", cause);

    private byte[] Nonce(bool isLast)
    {
        _nonce[^1] = isLast ? (byte)1 : (byte)0;
        return _nonce;
    }

    private void Advance()
    {
        Span<byte> counter = _nonce.AsSpan(NonceSize - 1 - sizeof(ulong), sizeof(ulong));
        BinaryPrimitives.WriteUInt64BigEndian(counter, checked(BinaryPrimitives.ReadUInt64BigEndian(counter) + 1));
    }
}
