using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace HardwareChat.Mls;

// RFC 9420 §5.1, §17.1. The labelled functions of §5.1, §5.2 and §8 are in the other half, CipherSuite.Labels.cs.

/// <summary>A cipher suite: the algorithms of a group, and the RFC's functions over them.</summary>
/// <remarks>Immutable and safe for all threads. The suites that this library has are the static properties.</remarks>
public sealed partial class CipherSuite
{
    private readonly Kdf _kdf;
    private readonly Aead _aead;
    private readonly Hpke _hpke;

    private CipherSuite(ushort id, string name, Kem kem, Aead aead, Kdf kdf, SignatureScheme signature)
    {
        Id = new CipherSuiteId(id);
        Name = name;
        SignatureScheme = signature;
        _kdf = kdf;
        _aead = aead;
        _hpke = new Hpke(kem, kdf, aead);
    }

    // The table. A hybrid with X-Wing (draft-ietf-mls-pq-ciphersuites) becomes a row here once its number is assigned; its KEM, a class
    // beside DhKem over libsodium's crypto_kem_xwing_*. 0x0004 and 0x0006 need X448 and Ed448, which neither library has.

    /// <summary>MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519, 0x0001: the one that every implementation has.</summary>
    public static CipherSuite X25519Aes128GcmSha256Ed25519 { get; } = new(
        0x0001, "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
        DhKemX25519.Instance, Aead.Aes128Gcm, Kdf.HkdfSha256, SignatureScheme.Ed25519);

    /// <summary>MLS_128_DHKEMP256_AES128GCM_SHA256_P256, 0x0002.</summary>
    public static CipherSuite P256Aes128GcmSha256P256 { get; } = new(
        0x0002, "MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
        DhKemNist.P256, Aead.Aes128Gcm, Kdf.HkdfSha256, SignatureScheme.EcdsaSecp256r1Sha256);

    /// <summary>MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519, 0x0003.</summary>
    public static CipherSuite X25519ChaCha20Poly1305Sha256Ed25519 { get; } = new(
        0x0003, "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
        DhKemX25519.Instance, Aead.ChaCha20Poly1305, Kdf.HkdfSha256, SignatureScheme.Ed25519);

    /// <summary>MLS_256_DHKEMP521_AES256GCM_SHA512_P521, 0x0005.</summary>
    public static CipherSuite P521Aes256GcmSha512P521 { get; } = new(
        0x0005, "MLS_256_DHKEMP521_AES256GCM_SHA512_P521",
        DhKemNist.P521, Aead.Aes256Gcm, Kdf.HkdfSha512, SignatureScheme.EcdsaSecp521r1Sha512);

    /// <summary>MLS_256_DHKEMP384_AES256GCM_SHA384_P384, 0x0007.</summary>
    public static CipherSuite P384Aes256GcmSha384P384 { get; } = new(
        0x0007, "MLS_256_DHKEMP384_AES256GCM_SHA384_P384",
        DhKemNist.P384, Aead.Aes256Gcm, Kdf.HkdfSha384, SignatureScheme.EcdsaSecp384r1Sha384);

    /// <summary>Every suite that this library has, by number.</summary>
    public static IReadOnlyList<CipherSuite> All { get; } =
    [
        X25519Aes128GcmSha256Ed25519,
        P256Aes128GcmSha256P256,
        X25519ChaCha20Poly1305Sha256Ed25519,
        P521Aes256GcmSha512P521,
        P384Aes256GcmSha384P384,
    ];

    /// <summary>The number on the wire.</summary>
    public CipherSuiteId Id { get; }

    /// <summary>The registry's name.</summary>
    public string Name { get; }

    /// <summary>The signature algorithm.</summary>
    public SignatureScheme SignatureScheme { get; }

    /// <summary>Nh, in bytes: the length of hashes, MACs and derived secrets.</summary>
    public int HashLength => _kdf.HashLength;

    /// <summary>Nk, in bytes.</summary>
    internal int KeyLength => _aead.KeyLength;

    /// <summary>Nn, in bytes.</summary>
    internal static int NonceLength => Aead.NonceLength;

    /// <summary>Nt, in bytes.</summary>
    internal static int TagLength => Aead.TagLength;

