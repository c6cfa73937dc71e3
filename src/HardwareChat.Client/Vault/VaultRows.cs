using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>Reads what follows the name in a row; all of it.</summary>
internal delegate T RowReader<out T>(ref TlsReader reader, RowName name);

/// <summary>Writes what follows the name in a row.</summary>
internal delegate void RowWriter<in TState>(ref TlsWriter writer, TState state)
    where TState : allows ref struct;

/// <summary>The sealed rows inside one transaction: names and values go in, sealed rows lie in the file, and the header follows each change.</summary>
internal sealed class VaultRows(VaultFile file, VaultKeys keys, RowScratch scratch, VaultHeader before, bool writable)
{
    private readonly RowSeal _seal = new(keys);
    private readonly ulong _version = checked(before.Generation + 1);

    /// <summary>The header that the transaction would leave.</summary>
    public VaultHeader Header { get; private set; } = before;

    public bool HasChanged { get; private set; }

    /// <summary>Whether what was removed must be gone from the log as well before the transaction counts as done.</summary>
    public bool WantsTidying { get; set; }

    /// <summary>The keys under which the rows now stand, where <see cref="Reseal"/> changed them.</summary>
    public VaultKeys? NextKeys { get; private set; }

    public T? Find<T>(VaultTable table, RowName name, RowReader<T> read)
        where T : class
        => file.Find(table, _seal.KeyOf(table, name)) is SealedRow row ? Open(table, row, read, name, isNamed: true) : null;

    public bool Contains(VaultTable table, RowName name) => file.FindStamp(table, _seal.KeyOf(table, name)) is not null;

