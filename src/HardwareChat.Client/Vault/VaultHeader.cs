using System.Security.Cryptography;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client;

// struct {
//   uint16 schema;            // says again, sealed, what user_version says in the clear
//   uint64 generation;        // committed transactions since the vault was made
//   uint8  closed;            // 1: the last act was an orderly end; 0: this was written in the midst of work
//   uint64 rows;
//   opaque sum[32];           // RowSum of all rows
// } VaultHeader;              // sealed with ad = "vault header" || vault id; written by each transaction

/// <summary>The vault's authenticated summary: what all its rows together must be.</summary>
internal readonly record struct VaultHeader(ushort Schema, ulong Generation, bool IsClosed, ulong Rows, RowSum Sum) : ITlsSerializable
{
    public const ushort CurrentSchema = 1;
    public const int VaultIdSize = 16;

    public static VaultHeader Empty => new(CurrentSchema, 0, true, 0, default);

    public static VaultHeader Read(ref TlsReader reader)
        => new(reader.ReadUInt16(), reader.ReadUInt64(), reader.ReadOptional(), reader.ReadUInt64(), RowSum.Read(ref reader));

    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt16(Schema);
        writer.WriteUInt64(Generation);
        writer.WriteOptional(IsClosed);
        writer.WriteUInt64(Rows);
        Sum.WriteTo(ref writer);
    }

    public SealedHeader Seal(VaultKeys keys, byte[] vaultId)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(RowSeal.NonceSize);
        byte[] value = AeadAlgorithm.XChaCha20Poly1305.Encrypt(keys.Values, nonce, Ad(vaultId), TlsWriter.Encode(this));
        return new SealedHeader(vaultId, nonce, value);
    }

    /// <summary>Opens the header.</summary>
    /// <exception cref="VaultException">It was not sealed under these keys, or not as the header of this vault.</exception>
    public static VaultHeader Open(VaultKeys keys, SealedHeader header)
    {
        byte[]? plaintext = header.Nonce.Length == RowSeal.NonceSize
            ? AeadAlgorithm.XChaCha20Poly1305.Decrypt(keys.Values, header.Nonce, Ad(header.VaultId), header.Value)
            : null;
        if (plaintext is null)
            throw new VaultException(VaultFault.Damaged, "The vault's header is not what was written there: the file is damaged, or somebody changed it.");
        return Decode(plaintext);
    }

    public static void Fuzz(ReadOnlySpan<byte> data) => Decode(data);

    private static VaultHeader Decode(ReadOnlySpan<byte> plaintext)
    {
        var reader = new TlsReader(plaintext);
        VaultHeader header = Read(ref reader);
        reader.ThrowIfNotEmpty();
        return header;
    }

    private static byte[] Ad(byte[] vaultId) => [.. "vault header"u8, .. vaultId];
}

/// <summary>The header as it lies in the file.</summary>
internal sealed record SealedHeader(byte[] VaultId, byte[] Nonce, byte[] Value);
