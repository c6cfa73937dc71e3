using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §9.1
//
//   ratchet_secret_[N]_[j]
//         |
//         +--> DeriveTreeSecret(., "nonce", j, AEAD.Nn) = ratchet_nonce_[N]_[j]
//         |
//         +--> DeriveTreeSecret(., "key", j,  AEAD.Nk) = ratchet_key_[N]_[j]
//         |
//         V
//   DeriveTreeSecret(., "secret", j, KDF.Nh) = ratchet_secret_[N]_[j+1]
//
// Receiving is in two steps, so that a message that does not open changes nothing: TryPeek derives, Consume deletes. A secret is
// overwritten in place by its successor; a skipped key is kept until used, or until SkippedKeys younger ones are there.

/// <summary>One sender's sequence of single-use keys and nonces (RFC 9420 §9.1).</summary>
internal sealed class HashRatchet : IDisposable
{
    private readonly CipherSuite _suite;
    private readonly Secret _secret;
    private readonly SortedDictionary<uint, Secret> _skipped = [];

    // Generations are uint32 on the wire; after the last one the ratchet is at its end.
    private ulong _generation;

    /// <summary>The ratchet at generation 0.</summary>
    /// <param name="suite">The group's.</param>
    /// <param name="secret">ratchet_secret_[N]_[0]; the ratchet owns it from here on.</param>
    public HashRatchet(CipherSuite suite, Secret secret)
        : this(suite, secret, 0)
    {
    }

    private HashRatchet(CipherSuite suite, Secret secret, ulong generation)
    {
        _suite = suite;
        _secret = secret;
        _generation = generation;
    }

    private int KeyAndNonceLength => _suite.KeyLength + CipherSuite.NonceLength;

    /// <summary>The next key and nonce, for sending; they are never given out again.</summary>
    /// <returns>Their generation.</returns>
    /// <exception cref="InvalidOperationException">All 2^32 generations are used: the sender has to commit first.</exception>
    public uint Take(Span<byte> key, Span<byte> nonce)
    {
        if (_generation > uint.MaxValue)
            throw new InvalidOperationException("every key of this epoch is used");
        uint generation = (uint)_generation;
        DeriveKey(_secret.Span, generation, key, nonce);
        Step(_secret.WritableSpan, generation);
        _generation++;
        return generation;
    }

    /// <summary>The key and nonce of a generation, for opening a message; the ratchet stays as it was.</summary>
    public RatchetAnswer TryPeek(uint generation, RatchetBounds bounds, Span<byte> key, Span<byte> nonce)
    {
        if (generation < _generation)
        {
            if (!_skipped.TryGetValue(generation, out Secret? kept))
                return RatchetAnswer.Consumed;
            kept.Span[..key.Length].CopyTo(key);
            kept.Span[key.Length..].CopyTo(nonce);
            return RatchetAnswer.Found;
        }

        if (generation - _generation > (ulong)bounds.ForwardSteps)
            return RatchetAnswer.TooFarAhead;

        Span<byte> secret = stackalloc byte[_secret.Length];
        _secret.Span.CopyTo(secret);
        for (ulong passed = _generation; passed < generation; passed++)
            Step(secret, (uint)passed);
        DeriveKey(secret, generation, key, nonce);
        CryptographicOperations.ZeroMemory(secret);
        return RatchetAnswer.Found;
    }

    /// <summary>Deletes the key of a generation that opened a message, and all that it came from.</summary>
    /// <remarks>To be called after a <see cref="TryPeek"/> that found it. Keys of generations that were skipped are kept, within the bounds.</remarks>
    /// <returns>False if the key is gone already: another message of the same generation came first.</returns>
    public bool Consume(uint generation, RatchetBounds bounds)
    {
        if (_skipped.Remove(generation, out Secret? used))
        {
            used.Dispose();
            return true;
        }

        if (generation < _generation)
            return false;

        for (; _generation <= generation; _generation++)
        {
            if (generation - _generation is > 0 and ulong distance && distance <= (ulong)bounds.SkippedKeys)
                Keep((uint)_generation);
            Step(_secret.WritableSpan, (uint)_generation);
        }

        while (_skipped.Count > bounds.SkippedKeys)
        {
            uint oldest = _skipped.Keys.First();
            _skipped.Remove(oldest, out Secret? dropped);
            dropped?.Dispose();
        }

        return true;
    }

    public void Dispose()
    {
        _secret.Dispose();
        foreach (Secret kept in _skipped.Values)
            kept.Dispose();
        _skipped.Clear();
    }

    /// <summary>What is not consumed: the next generation, its secret, and the skipped keys.</summary>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(_generation);
        writer.WriteFixed(_secret.Span);
        writer.WriteLength(_skipped.Count);
        foreach ((uint generation, Secret kept) in _skipped)
        {
            writer.WriteUInt32(generation);
            writer.WriteFixed(kept.Span);
        }
    }

    /// <summary>A ratchet that <see cref="WriteTo"/> wrote.</summary>
    public static HashRatchet ReadFrom(ref TlsReader reader, CipherSuite suite)
    {
        ulong generation = reader.ReadUInt64();
        var ratchet = new HashRatchet(suite, Secret.CopyOf(reader.ReadFixed(suite.HashLength)), generation);
        int count = reader.ReadLength(reader.Remaining);
        for (int i = 0; i < count; i++)
        {
            uint skipped = reader.ReadUInt32();
            if (skipped >= generation || !ratchet._skipped.TryAdd(skipped, Secret.CopyOf(reader.ReadFixed(ratchet.KeyAndNonceLength))))
                throw reader.Malformed("a skipped key is not of an earlier generation, or is there twice");
        }

        return ratchet;
    }

    private void Keep(uint generation)
    {
        Secret kept = Secret.Zero(KeyAndNonceLength);
        DeriveKey(_secret.Span, generation, kept.WritableSpan[.._suite.KeyLength], kept.WritableSpan[_suite.KeyLength..]);
        _skipped.Add(generation, kept);
    }

    private void DeriveKey(ReadOnlySpan<byte> secret, uint generation, Span<byte> key, Span<byte> nonce)
    {
        _suite.DeriveTreeSecret(secret, "key"u8, generation, key);
        _suite.DeriveTreeSecret(secret, "nonce"u8, generation, nonce);
    }

    private void Step(Span<byte> secret, uint generation)
    {
        Span<byte> next = stackalloc byte[secret.Length];
        _suite.DeriveTreeSecret(secret, "secret"u8, generation, next);
        next.CopyTo(secret);
        CryptographicOperations.ZeroMemory(next);
    }
}
