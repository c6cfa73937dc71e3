using System.Security.Cryptography;

namespace HardwareChat.Mls;

/// <summary>Authenticated encryption with one output, ciphertext then tag (RFC 5116): AES-GCM or ChaCha20-Poly1305.</summary>
internal sealed class Aead
{
    public static readonly Aead Aes128Gcm = new(0x0001, 16);
    public static readonly Aead Aes256Gcm = new(0x0002, 32);
    public static readonly Aead ChaCha20Poly1305 = new(0x0003, 32);

    /// <summary>Nn, the same for all.</summary>
    public const int NonceLength = 12;

    /// <summary>Nt, the same for all.</summary>
    public const int TagLength = 16;

    private Aead(ushort id, int keyLength)
    {
        Id = id;
        KeyLength = keyLength;
    }

    /// <summary>The number of RFC 9180 §7.3.</summary>
    public ushort Id { get; }

    /// <summary>Nk, in bytes.</summary>
    public int KeyLength { get; }

    /// <param name="key">Nk bytes.</param>
    /// <param name="nonce">Nn bytes, never used before with the key.</param>
    /// <param name="associated">Authenticated, not encrypted.</param>
    /// <param name="plaintext">May be the same memory as the start of the ciphertext.</param>
    /// <param name="ciphertext">Exactly <see cref="TagLength"/> longer than the plaintext.</param>
    public void Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        RequireSizes(key, plaintext.Length, ciphertext.Length);
        if (this == ChaCha20Poly1305)
        {
            Sodium.ChaCha20Poly1305Seal(key, nonce, associated, plaintext, ciphertext);
            return;
        }

        using var gcm = new AesGcm(key, TagLength);
        gcm.Encrypt(nonce, plaintext, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], associated);
    }

    /// <summary>False if the ciphertext is not authentic; the plaintext is then zeros.</summary>
    /// <param name="key">Nk bytes.</param>
    /// <param name="nonce">Nn bytes.</param>
    /// <param name="associated">Authenticated, not encrypted.</param>
    /// <param name="ciphertext">Ciphertext, then tag.</param>
    /// <param name="plaintext">Exactly <see cref="TagLength"/> shorter than the ciphertext.</param>
    public bool TryOpen(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        RequireSizes(key, plaintext.Length, ciphertext.Length);
        if (this == ChaCha20Poly1305)
        {
            if (Sodium.ChaCha20Poly1305Open(key, nonce, associated, ciphertext, plaintext))
                return true;
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }

        using var gcm = new AesGcm(key, TagLength);
        try
        {
            gcm.Decrypt(nonce, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], plaintext, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            // The platform's way to say no; it has zeroed the plaintext.
            return false;
        }
    }

    private void RequireSizes(ReadOnlySpan<byte> key, int plaintext, int ciphertext)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength, nameof(key));
        ArgumentOutOfRangeException.ThrowIfNotEqual(ciphertext, plaintext + TagLength);
    }
}
