using System.Security.Cryptography;

namespace HardwareChat.Protocol;

// Noise rev 34 §5.2, with HASH = SHA-256 and HKDF as §4.3 defines it, which is RFC 5869 with salt = ck and no info:
//
//   InitializeSymmetric(name)   h = name padded with zeros, or HASH(name); ck = h
//   MixHash(data)               h = HASH(h || data)
//   MixKey(ikm)                 ck, k = HKDF(ck, ikm, 2)
//   Split()                     k1, k2 = HKDF(ck, zerolen, 2)
//
// ck and h live in pinned memory until Dispose; h is secret before the first MixKey only in that nobody needs it.

/// <summary>Noise's SymmetricState: the chaining key ck, the transcript hash h and a CipherState (Noise rev 34 §5.2).</summary>
public sealed class SymmetricState : IDisposable
{
    /// <summary>HASHLEN of SHA-256.</summary>
    public const int HashSize = 32;

    private readonly byte[] _ck = Sodium.Pinned(HashSize);
    private readonly byte[] _h = Sodium.Pinned(HashSize);
    private readonly CipherState _cipher = new();

    /// <summary>Noise's InitializeSymmetric(protocol_name).</summary>
    public SymmetricState(ReadOnlySpan<byte> protocolName)
    {
        if (protocolName.Length <= HashSize)
            protocolName.CopyTo(_h);
        else
            SHA256.HashData(protocolName, _h);
        _h.CopyTo(_ck, 0);
    }

    /// <summary>h, the hash of everything that both sides have sent and mixed so far.</summary>
    public ReadOnlySpan<byte> HandshakeHash => _h;

    /// <summary>Noise's MixKey(input_key_material).</summary>
    public void MixKey(ReadOnlySpan<byte> inputKeyMaterial)
    {
        Span<byte> output = stackalloc byte[2 * HashSize];
        Hkdf(_ck, inputKeyMaterial, output);
        output[..HashSize].CopyTo(_ck);
        _cipher.InitializeKey(output[HashSize..]);
        CryptographicOperations.ZeroMemory(output);
    }

    /// <summary>Noise's MixHash(data).</summary>
    public void MixHash(ReadOnlySpan<byte> data)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_h);
        hash.AppendData(data);
        hash.GetHashAndReset(_h);
    }

    /// <summary>Noise's EncryptAndHash(plaintext); returns the bytes written.</summary>
    public int EncryptAndHash(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        int length = _cipher.EncryptWithAd(_h, plaintext, ciphertext);
        MixHash(ciphertext[..length]);
        return length;
    }

    /// <summary>Noise's DecryptAndHash(ciphertext); false if it is not authentic, and then h is as it was.</summary>
    public bool DecryptAndHash(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, out int written)
    {
        if (!_cipher.DecryptWithAd(_h, ciphertext, plaintext, out written))
            return false;
        MixHash(ciphertext);
        return true;
    }

    /// <summary>Noise's Split(): the initiator's sending key, then the responder's. The caller disposes both.</summary>
    public (CipherState Initiator, CipherState Responder) Split()
    {
        Span<byte> output = stackalloc byte[2 * HashSize];
        Hkdf(_ck, [], output);
        var initiator = new CipherState(output[..HashSize]);
        var responder = new CipherState(output[HashSize..]);
        CryptographicOperations.ZeroMemory(output);
        return (initiator, responder);
    }

    /// <summary>Zeroes ck, h and k.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_ck);
        CryptographicOperations.ZeroMemory(_h);
        _cipher.Dispose();
    }

    // Noise rev 34 §4.3. Written out, as neither NSec's HKDF nor OpenSSL's takes the empty input that Split has.
    private static void Hkdf(ReadOnlySpan<byte> chainingKey, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> output)
    {
        Span<byte> tempKey = stackalloc byte[HashSize];
        HMACSHA256.HashData(chainingKey, inputKeyMaterial, tempKey);
        HMACSHA256.HashData(tempKey, [1], output[..HashSize]);
        Span<byte> second = stackalloc byte[HashSize + 1];
        output[..HashSize].CopyTo(second);
        second[HashSize] = 2;
        HMACSHA256.HashData(tempKey, second, output[HashSize..]);
        CryptographicOperations.ZeroMemory(tempKey);
        CryptographicOperations.ZeroMemory(second);
    }
}
