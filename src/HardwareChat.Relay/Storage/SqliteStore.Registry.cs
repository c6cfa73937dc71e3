using HardwareChat.Protocol;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <content>The registry's log and evidence.</content>
public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public Task AppendLeafAsync(StoredLeaf leaf, IReadOnlyList<StoredEvidence> evidence, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        ArgumentNullException.ThrowIfNull(evidence);
        return _writer.RunAsync(
            writer =>
            {
                using (SqliteDataReader count = writer["SELECT coalesce(max(id) + 1, 0) FROM leaf", 0].Read())
                {
                    if (!count.Read() || (ulong)count.GetInt64(0) != leaf.Index)
                        throw new StoreFencedException();
                }
                writer["INSERT INTO leaf VALUES(?1, ?2, ?3)", 3].Run((long)leaf.Index, leaf.Leaf.ToArray(), leaf.Receipt.ToArray());
                foreach (StoredEvidence blob in evidence)
                    writer["INSERT OR IGNORE INTO evidence VALUES(?1, ?2)", 2].Run(blob.Hash.ToArray(), blob.Blob.ToArray());
                return true;
            },
            cancel);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredLeaf>> ReadLeavesAsync(ulong from, int maxCount, int maxBytes, CancellationToken cancel = default)
        => new(Read(ReadLeaves, ((long)Math.Min(from, long.MaxValue), maxCount, maxBytes)));

    /// <inheritdoc/>
    public ValueTask<byte[]?> FindEvidenceAsync(Digest hash, CancellationToken cancel = default)
        => new(Read(
            static (connection, hash) =>
            {
                using SqliteDataReader row = connection.Query("SELECT blob FROM evidence WHERE hash = ?1", hash.ToArray());
                return row.Read() ? Blob(row, 0) : null;
            },
            hash));

    private static IReadOnlyList<StoredLeaf> ReadLeaves(SqliteSession connection, (long From, int MaxCount, int MaxBytes) page)
    {
        var leaves = new List<StoredLeaf>();
        int bytes = 0;
        using SqliteDataReader row = connection.Query("SELECT id, leaf, receipt FROM leaf WHERE id >= ?1 ORDER BY id LIMIT ?2", page.From, page.MaxCount);
        while (row.Read())
        {
            byte[] leaf = Blob(row, 1);
            if (leaves.Count > 0 && bytes + leaf.Length > page.MaxBytes)
                break;
            bytes += leaf.Length;
            leaves.Add(new StoredLeaf((ulong)row.GetInt64(0), leaf, DigestOf(row, 2)));
        }
        return leaves;
    }
}
