using System.Buffers.Binary;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace HardwareChat.Client;

// value = XChaCha20-Poly1305(values key, nonce, plaintext, ad = uint8 table || opaque key[24] || uint64 version)
//
// Nonces are 24 random bytes. A counter would be shorter, but a file that is put back would count the same numbers again under the same key.

/// <summary>What the file shows of one row besides its value: where it stands, when it was written, under which nonce.</summary>
internal readonly record struct RowStamp(byte[] Key, ulong Version, byte[] Nonce);

/// <summary>Seals and opens the values of rows.</summary>
internal sealed class RowSeal(VaultKeys keys)
{
    public const int KeySize = MacSize + sizeof(ulong);
    public const int NonceSize = 24;
    public const int TagSize = 16;

    private const int MacSize = 16;
    private const int AdSize = 1 + KeySize + sizeof(ulong);

    private static readonly AeadAlgorithm Aead = AeadAlgorithm.XChaCha20Poly1305;

    /// <summary>What the file shows of a name.</summary>
    public byte[] KeyOf(VaultTable table, RowName name)
    {
        Span<byte> input = stackalloc byte[1 + RowName.MaxScope];
        input[0] = (byte)table;
        name.Scope.CopyTo(input[1..]);
        byte[] key = new byte[KeySize];
        MacAlgorithm.Blake2b_128.Mac(keys.Names, input[..(1 + name.Scope.Length)], key.AsSpan(0, MacSize));
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(MacSize), name.Ordinal);
        return key;
    }

    /// <summary>Seals a value under a fresh nonce.</summary>
    public (RowStamp Stamp, byte[] Value) Seal(VaultTable table, byte[] key, ulong version, ReadOnlySpan<byte> plaintext)
    {
        var stamp = new RowStamp(key, version, RandomNumberGenerator.GetBytes(NonceSize));
        byte[] value = new byte[plaintext.Length + TagSize];
        Span<byte> ad = stackalloc byte[AdSize];
        WriteAd(ad, table, stamp);
        Aead.Encrypt(keys.Values, stamp.Nonce, ad, plaintext, value);
        return (stamp, value);
    }

    /// <summary>Opens a value into <paramref name="plaintext"/>, which is <see cref="TagSize"/> bytes shorter.</summary>
    /// <exception cref="VaultException">It was not sealed as this row of this table in this version.</exception>
    public void Open(VaultTable table, RowStamp stamp, ReadOnlySpan<byte> value, Span<byte> plaintext)
    {
        Span<byte> ad = stackalloc byte[AdSize];
        if (stamp.Key.Length == KeySize && stamp.Nonce.Length == NonceSize && value.Length >= TagSize)
        {
            WriteAd(ad, table, stamp);
            if (Aead.Decrypt(keys.Values, stamp.Nonce, ad, value, plaintext))
                return;
        }

        throw new VaultException(VaultFault.Damaged, $"A row of {table} in the vault is not what was written there: the file is damaged, or somebody changed it.");
    }

    private static void WriteAd(Span<byte> ad, VaultTable table, RowStamp stamp)
    {
        ad[0] = (byte)table;
        stamp.Key.CopyTo(ad[1..]);
        BinaryPrimitives.WriteUInt64BigEndian(ad[(1 + KeySize)..], stamp.Version);
    }
}
