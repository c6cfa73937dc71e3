using System.Runtime.InteropServices;

namespace HardwareChat.Mls;

// libsodium, brought by NSec.Cryptography, called directly where one-shot keys are many: an NSec Key is a guarded allocation, which
// costs several times the scalar multiplication that it is used for. The only unmanaged calls of this library are in this file.
// The callers keep secrets on the stack or in a Secret.
//
// Ed25519 verification here is strict: non-canonical S, R and A, and A of small order, are refused.

/// <summary>The functions of libsodium that this library uses, on spans whose lengths are checked.</summary>
internal static unsafe partial class Sodium
{
    private const string Library = "libsodium";

    static Sodium()
    {
        if (sodium_init() < 0)
            throw new PlatformNotSupportedException("libsodium does not start on this machine");
    }

    public static void X25519PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        RequireLength(privateKey, 32);
        RequireLength(publicKey, 32);
        fixed (byte* n = privateKey, q = publicKey)
            _ = crypto_scalarmult_curve25519_base(q, n);
    }

    /// <summary>The shared point, or false if it is all zero (RFC 7748 §6.1): the other's key is of small order.</summary>
    public static bool X25519(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> shared)
    {
        RequireLength(privateKey, 32);
        RequireLength(publicKey, 32);
        RequireLength(shared, 32);
        fixed (byte* n = privateKey, p = publicKey, q = shared)
            return crypto_scalarmult_curve25519(q, n, p) == 0;
    }

    /// <param name="seed">The private key of RFC 8032 §5.1.5.</param>
    /// <param name="publicKey">32 bytes, written.</param>
    /// <param name="secretKey">libsodium's form: seed, then public key; 64 bytes, written.</param>
    public static void Ed25519FromSeed(ReadOnlySpan<byte> seed, Span<byte> publicKey, Span<byte> secretKey)
    {
        RequireLength(seed, 32);
        RequireLength(publicKey, 32);
        RequireLength(secretKey, 64);
        fixed (byte* s = seed, pk = publicKey, sk = secretKey)
            _ = crypto_sign_ed25519_seed_keypair(pk, sk, s);
    }

    public static void Ed25519Sign(ReadOnlySpan<byte> secretKey, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        RequireLength(secretKey, 64);
        RequireLength(signature, 64);
        fixed (byte* sk = secretKey, m = message, s = signature)
            _ = crypto_sign_ed25519_detached(s, null, m, (ulong)message.Length, sk);
    }

    public static bool Ed25519Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        RequireLength(publicKey, 32);
        RequireLength(signature, 64);
        fixed (byte* pk = publicKey, m = message, s = signature)
            return crypto_sign_ed25519_verify_detached(s, m, (ulong)message.Length, pk) == 0;
    }

    public static void HmacSha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> mac)
    {
        RequireLength(key, 32);
        RequireLength(mac, 32);
        fixed (byte* k = key, m = message, o = mac)
            _ = crypto_auth_hmacsha256(o, m, (ulong)message.Length, k);
    }

    public static void HkdfSha256Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> ikm, Span<byte> prk)
    {
        RequireLength(prk, 32);
        fixed (byte* s = salt, i = ikm, p = prk)
            _ = crypto_kdf_hkdf_sha256_extract(p, s, (nuint)salt.Length, i, (nuint)ikm.Length);
    }

    public static void HkdfSha256Expand(ReadOnlySpan<byte> prk, ReadOnlySpan<byte> info, Span<byte> output)
    {
        RequireLength(prk, 32);
        fixed (byte* p = prk, i = info, o = output)
        {
            if (crypto_kdf_hkdf_sha256_expand(o, (nuint)output.Length, i, (nuint)info.Length, p) != 0)
                throw new ArgumentOutOfRangeException(nameof(output), "HKDF gives at most 255 hashes");
        }
    }

    public static void ChaCha20Poly1305Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        RequireLength(key, 32);
        RequireLength(nonce, 12);
        RequireLength(ciphertext, plaintext.Length + 16);
        fixed (byte* k = key, n = nonce, a = associated, m = plaintext, c = ciphertext)
            _ = crypto_aead_chacha20poly1305_ietf_encrypt(c, null, m, (ulong)plaintext.Length, a, (ulong)associated.Length, null, n, k);
    }

    public static bool ChaCha20Poly1305Open(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        RequireLength(key, 32);
        RequireLength(nonce, 12);
        RequireLength(ciphertext, plaintext.Length + 16);
        fixed (byte* k = key, n = nonce, a = associated, m = plaintext, c = ciphertext)
            return crypto_aead_chacha20poly1305_ietf_decrypt(m, null, null, c, (ulong)ciphertext.Length, a, (ulong)associated.Length, n, k) == 0;
    }

    // A wrong length here would be a read or write past the end: an internal mistake that no input may cause.
    private static void RequireLength(ReadOnlySpan<byte> bytes, int length) => ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, length);

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    private static partial int crypto_scalarmult_curve25519(byte* q, byte* n, byte* p);

    [LibraryImport(Library)]
    private static partial int crypto_scalarmult_curve25519_base(byte* q, byte* n);

    [LibraryImport(Library)]
    private static partial int crypto_sign_ed25519_seed_keypair(byte* pk, byte* sk, byte* seed);

    [LibraryImport(Library)]
    private static partial int crypto_sign_ed25519_detached(byte* sig, ulong* sigLength, byte* m, ulong mLength, byte* sk);

    [LibraryImport(Library)]
    private static partial int crypto_sign_ed25519_verify_detached(byte* sig, byte* m, ulong mLength, byte* pk);

    [LibraryImport(Library)]
    private static partial int crypto_auth_hmacsha256(byte* output, byte* input, ulong inputLength, byte* k);

    [LibraryImport(Library)]
    private static partial int crypto_kdf_hkdf_sha256_extract(byte* prk, byte* salt, nuint saltLength, byte* ikm, nuint ikmLength);

    [LibraryImport(Library)]
    private static partial int crypto_kdf_hkdf_sha256_expand(byte* output, nuint outputLength, byte* context, nuint contextLength, byte* prk);

    [LibraryImport(Library)]
    private static partial int crypto_aead_chacha20poly1305_ietf_encrypt(
        byte* c, ulong* cLength, byte* m, ulong mLength, byte* ad, ulong adLength, byte* nsec, byte* npub, byte* k);

    [LibraryImport(Library)]
    private static partial int crypto_aead_chacha20poly1305_ietf_decrypt(
        byte* m, ulong* mLength, byte* nsec, byte* c, ulong cLength, byte* ad, ulong adLength, byte* npub, byte* k);
}
