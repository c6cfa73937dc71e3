using System.Security.Cryptography;

namespace HardwareChat.Mls;

/// <summary>HKDF (RFC 5869) with its hash function: the hash, MAC and key derivation of a cipher suite.</summary>
/// <remarks>SHA-256 of short inputs, which key derivation is full of, goes to libsodium; the rest to the platform.</remarks>
internal sealed class Kdf
{
    public static readonly Kdf HkdfSha256 = new(0x0001, HashAlgorithmName.SHA256, 32);
    public static readonly Kdf HkdfSha384 = new(0x0002, HashAlgorithmName.SHA384, 48);
    public static readonly Kdf HkdfSha512 = new(0x0003, HashAlgorithmName.SHA512, 64);

    // Beyond this the platform's SHA-256 instructions outweigh the cost of calling them.
    private const int LongMessage = 256;

    private readonly HashAlgorithmName _hash;
    private readonly bool _isSha256;

    private Kdf(ushort id, HashAlgorithmName hash, int hashLength)
    {
        Id = id;
        _hash = hash;
        _isSha256 = hash == HashAlgorithmName.SHA256;
        HashLength = hashLength;
    }

    /// <summary>The number of RFC 9180 §7.2.</summary>
    public ushort Id { get; }

    /// <summary>Nh, in bytes.</summary>
    public int HashLength { get; }

    public void Hash(ReadOnlySpan<byte> message, Span<byte> hash)
    {
        if (_isSha256)
            SHA256.HashData(message, hash);
        else if (HashLength == 48)
            SHA384.HashData(message, hash);
        else
            SHA512.HashData(message, hash);
    }

    public void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> mac)
    {
        if (!_isSha256)
            CryptographicOperations.HmacData(_hash, key, message, mac);
        else if (key.Length == HashLength && message.Length <= LongMessage)
            Sodium.HmacSha256(key, message, mac);
        else
            HMACSHA256.HashData(key, message, mac);
    }

    public void Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> ikm, Span<byte> prk)
    {
        if (_isSha256 && ikm.Length <= LongMessage)
            Sodium.HkdfSha256Extract(salt, ikm, prk);
        else
            HKDF.Extract(_hash, ikm, salt, prk);
    }

    /// <exception cref="ArgumentException">The key is shorter than the hash, or the output longer than 255 hashes.</exception>
    public void Expand(ReadOnlySpan<byte> prk, ReadOnlySpan<byte> info, Span<byte> output)
    {
        if (_isSha256 && prk.Length == HashLength && info.Length <= LongMessage)
            Sodium.HkdfSha256Expand(prk, info, output);
        else
            HKDF.Expand(_hash, prk, output, info);
    }
}
