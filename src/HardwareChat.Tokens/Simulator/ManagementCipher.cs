using System.Security.Cryptography;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Simulator;

/// <summary>One block of the management key's cipher, as challenge and response use it.</summary>
internal static class ManagementCipher
{
    private const int DesBlock = 8;
    private const int AesBlock = 16;
    private const int DesKey = 8;

    public static int BlockSize(PivAlgorithm algorithm) => algorithm == PivAlgorithm.TripleDes ? DesBlock : AesBlock;

    /// <summary>Bytes of a key, or 0 for an algorithm that is no cipher.</summary>
    public static int KeySize(PivAlgorithm algorithm) => algorithm switch
    {
        PivAlgorithm.TripleDes or PivAlgorithm.Aes192 => 24,
        PivAlgorithm.Aes128 => 16,
        PivAlgorithm.Aes256 => 32,
        _ => 0,
    };

    public static byte[] Encrypt(PivAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> block)
    {
        if (algorithm != PivAlgorithm.TripleDes)
            return AesBlockOf(key, block);
        byte[] once = Des(key[..DesKey], block, encrypt: true);
        byte[] twice = Des(key.Slice(DesKey, DesKey), once, encrypt: false);
        return Des(key[(2 * DesKey)..], twice, encrypt: true);
    }

#pragma warning disable CA5351 // see below
    /// <summary>Whether a part of a 3DES key is one of the keys for which DES is its own inverse; the card refuses those.</summary>
    public static bool IsWeak(PivAlgorithm algorithm, ReadOnlySpan<byte> key)
    {
        if (algorithm != PivAlgorithm.TripleDes)
            return false;
        for (int at = 0; at < key.Length; at += DesKey)
        {
            byte[] part = key.Slice(at, DesKey).ToArray();
            bool weak = DES.IsWeakKey(part) || DES.IsSemiWeakKey(part);
            CryptographicOperations.ZeroMemory(part);
            if (weak)
                return true;
        }
        return false;
    }
#pragma warning restore CA5351

    private static byte[] AesBlockOf(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        return aes.EncryptEcb(block, PaddingMode.None);
    }

    // The PIV default key has three equal parts, which TripleDES refuses as weak: hence three turns of DES. The card cannot
    // choose another cipher, as it must speak what firmware before 5.7 speaks.
#pragma warning disable CA5351
    private static byte[] Des(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, bool encrypt)
    {
        using var des = DES.Create();
        byte[] copy = key.ToArray();
        des.Key = copy;
        CryptographicOperations.ZeroMemory(copy);
        return encrypt ? des.EncryptEcb(block, PaddingMode.None) : des.DecryptEcb(block, PaddingMode.None);
    }
#pragma warning restore CA5351
}
