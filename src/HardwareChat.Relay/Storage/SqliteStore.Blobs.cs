using HardwareChat.Protocol;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <content>Blobs, in pieces as they came.</content>
public sealed partial class SqliteStore
{
    private const string BlobColumns = "id, room, owner, size, held, created_at";

    /// <inheritdoc/>
    public async ValueTask<bool> CreateBlobAsync(StoredBlob blob, ulong quota, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(blob);
        return await _writer.RunAsync(
            writer =>
            {
                using (SqliteDataReader row = writer["SELECT coalesce(sum(size), 0) FROM blob WHERE owner = ?1", 1].Read(blob.Owner.ToString()))
                {
                    ulong held = row.Read() ? (ulong)row.GetInt64(0) : 0;
                    if (held > quota || blob.Size > quota - held || blob.Size > long.MaxValue)
                        return false;
                }
                writer["INSERT INTO blob(name, room, owner, size, held, created_at) VALUES(?1, ?2, ?3, ?4, 0, ?5)", 5]
                    .Run(blob.Id.ToArray(), blob.Room.Value.ToArray(), blob.Owner.ToString(), (long)blob.Size, (long)blob.CreatedAt);
                return true;
            },
            cancel);
    }

    /// <inheritdoc/>
    public ValueTask<StoredBlob?> FindBlobAsync(Digest blob, CancellationToken cancel = default)
        => new(Read(
            static (connection, name) =>
            {
                using SqliteDataReader row = connection.Query($"SELECT {BlobColumns} FROM blob WHERE name = ?1", name.ToArray());
                return row.Read() ? BlobOf(row, name) : null;
            },
            blob));

    /// <inheritdoc/>
    public async ValueTask<ulong?> AppendBlobAsync(Digest blob, ulong offset, ReadOnlyMemory<byte> bytes, CancellationToken cancel = default)
    {
        byte[] copy = bytes.ToArray();
        return await _writer.RunAsync(
            writer =>
            {
                long id;
                using (SqliteDataReader row = writer[$"SELECT {BlobColumns} FROM blob WHERE name = ?1", 1].Read(blob.ToArray()))
                {
                    if (!row.Read())
                        return (ulong?)null;
                    StoredBlob known = BlobOf(row, blob);
                    if (offset != known.Held || (ulong)copy.Length > known.Size - known.Held)
                        return null;
                    id = row.GetInt64(0);
                }
                if (copy.Length == 0)
                    return offset;
                writer["INSERT INTO piece VALUES(?1, ?2, ?3)", 3].Run(id, (long)offset, copy);
                writer["UPDATE blob SET held = ?2 WHERE id = ?1", 2].Run(id, (long)offset + copy.Length);
                return offset + (ulong)copy.Length;
            },
            cancel);
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadBlobAsync(Digest blob, ulong offset, Memory<byte> buffer, CancellationToken cancel = default)
        => new(Read(
            static (connection, asked) =>
            {
                using SqliteDataReader row = connection.Query("""
                    SELECT p.start, p.bytes FROM piece p JOIN blob b ON b.id = p.blob
                    WHERE b.name = ?1 AND p.start >= coalesce((SELECT max(start) FROM piece WHERE blob = b.id AND start <= ?2), 0) ORDER BY p.start
                    """,
                    asked.Blob.ToArray(),
                    (long)Math.Min(asked.Offset, long.MaxValue));
                int read = 0;
                while (read < asked.Buffer.Length && row.Read())
                {
                    ulong position = asked.Offset + (ulong)read;
                    byte[] bytes = Blob(row, 1);
                    ulong skip = position - (ulong)row.GetInt64(0);
                    if (skip >= (ulong)bytes.Length)
                        break;
                    int length = Math.Min(bytes.Length - (int)skip, asked.Buffer.Length - read);
                    bytes.AsSpan((int)skip, length).CopyTo(asked.Buffer.Span[read..]);
                    read += length;
                }
                return read;
            },
            (Blob: blob, Offset: offset, Buffer: buffer)));

    /// <inheritdoc/>
    public async ValueTask<int> ExpireBlobsAsync(ulong completeBefore, ulong incompleteBefore, int maxCount, CancellationToken cancel = default)
        => await _writer.RunAsync(
            writer =>
            {
                var ids = new List<long>();
                using (SqliteDataReader row = writer["SELECT id FROM blob WHERE created_at < ?1 OR (held < size AND created_at < ?2) LIMIT ?3", 3]
                    .Read((long)Math.Min(completeBefore, long.MaxValue), (long)Math.Min(incompleteBefore, long.MaxValue), maxCount))
                {
                    while (row.Read())
                        ids.Add(row.GetInt64(0));
                }
                foreach (long id in ids)
                {
                    writer["DELETE FROM piece WHERE blob = ?1", 1].Run(id);
                    writer["DELETE FROM blob WHERE id = ?1", 1].Run(id);
                }
                return ids.Count;
            },
            cancel);

    private static StoredBlob BlobOf(SqliteDataReader row, Digest name)
        => new(name, new RoomId(DigestOf(row, 1)), Handle.Parse(row.GetString(2)), (ulong)row.GetInt64(3), (ulong)row.GetInt64(4), (ulong)row.GetInt64(5));
}
