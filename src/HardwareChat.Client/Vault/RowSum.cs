using System.Buffers.Binary;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client;

// An incremental multiset hash (Clarke, Devadas, van Dijk, Gassend, Suh, "Incremental Multiset Hash Functions and Their Application to Memory
// Integrity Checking", ASIACRYPT 2003: MSet-Add-Hash): the sum modulo 2^256 of a keyed hash of each row's table, key, version and nonce.
//
//   term = MAC(sums key, uint8 table || opaque key[24] || uint64 version || opaque nonce[24])
//
// A write subtracts the old row's term and adds the new one's, and the sum is sealed in the header by the same transaction. Whoever has no key can
// neither compute a term nor see the sum, so that a row put back, left out or added makes another sum. The value needs no part in it: only one
// was ever sealed under a nonce.

/// <summary>The set of all rows of a vault, as 256 bits.</summary>
internal readonly record struct RowSum(UInt128 High, UInt128 Low) : ITlsSerializable
{
    private const int Size = 32;
    private const int InputSize = 1 + RowSeal.KeySize + sizeof(ulong) + RowSeal.NonceSize;

    public static RowSum Read(ref TlsReader reader) => From(reader.ReadFixed(Size));

    public void WriteTo(ref TlsWriter writer)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], Low);
        writer.WriteFixed(bytes);
    }

    /// <summary>The term of one row.</summary>
    /// <exception cref="VaultException">The row has the form of none.</exception>
    public static RowSum Term(VaultKeys keys, VaultTable table, RowStamp stamp)
    {
        if (stamp.Key.Length != RowSeal.KeySize || stamp.Nonce.Length != RowSeal.NonceSize)
            throw WithoutForm(table);
        Span<byte> input = stackalloc byte[InputSize];
        input[0] = (byte)table;
        stamp.Key.CopyTo(input[1..]);
        BinaryPrimitives.WriteUInt64BigEndian(input[(1 + RowSeal.KeySize)..], stamp.Version);
        stamp.Nonce.CopyTo(input[(1 + RowSeal.KeySize + sizeof(ulong))..]);
        Span<byte> term = stackalloc byte[Size];
        MacAlgorithm.Blake2b_256.Mac(keys.Sums, input, term);
        return From(term);
    }

    /// <summary>A term that says where a row is found: the same from the table and from its index. Shorter than that of a row, so never the same as one.</summary>
    /// <exception cref="VaultException">The key has the form of none.</exception>
    public static RowSum Place(VaultKeys keys, VaultTable table, byte[] key, long id)
    {
        if (key.Length != RowSeal.KeySize)
            throw WithoutForm(table);
        Span<byte> input = stackalloc byte[1 + RowSeal.KeySize + sizeof(long)];
        input[0] = (byte)table;
        key.CopyTo(input[1..]);
        BinaryPrimitives.WriteInt64BigEndian(input[(1 + RowSeal.KeySize)..], id);
        Span<byte> term = stackalloc byte[Size];
        MacAlgorithm.Blake2b_256.Mac(keys.Sums, input, term);
        return From(term);
    }

    public static RowSum operator +(RowSum left, RowSum right)
    {
        unchecked
        {
            UInt128 low = left.Low + right.Low;
            UInt128 carry = low < left.Low ? UInt128.One : UInt128.Zero;
            return new RowSum(left.High + right.High + carry, low);
        }
    }

    public static RowSum operator -(RowSum left, RowSum right)
    {
        unchecked
        {
            UInt128 borrow = left.Low < right.Low ? UInt128.One : UInt128.Zero;
            return new RowSum(left.High - right.High - borrow, left.Low - right.Low);
        }
    }

    private static VaultException WithoutForm(VaultTable table)
        => new(VaultFault.Damaged, $"A row of {table} in the vault has not the form of one: the file is damaged, or somebody changed it.");

    private static RowSum From(ReadOnlySpan<byte> bytes)
        => new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));
}
