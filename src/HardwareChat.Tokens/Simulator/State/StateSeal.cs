using System.Security.Cryptography;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Tokens.Simulator.State;

/// <summary>Seals a state file under a pass phrase: Argon2id for the key, XChaCha20-Poly1305 for the bytes.</summary>
/// <remarks>
/// <code>struct { opaque salt[16]; uint32 memory_kib; uint32 passes; } SealParameters;</code>
/// The key is derived once and kept while the card is in use; the nonce is random, long enough to be drawn anew each time.
/// </remarks>
internal sealed class StateSeal : IDisposable
{
    private const int SaltSize = 16;
    private const uint Memory = 64 * 1024;
    private const uint Passes = 3;
    private const uint MostMemory = 1024 * 1024;
    private const uint MostPasses = 16;
    private static readonly AeadAlgorithm Cipher = AeadAlgorithm.XChaCha20Poly1305;

    private readonly byte[] _salt;
    private readonly uint _memory;
    private readonly uint _passes;
    private readonly Key _key;

    private StateSeal(byte[] salt, uint memory, uint passes, ReadOnlySpan<byte> passphrase)
    {
        (_salt, _memory, _passes) = (salt, memory, passes);
        var argon2 = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters
        {
            DegreeOfParallelism = 1,
            MemorySize = memory,
            NumberOfPasses = passes,
        });
        _key = argon2.DeriveKey(passphrase, salt, Cipher);
    }

    public static StateSeal Create(ReadOnlySpan<byte> passphrase) =>
        new(RandomNumberGenerator.GetBytes(SaltSize), Memory, Passes, passphrase);

    /// <summary>Reads the parameters and derives the key; work factors out of bounds are refused before any work.</summary>
    public static StateSeal Read(ref TlsReader reader, ReadOnlySpan<byte> passphrase)
    {
        byte[] salt = reader.ReadFixed(SaltSize).ToArray();
        uint memory = reader.ReadUInt32();
        uint passes = reader.ReadUInt32();
        if (memory is < 8 * 1024 or > MostMemory || passes is < 1 or > MostPasses)
            throw reader.Malformed("the work factors of the seal are out of bounds");
        return new StateSeal(salt, memory, passes, passphrase);
    }

    public void WriteParameters(ref TlsWriter writer)
    {
        writer.WriteFixed(_salt);
        writer.WriteUInt32(_memory);
        writer.WriteUInt32(_passes);
    }

    /// <summary>nonce, then ciphertext and tag.</summary>
    public byte[] Close(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(Cipher.NonceSize);
        return [.. nonce, .. Cipher.Encrypt(_key, nonce, associated, plaintext)];
    }

    /// <summary>The plaintext, or <see langword="null"/> if the pass phrase is wrong or a byte was changed.</summary>
    public byte[]? Open(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> closed) =>
        closed.Length < Cipher.NonceSize
            ? null
            : Cipher.Decrypt(_key, closed[..Cipher.NonceSize], associated, closed[Cipher.NonceSize..]);

    public void Dispose() => _key.Dispose();
}
