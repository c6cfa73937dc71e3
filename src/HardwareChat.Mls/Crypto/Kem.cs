namespace HardwareChat.Mls;

// A key encapsulation mechanism as HPKE sees it (RFC 9180 §4). Nothing above this file may assume Diffie-Hellman: a suite whose KEM
// is a hybrid (X-Wing: libsodium's crypto_kem_xwing_*) is one more subclass here and one more row of the table in CipherSuite.

/// <summary>A key encapsulation mechanism (RFC 9180 §4).</summary>
internal abstract class Kem
{
    /// <summary>The number of RFC 9180 §7.1.</summary>
    public abstract ushort Id { get; }

    /// <summary>Nsecret, in bytes.</summary>
    public abstract int SharedSecretLength { get; }

    /// <summary>Nenc, in bytes.</summary>
    public abstract int OutputLength { get; }

    /// <summary>Npk, in bytes.</summary>
    public abstract int PublicKeyLength { get; }

    /// <summary>Nsk, in bytes.</summary>
    public abstract int PrivateKeyLength { get; }

    /// <summary>GenerateKeyPair().</summary>
    public virtual HpkeKeyPair GenerateKeyPair()
    {
        // RFC 9180 §7.1.3: a random ikm of Nsk bytes through DeriveKeyPair is a random key pair.
        using Secret ikm = Secret.Random(PrivateKeyLength);
        return DeriveKeyPair(ikm.Span);
    }

    /// <summary>DeriveKeyPair(ikm).</summary>
    public abstract HpkeKeyPair DeriveKeyPair(ReadOnlySpan<byte> ikm);

    /// <summary>DeserializePrivateKey(skXm), with its public key.</summary>
    /// <exception cref="ArgumentException">Not a private key of this KEM.</exception>
    public abstract HpkeKeyPair ImportPrivateKey(ReadOnlySpan<byte> privateKey);

    /// <summary>Whether the bytes are a public key that this KEM accepts, as far as that shows before its use.</summary>
    public abstract bool IsPublicKey(ReadOnlySpan<byte> publicKey);

    /// <summary>Encap(pkR): false if the public key is none.</summary>
    /// <param name="publicKey">pkRm.</param>
    /// <param name="output">enc, Nenc bytes.</param>
    /// <param name="sharedSecret">Nsecret bytes, the caller's to erase.</param>
    public abstract bool TryEncapsulate(ReadOnlySpan<byte> publicKey, Span<byte> output, Span<byte> sharedSecret);

    /// <summary>Decap(enc, skR): false if the output is none, or the private key is none of this KEM.</summary>
    public abstract bool TryDecapsulate(ReadOnlySpan<byte> output, ReadOnlySpan<byte> privateKey, Span<byte> sharedSecret);
}