    /// <summary>The suite of a number, if this library has it.</summary>
    public static bool TryGet(CipherSuiteId id, [NotNullWhen(true)] out CipherSuite? suite)
    {
        suite = id.Value switch
        {
            0x0001 => X25519Aes128GcmSha256Ed25519,
            0x0002 => P256Aes128GcmSha256P256,
            0x0003 => X25519ChaCha20Poly1305Sha256Ed25519,
            0x0005 => P521Aes256GcmSha512P521,
            0x0007 => P384Aes256GcmSha384P384,
            _ => null,
        };
        return suite is not null;
    }

    /// <summary>A fresh encryption key pair, which the caller disposes of.</summary>
    public HpkeKeyPair GenerateHpkeKeyPair() => _hpke.Kem.GenerateKeyPair();

    /// <summary>The key pair of a stored private key.</summary>
    /// <exception cref="ArgumentException">Not a private key of the suite.</exception>
    public HpkeKeyPair ImportHpkePrivateKey(ReadOnlySpan<byte> privateKey) => _hpke.Kem.ImportPrivateKey(privateKey);

    /// <summary>A fresh signature key, which the caller disposes of.</summary>
    public SignaturePrivateKey GenerateSignatureKey() => SignaturePrivateKey.Generate(SignatureScheme);

    /// <summary>Whether the key has the form of the suite's KEM: its length, and for a NIST curve a point on it.</summary>
    public bool IsValid(HpkePublicKey key) => key is not null && _hpke.Kem.IsPublicKey(key.Span);

    /// <summary>Whether the key has the form of the suite's signature scheme: its length, and for ECDSA a point on the curve.</summary>
    public bool IsValid(SignaturePublicKey key) => key is not null && SignatureAlgorithm.IsPublicKey(SignatureScheme, key.Span);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>KEM.DeriveKeyPair(ikm).</summary>
    internal HpkeKeyPair DeriveKeyPair(Secret ikm) => _hpke.Kem.DeriveKeyPair(ikm.Span);

    /// <summary>Hash(message), Nh bytes.</summary>
    internal byte[] Hash(ReadOnlySpan<byte> message)
    {
        byte[] hash = new byte[HashLength];
        _kdf.Hash(message, hash);
        return hash;
    }

    internal void Hash(ReadOnlySpan<byte> message, Span<byte> hash) => _kdf.Hash(message, hash);

    /// <summary>MAC(key, message): HMAC with the suite's hash (RFC 9420 §5.1), Nh bytes.</summary>
    internal byte[] Mac(Secret key, ReadOnlySpan<byte> message)
    {
        byte[] mac = new byte[HashLength];
        _kdf.Hmac(key.Span, message, mac);
        return mac;
    }

    /// <summary>Whether the tag is the message's, length included, in constant time.</summary>
    internal bool VerifyMac(Secret key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        Span<byte> expected = stackalloc byte[HashLength];
        _kdf.Hmac(key.Span, message, expected);
        bool same = CryptographicOperations.FixedTimeEquals(expected, tag);
        CryptographicOperations.ZeroMemory(expected);
        return same;
    }

    /// <summary>KDF.Extract(salt, ikm).</summary>
    internal Secret Extract(Secret salt, Secret ikm)
    {
        Secret prk = Secret.Zero(HashLength);
        _kdf.Extract(salt.Span, ikm.Span, prk.WritableSpan);
        return prk;
    }

    /// <summary>AEAD.Seal into <paramref name="ciphertext"/>, which is <see cref="TagLength"/> longer than the plaintext.</summary>
    internal void Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
        => _aead.Seal(key, nonce, associated, plaintext, ciphertext);

    /// <summary>AEAD.Open; false if the ciphertext is not authentic, and the plaintext is then zeros.</summary>
    /// <param name="key">Nk bytes.</param>
    /// <param name="nonce">Nn bytes.</param>
    /// <param name="associated">Authenticated, not encrypted.</param>
    /// <param name="ciphertext">At least <see cref="TagLength"/> bytes: check that first.</param>
    /// <param name="plaintext"><see cref="TagLength"/> shorter than the ciphertext.</param>
    internal bool TryOpen(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
        => _aead.TryOpen(key, nonce, associated, ciphertext, plaintext);
}
