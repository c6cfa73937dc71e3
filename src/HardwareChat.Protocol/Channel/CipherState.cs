using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HardwareChat.Protocol;

// Noise rev 34 §5.1, §4.2 (cipher functions, REKEY), §12.3 (ChaChaPoly: 32 bits of zeros, then n little-endian).
//
// k lives in pinned memory from InitializeKey to Dispose or Rekey. Not thread-safe: each direction has one owner.

/// <summary>Noise's CipherState: a key k and a counter n that never repeats under it (Noise rev 34 §5.1).</summary>
public sealed class CipherState : IDisposable
{
    /// <summary>Bytes of k.</summary>
    public const int KeySize = 32;

    /// <summary>Bytes that the authentication tag adds.</summary>
    public const int TagSize = 16;

    /// <summary>The nonce that Noise keeps for <see cref="Rekey"/>; no message is ever sealed under it.</summary>
    public const ulong ReservedNonce = ulong.MaxValue;

    private const int NonceSize = 12;

    private readonly byte[] _k = Sodium.Pinned(KeySize);
    private bool _disposed;

    /// <summary>A state without a key: what passes through it is not encrypted, as §5.1 has it.</summary>
    public CipherState()
    {
    }

    /// <summary>A state with a copy of <paramref name="key"/> and n = 0.</summary>
    public CipherState(ReadOnlySpan<byte> key) => InitializeKey(key);

    /// <summary>Noise's HasKey().</summary>
    public bool HasKey { get; private set; }

    /// <summary>n: how many messages this key has sealed or opened.</summary>
    public ulong Nonce { get; private set; }

    /// <summary>Noise's InitializeKey(key): k is a copy of <paramref name="key"/>, n = 0.</summary>
    public void InitializeKey(ReadOnlySpan<byte> key)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (key.Length != KeySize)
            throw new ArgumentException($"a ChaCha20-Poly1305 key has {KeySize} bytes", nameof(key));
        key.CopyTo(_k);
        HasKey = true;
        Nonce = 0;
    }

    /// <summary>Noise's SetNonce(nonce). Setting it back under the same key breaks everything; the channel never calls it.</summary>
    public void SetNonce(ulong nonce) => Nonce = nonce;

    /// <summary>Noise's EncryptWithAd: seals into <paramref name="ciphertext"/>, which may begin where the plaintext does.</summary>
    /// <returns>Bytes written: those of the plaintext and, with a key, <see cref="TagSize"/> more.</returns>
    /// <exception cref="InvalidOperationException">n is exhausted.</exception>
    public int EncryptWithAd(ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!HasKey)
        {
            plaintext.CopyTo(ciphertext);
            return plaintext.Length;
        }
        int length = plaintext.Length + TagSize;
        if (ciphertext.Length < length)
            throw new ArgumentException("the buffer has no room for the ciphertext and its tag", nameof(ciphertext));
        Span<byte> nonce = stackalloc byte[NonceSize];
        WriteNonce(nonce);
        Sodium.Seal(_k, nonce, ad, plaintext, ciphertext[..length]);
        Nonce++;
        return length;
    }

    /// <summary>Noise's DecryptWithAd: opens into <paramref name="plaintext"/>, which may begin where the ciphertext does.</summary>
    /// <param name="ad">The associated data.</param>
    /// <param name="ciphertext">What <see cref="EncryptWithAd"/> wrote.</param>
    /// <param name="plaintext">Room for the plaintext.</param>
    /// <param name="written">Bytes of plaintext.</param>
    /// <returns>False, and n as it was, if the ciphertext is not authentic.</returns>
    /// <exception cref="InvalidOperationException">n is exhausted.</exception>
    public bool DecryptWithAd(ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, out int written)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        written = 0;
        if (!HasKey)
        {
            ciphertext.CopyTo(plaintext);
            written = ciphertext.Length;
            return true;
        }
        if (ciphertext.Length < TagSize)
            return false;
        int length = ciphertext.Length - TagSize;
        if (plaintext.Length < length)
            throw new ArgumentException("the buffer has no room for the plaintext", nameof(plaintext));
        Span<byte> nonce = stackalloc byte[NonceSize];
        WriteNonce(nonce);
        if (!Sodium.Open(_k, nonce, ad, ciphertext, plaintext[..length]))
            return false;
        Nonce++;
        written = length;
        return true;
    }

    /// <summary>Noise's Rekey(): k = the first 32 bytes of ENCRYPT(k, 2^64-1, zerolen, zeros). n goes on (§5.1, §11.3).</summary>
    /// <exception cref="InvalidOperationException">There is no key.</exception>
    public void Rekey()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!HasKey)
            throw new InvalidOperationException("there is no key to renew");
        Span<byte> nonce = stackalloc byte[NonceSize];
        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], ReservedNonce);
        Span<byte> zeros = stackalloc byte[KeySize];
        zeros.Clear();
        Span<byte> sealedZeros = stackalloc byte[KeySize + TagSize];
        Sodium.Seal(_k, nonce, [], zeros, sealedZeros);
        sealedZeros[..KeySize].CopyTo(_k);
        CryptographicOperations.ZeroMemory(sealedZeros);
    }

    /// <summary>Zeroes k.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_k);
        HasKey = false;
        _disposed = true;
    }

    // Noise rev 34 §5.1: "The maximum n value (2^64-1) is reserved for other use. If incrementing n results in 2^64-1, then any
    // further EncryptWithAd() or DecryptWithAd() calls will signal an error to the caller."
    private void WriteNonce(Span<byte> nonce)
    {
        if (Nonce == ReservedNonce)
            throw new InvalidOperationException("the nonces of this key are exhausted");
        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], Nonce);
    }
}
