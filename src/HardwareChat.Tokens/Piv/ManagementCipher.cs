using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace HardwareChat.Tokens.Piv;

/// <summary>One block of the management key's cipher, as the authentication uses it (SP 800-73-4 Part 2, appendix A.1).</summary>
/// <remarks>
/// Triple DES is made of three DES here: the platform's own refuses a key of three equal parts, and the factory's key is one. A part that is a
/// weak DES key is still refused, by the platform and by the cards.
/// </remarks>
internal static class ManagementCipher
{
    private const int DesKeySize = 8;

    /// <summary>Bytes of a block: 8 for Triple DES, 16 for AES.</summary>
    public static int BlockSize(PivAlgorithm algorithm) => algorithm == PivAlgorithm.TripleDes ? 8 : 16;

    /// <summary>Encrypts one block.</summary>
    public static byte[] Encrypt(ManagementKey key, ReadOnlySpan<byte> block)
    {
        if (key.Algorithm != PivAlgorithm.TripleDes)
            return Aes(key.Span, block, encrypt: true);
        byte[] first = Des(key.Span[..DesKeySize], block, encrypt: true);
        byte[] second = Des(key.Span.Slice(DesKeySize, DesKeySize), first, encrypt: false);
        return Des(key.Span[(2 * DesKeySize)..], second, encrypt: true);
    }

    /// <summary>Decrypts one block.</summary>
    public static byte[] Decrypt(ManagementKey key, ReadOnlySpan<byte> block)
    {
        if (key.Algorithm != PivAlgorithm.TripleDes)
            return Aes(key.Span, block, encrypt: false);
        byte[] third = Des(key.Span[(2 * DesKeySize)..], block, encrypt: false);
        byte[] second = Des(key.Span.Slice(DesKeySize, DesKeySize), third, encrypt: true);
        return Des(key.Span[..DesKeySize], second, encrypt: false);
    }

    private static byte[] Aes(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, bool encrypt)
    {
        using var cipher = System.Security.Cryptography.Aes.Create();
        return Run(cipher, key, block, encrypt);
    }

    [SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "PIV's own cipher; firmware before 5.4 has no other.")]
    private static byte[] Des(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, bool encrypt)
    {
        using var cipher = DES.Create();
        return Run(cipher, key, block, encrypt);
    }

    private static byte[] Run(SymmetricAlgorithm cipher, ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, bool encrypt)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(key.Length, pinned: true);
        key.CopyTo(copy);
        try
        {
            cipher.Key = copy;
            return encrypt ? cipher.EncryptEcb(block, PaddingMode.None) : cipher.DecryptEcb(block, PaddingMode.None);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }
}
