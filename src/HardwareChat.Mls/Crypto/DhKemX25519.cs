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

    // Any 32 bytes are a point. With one of small order every shared secret is zero, and TryDh says no: in the tree, such a key would stop
    // all who encrypt to it. So it is none here either.
    public override bool IsPublicKey(ReadOnlySpan<byte> publicKey) => publicKey.Length == KeyLength && !IsOfSmallOrder(publicKey);

    protected override void GeneratePrivateKey(Span<byte> privateKey) => RandomNumberGenerator.Fill(privateKey);

    // RFC 9180 §7.1.4: "recipients MUST check whether the Diffie-Hellman shared secret is the all-zero value and abort if so".
    protected override bool TryDh(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> dh, Span<byte> ownPublicKey)
    {
        if (!Sodium.X25519(privateKey, publicKey, dh))
            return false;
        Sodium.X25519PublicKey(privateKey, ownPublicKey);
        return true;
    }

    // The order divides 8, as every private key does: with any of them the shared point is zero.
    private static bool IsOfSmallOrder(ReadOnlySpan<byte> publicKey)
    {
        // RFC 7748 §5: "implementations of X25519 [...] MUST mask the most significant bit in the final byte".
        Span<byte> masked = stackalloc byte[KeyLength];
        publicKey.CopyTo(masked);
        masked[^1] &= 0x7F;
        for (int start = 0; start < SmallOrder.Length; start += KeyLength)
        {
            if (masked.SequenceEqual(SmallOrder.Slice(start, KeyLength)))
                return true;
        }

        return false;
    }

    // Coordinates u of all such points: 0, 1, two of order 8, p - 1, and the unreduced p and p + 1; p = 2^255 - 19.
    private static ReadOnlySpan<byte> SmallOrder =>
    [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0xE0, 0xEB, 0x7A, 0x7C, 0x3B, 0x41, 0xB8, 0xAE, 0x16, 0x56, 0xE3, 0xFA, 0xF1, 0x9F, 0xC4, 0x6A,
        0xDA, 0x09, 0x8D, 0xEB, 0x9C, 0x32, 0xB1, 0xFD, 0x86, 0x62, 0x05, 0x16, 0x5F, 0x49, 0xB8, 0x00,
        0x5F, 0x9C, 0x95, 0xBC, 0xA3, 0x50, 0x8C, 0x24, 0xB1, 0xD0, 0xB1, 0x55, 0x9C, 0x83, 0xEF, 0x5B,
        0x04, 0x44, 0x5C, 0xC4, 0x58, 0x1C, 0x8E, 0x86, 0xD8, 0x22, 0x4E, 0xDD, 0xD0, 0x9F, 0x11, 0x57,
        0xEC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
        0xED, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
        0xEE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
    ];

    private static HpkeKeyPair Pair(Secret ownedPrivateKey)
    {
        Span<byte> publicKey = stackalloc byte[KeyLength];
        Sodium.X25519PublicKey(ownedPrivateKey.Span, publicKey);
        return new HpkeKeyPair(new HpkePrivateKey(ownedPrivateKey), new HpkePublicKey(publicKey));
    }
}