    /// <summary>The rows of a scope with an ordinal from <paramref name="first"/> to <paramref name="last"/>, at most <paramref name="count"/> of them.</summary>
    public List<T> Range<T>(VaultTable table, byte[] scope, ulong first, ulong last, int count, bool backwards, RowReader<T> read)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        List<SealedRow> rows = first > last ? [] : file.Range(table, _seal.KeyOf(table, new RowName(scope, first)), _seal.KeyOf(table, new RowName(scope, last)), count, backwards);
        var values = new List<T>(rows.Count);
        foreach (SealedRow row in rows)
            values.Add(Open(table, row, read, default, isNamed: false));
        return values;
    }

    /// <summary>Rows of all scopes in the order in which they were first written, after that with <paramref name="id"/>; and the last one's id.</summary>
    public List<T> After<T>(VaultTable table, ref long id, int count, RowReader<T> read)
    {
        List<SealedRow> rows = file.After(table, id, count);
        var values = new List<T>(rows.Count);
        foreach (SealedRow row in rows)
        {
            values.Add(Open(table, row, read, default, isNamed: false));
            id = row.Id;
        }

        return values;
    }

    /// <summary>All rows of a table.</summary>
    public List<T> All<T>(VaultTable table, RowReader<T> read)
    {
        long id = 0;
        return After(table, ref id, int.MaxValue, read);
    }

    public long Count(VaultTable table) => file.Count(table);

    public void Put<TState>(VaultTable table, RowName name, TState state, RowWriter<TState> write)
        where TState : allows ref struct
    {
        ThrowIfReadOnly();
        using var plaintext = new TlsBuffer();
        var writer = new TlsWriter(plaintext);
        name.WriteTo(ref writer);
        write(ref writer, state);
        byte[] key = _seal.KeyOf(table, name);
        (RowStamp stamp, byte[] value) = _seal.Seal(table, key, _version, plaintext.WrittenSpan);
        if (file.FindStamp(table, key) is (long id, RowStamp old))
        {
            file.Update(table, id, stamp, value);
            Count(table, old, stamp);
        }
        else
        {
            file.Insert(table, stamp, value);
            Count(table, null, stamp);
        }
    }

    public void Put<T>(VaultTable table, RowName name, T value)
        where T : ITlsSerializable
        => Put(table, name, value, static (ref writer, value) => value.WriteTo(ref writer));

    /// <summary>Removes a row; false if there is none.</summary>
    public bool Remove(VaultTable table, RowName name)
    {
        ThrowIfReadOnly();
        if (file.FindStamp(table, _seal.KeyOf(table, name)) is not (long id, RowStamp stamp))
            return false;
        file.Delete(table, id);
        Count(table, stamp, null);
        return true;
    }

    /// <summary>Removes the rows of a scope with an ordinal from <paramref name="first"/> to <paramref name="last"/>; how many there were.</summary>
    public int RemoveRange(VaultTable table, byte[] scope, ulong first, ulong last)
    {
        ThrowIfReadOnly();
        if (first > last)
            return 0;
        List<SealedRow> rows = file.Range(table, _seal.KeyOf(table, new RowName(scope, first)), _seal.KeyOf(table, new RowName(scope, last)), int.MaxValue, backwards: false);
        foreach (SealedRow row in rows)
        {
            file.Delete(table, row.Id);
            Count(table, row.Stamp, null);
        }

        return rows.Count;
    }

    /// <summary>Writes the header of the next generation, sealed, as the last act of the transaction.</summary>
    public void Finish(byte[] vaultId, bool isClosed)
    {
        Header = Header with { Generation = _version, IsClosed = isClosed };
        file.PutHeader(Header.Seal(NextKeys ?? keys, vaultId));
    }

    /// <summary>Opens every row under these keys and seals it again under <paramref name="next"/>, names included: the last thing done to them.</summary>
    public void Reseal(VaultKeys next)
    {
        ThrowIfReadOnly();
        HasChanged = true;
        var nextSeal = new RowSeal(next);
        var sum = default(RowSum);
        foreach (VaultTable table in VaultSchema.Tables)
        {
            long last = 0;
            for (List<SealedRow> rows = file.After(table, last, ResealAtOnce); rows.Count > 0; rows = file.After(table, last, ResealAtOnce))
            {
                foreach (SealedRow row in rows)
                {
                    Span<byte> plaintext = OpenBytes(table, row);
                    var reader = new TlsReader(plaintext);
                    (RowStamp stamp, byte[] value) = nextSeal.Seal(table, nextSeal.KeyOf(table, RowName.Read(ref reader)), _version, plaintext);
                    CryptographicOperations.ZeroMemory(plaintext);
                    file.Update(table, row.Id, stamp, value);
                    sum += RowSum.Term(next, table, stamp);
                    last = row.Id;
                }
            }
        }

        Header = Header with { Sum = sum };
        NextKeys = next;
    }

    private const int ResealAtOnce = 500;

    private T Open<T>(VaultTable table, SealedRow row, RowReader<T> read, RowName expected, bool isNamed)
    {
        Span<byte> plaintext = OpenBytes(table, row);
        try
        {
            var reader = new TlsReader(plaintext);
            RowName name = RowName.Read(ref reader);
            if (isNamed && !name.Matches(expected))
                throw reader.Malformed("the row has another name");
            T value = read(ref reader, name);
            reader.ThrowIfNotEmpty();
            return value;
        }
        catch (DecodeException error)
        {
            throw new VaultException(VaultFault.Damaged, $"A row of {table} in the vault was written by this vault, but cannot be read.", error);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private Span<byte> OpenBytes(VaultTable table, SealedRow row)
    {
        Span<byte> plaintext = scratch.Take(Math.Max(0, row.Value.Length - RowSeal.TagSize));
        _seal.Open(table, row.Stamp, row.Value, plaintext);
        return plaintext;
    }

    private void Count(VaultTable table, RowStamp? removed, RowStamp? added)
    {
        RowSum sum = Header.Sum;
        ulong rows = Header.Rows;
        if (removed is RowStamp old)
        {
            sum -= RowSum.Term(keys, table, old);
            rows = unchecked(rows - 1);
        }

        if (added is RowStamp fresh)
        {
            sum += RowSum.Term(keys, table, fresh);
            rows = unchecked(rows + 1);
        }

        Header = Header with { Sum = sum, Rows = rows };
        HasChanged = true;
    }

    private void ThrowIfReadOnly()
    {
        if (!writable)
            throw new InvalidOperationException("This transaction reads only: write inside Vault.Write.");
    }
}
