using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>The replica of the registry: leaves by index, the evidence for them, and the signed head.</summary>
public sealed class RegistryTable
{
    private readonly VaultRows _rows;

    internal RegistryTable(VaultRows rows) => _rows = rows;

    /// <summary>The signed head, in its text form; <see langword="null"/> before the first sync.</summary>
    public byte[]? FindHead() => _rows.Find(VaultTable.RegistryHead, default, ReadBytes);

    /// <summary>Replaces the head.</summary>
    public void PutHead(ReadOnlySpan<byte> head) => PutBytes(VaultTable.RegistryHead, 0, head);

    /// <summary>Writes the leaf at an index.</summary>
    public void PutLeaf(ulong index, ReadOnlySpan<byte> leaf) => PutBytes(VaultTable.RegistryLeaves, index, leaf);

    /// <summary>Up to <paramref name="count"/> leaves from an index on, in order.</summary>
    public IReadOnlyList<byte[]> Leaves(ulong first = 0, int count = int.MaxValue)
        => _rows.Range(VaultTable.RegistryLeaves, [], first, ulong.MaxValue, count, backwards: false, ReadBytes);

    /// <summary>Writes the evidence for the leaf at an index: a blob for each token that it enrols.</summary>
    public void PutEvidence(ulong index, IReadOnlyList<byte[]> evidence)
        => _rows.Put(VaultTable.RegistryEvidence, new RowName([], index), evidence, static (ref writer, evidence) =>
        {
            foreach (byte[] blob in evidence)
                writer.WriteOpaque(blob);
        });

    /// <summary>The evidence for the leaf at an index; empty if there is none.</summary>
    public IReadOnlyList<byte[]> FindEvidence(ulong index) => _rows.Find(VaultTable.RegistryEvidence, new RowName([], index), ReadBlobs) ?? [];

    /// <summary>Removes leaves, evidence and head: the replica begins anew.</summary>
    public void Clear()
    {
        _rows.RemoveRange(VaultTable.RegistryLeaves, [], 0, ulong.MaxValue);
        _rows.RemoveRange(VaultTable.RegistryEvidence, [], 0, ulong.MaxValue);
        _rows.Remove(VaultTable.RegistryHead, default);
    }

    // To the end of the row.
    private static List<byte[]> ReadBlobs(ref TlsReader reader, RowName name)
    {
        var blobs = new List<byte[]>();
        while (!reader.IsEmpty)
            blobs.Add(reader.ReadOpaque(VectorLength.Max).ToArray());
        return blobs;
    }

    private static byte[] ReadBytes(ref TlsReader reader, RowName name) => reader.ReadOpaque(VectorLength.Max).ToArray();

    private void PutBytes(VaultTable table, ulong index, ReadOnlySpan<byte> bytes)
        => _rows.Put(table, new RowName([], index), bytes, static (ref writer, bytes) => writer.WriteOpaque(bytes));
}
