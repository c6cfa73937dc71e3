using System.Security.Cryptography;

namespace HardwareChat.Mls;

/// <summary>DHKEM(X25519, HKDF-SHA256): RFC 9180 §7.1, RFC 7748.</summary>
internal sealed class DhKemX25519 : DhKem
{
    public static readonly DhKemX25519 Instance = new();

    private const int KeyLength = 32;

    private DhKemX25519()
        : base(0x0020, Mls.Kdf.HkdfSha256)
    {
    }

    public override int PublicKeyLength => KeyLength;

    public override int PrivateKeyLength => KeyLength;

    protected override int DhLength => KeyLength;

    public override HpkeKeyPair GenerateKeyPair()
    {
        Secret privateKey = Secret.Random(KeyLength);
        return Pair(privateKey);
    }

    // RFC 9180 §7.1.3
    //
    //   dkp_prk = LabeledExtract("", "dkp_prk", ikm)
    //   sk = LabeledExpand(dkp_prk, "sk", "", Nsk)
    public override HpkeKeyPair DeriveKeyPair(ReadOnlySpan<byte> ikm)
    {
        Span<byte> prk = stackalloc byte[Kdf.HashLength];
        Kdf.Extract([], "dkp_prk"u8, ikm, prk);
        Secret privateKey = Secret.Zero(KeyLength);
        Kdf.Expand(prk, "sk"u8, [], privateKey.WritableSpan);
        CryptographicOperations.ZeroMemory(prk);
        return Pair(privateKey);
    }

    public override HpkeKeyPair ImportPrivateKey(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != KeyLength)
            throw new ArgumentException("an X25519 private key has 32 bytes", nameof(privateKey));
        return Pair(Secret.CopyOf(privateKey));
    }

    // Every 32 bytes are a public key; one of small order shows when the shared point is zero.
    public override bool IsPublicKey(ReadOnlySpan<byte> publicKey) => publicKey.Length == KeyLength;

    protected override void GeneratePrivateKey(Span<byte> privateKey) => RandomNumberGenerator.Fill(privateKey);

    // RFC 9180 §7.1.4: "recipients MUST check whether the Diffie-Hellman shared secret is the all-zero value and abort if so".
    protected override bool TryDh(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> dh, Span<byte> ownPublicKey)
    {
        if (!Sodium.X25519(privateKey, publicKey, dh))
            return false;
        Sodium.X25519PublicKey(privateKey, ownPublicKey);
        return true;
    }

    private static HpkeKeyPair Pair(Secret ownedPrivateKey)
    {
        Span<byte> publicKey = stackalloc byte[KeyLength];
        Sodium.X25519PublicKey(ownedPrivateKey.Span, publicKey);
        return new HpkeKeyPair(new HpkePrivateKey(ownedPrivateKey), new HpkePublicKey(publicKey));
    }
}
