using System.Security.Cryptography;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using NSec.Cryptography;

namespace HardwareChat.Client;

// vault key    256 random bits, wrapped to each recipient (KeyWrapping)
//   values     HKDF-Expand(vault key, "HardwareChat 1 vault values" || 0x00)   XChaCha20-Poly1305: seals rows and the header
//   names      HKDF-Expand(vault key, "HardwareChat 1 vault names" || 0x00)    keyed BLAKE2b: what the file shows of a row's name
//   sums       HKDF-Expand(vault key, "HardwareChat 1 vault sums" || 0x00)     keyed BLAKE2b: a row's term in the sum of all rows
//
// All of them live as long as the vault is open, and die with it or with the next re-key.

/// <summary>The vault key and what is derived of it.</summary>
internal sealed class VaultKeys : IDisposable
{
    public const int Size = 32;

    private VaultKeys(Secret root)
    {
        Root = root;
        Values = Derive(AeadAlgorithm.XChaCha20Poly1305, Labels.VaultValues);
        Names = Derive(MacAlgorithm.Blake2b_128, Labels.VaultNames);
        Sums = Derive(MacAlgorithm.Blake2b_256, Labels.VaultSums);
    }

    /// <summary>The vault key itself, for wrapping.</summary>
    public Secret Root { get; }

    public Key Values { get; }

    public Key Names { get; }

    public Key Sums { get; }

    public static VaultKeys Create() => new(Secret.Random(Size));

    /// <summary>The keys under this vault key, which is copied.</summary>
    public static VaultKeys Of(ReadOnlySpan<byte> root) => new(Secret.CopyOf(root));

    public void Dispose()
    {
        Values.Dispose();
        Names.Dispose();
        Sums.Dispose();
        Root.Dispose();
    }

    private Key Derive(NSec.Cryptography.Algorithm algorithm, ReadOnlySpan<byte> label)
    {
        byte[] derived = GC.AllocateArray<byte>(Size, pinned: true);
        HKDF.Expand(HashAlgorithmName.SHA256, Root.Span, derived, Labelled.Bytes(label, []));
        Key key = Key.Import(algorithm, derived, KeyBlobFormat.RawSymmetricKey);
        CryptographicOperations.ZeroMemory(derived);
        return key;
    }
}
