using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace HardwareChat.Protocol;

// The one place of this project that calls libsodium itself. NSec keeps every key in a guarded allocation of four memory
// mappings: right for a key that lives long, wrong for the two record keys of each of thousands of connections (the kernel
// allows a process some 65,000 mappings) and for ephemerals that live for one handshake. Those live in pinned arrays.

internal static partial class Sodium
{
    private const string Library = "libsodium";

    static Sodium()
    {
        if (Initialize() < 0)
            throw new PlatformNotSupportedException("libsodium does not initialize on this machine");
    }

    /// <summary>ChaCha20-Poly1305 (RFC 8439): ciphertext and tag; may be done in place.</summary>
    public static void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        int result = AeadEncrypt(ciphertext, out _, plaintext, (ulong)plaintext.Length, ad, (ulong)ad.Length, 0, nonce, key);
        if (result != 0)
            throw new CryptographicException("ChaCha20-Poly1305 failed to encrypt");
    }

    /// <summary>The inverse of <see cref="Seal"/>; may be done in place. On a forgery the output is zeroed.</summary>
    public static bool Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
        => AeadDecrypt(plaintext, out _, 0, ciphertext, (ulong)ciphertext.Length, ad, (ulong)ad.Length, nonce, key) == 0;

    /// <summary>X25519 (RFC 7748 §5); false where the result is all zeros (RFC 7748 §6.1).</summary>
    public static bool X25519(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point, Span<byte> shared)
        => ScalarMult(shared, scalar, point) == 0;

    /// <summary>The public key of <paramref name="scalar"/>.</summary>
    public static void X25519Base(ReadOnlySpan<byte> scalar, Span<byte> publicKey)
    {
        if (ScalarMultBase(publicKey, scalar) != 0)
            throw new CryptographicException("X25519 failed to make a public key");
    }

    /// <summary>Zeroed memory that the garbage collector does not move, so that zeroing it leaves no copy.</summary>
    public static byte[] Pinned(int size) => GC.AllocateArray<byte>(size, pinned: true);

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int Initialize();

    [LibraryImport(Library, EntryPoint = "crypto_aead_chacha20poly1305_ietf_encrypt")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int AeadEncrypt(
        Span<byte> c, out ulong cLength, ReadOnlySpan<byte> m, ulong mLength, ReadOnlySpan<byte> ad, ulong adLength,
        nint secretNonce, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library, EntryPoint = "crypto_aead_chacha20poly1305_ietf_decrypt")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int AeadDecrypt(
        Span<byte> m, out ulong mLength, nint secretNonce, ReadOnlySpan<byte> c, ulong cLength, ReadOnlySpan<byte> ad, ulong adLength,
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int ScalarMult(Span<byte> q, ReadOnlySpan<byte> n, ReadOnlySpan<byte> p);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519_base")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int ScalarMultBase(Span<byte> q, ReadOnlySpan<byte> n);
}
