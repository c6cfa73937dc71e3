using System.Text;
using HardwareChat.Protocol;
using Npgsql;

namespace HardwareChat.Relay;

/// <content>Blobs, in pieces as they came.</content>
public sealed partial class PostgresStore
{
    private const string BlobColumns = "id, room, owner, size, held, created_at";

    /// <inheritdoc/>
    public async ValueTask<bool> CreateBlobAsync(StoredBlob blob, ulong quota, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(blob);
        return await _writer.RunAsync(
            async writer =>
            {
                await LockAsync(writer, Encoding.ASCII.GetBytes(blob.Owner.ToString()));
                ulong held = (ulong)(await writer.NumberAsync("SELECT coalesce(sum(size), 0)::bigint FROM blob WHERE owner = $1", blob.Owner.ToString()))!.Value;
                if (held > quota || blob.Size > quota - held || blob.Size > long.MaxValue)
                    return false;
                await writer.RunAsync(
                    "INSERT INTO blob(name, room, owner, size, held, created_at) VALUES($1, $2, $3, $4, 0, $5)",
                    blob.Id.ToArray(),
                    KeyOf(blob.Room),
                    blob.Owner.ToString(),
                    blob.Size,
                    blob.CreatedAt);
                return true;
            },
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredBlob?> FindBlobAsync(Digest blob, CancellationToken cancel = default)
        => (await ListAsync(row => BlobOf(row, blob), new Query($"SELECT {BlobColumns} FROM blob WHERE name = $1", blob.ToArray()), cancel)).FirstOrDefault();

    /// <inheritdoc/>
    public async ValueTask<ulong?> AppendBlobAsync(Digest blob, ulong offset, ReadOnlyMemory<byte> bytes, CancellationToken cancel = default)
    {
        byte[] copy = bytes.ToArray();
        return await _writer.RunAsync(
            async writer =>
            {
                StoredBlob? known = null;
                long id = 0;
                await writer.ReadAsync(
                    row =>
                    {
                        (id, known) = (row.GetInt64(0), BlobOf(row, blob));
                        return true;
                    },
                    $"SELECT {BlobColumns} FROM blob WHERE name = $1 FOR UPDATE",
                    blob.ToArray());
                if (known is null || offset != known.Held || (ulong)copy.Length > known.Size - known.Held)
                    return (ulong?)null;
                if (copy.Length == 0)
                    return offset;
                writer.Add("INSERT INTO piece VALUES($1, $2, $3)", id, offset, copy);
                writer.Add("UPDATE blob SET held = $2 WHERE id = $1", id, offset + (ulong)copy.Length);
                await writer.FlushAsync();
                return offset + (ulong)copy.Length;
            },
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadBlobAsync(Digest blob, ulong offset, Memory<byte> buffer, CancellationToken cancel = default)
        => await ReadAsync(
            async session =>
            {
                int read = 0;
                await session.ReadAsync(
                    row =>
                    {
                        byte[] bytes = Blob(row, 1);
                        ulong skip = offset + (ulong)read - Count(row, 0);
                        if (skip >= (ulong)bytes.Length)
                            return false;
                        int length = Math.Min(bytes.Length - (int)skip, buffer.Length - read);
                        bytes.AsSpan((int)skip, length).CopyTo(buffer.Span[read..]);
                        read += length;
                        return read < buffer.Length;
                    },
                    """
                    SELECT p.start, p.bytes FROM piece p JOIN blob b ON b.id = p.blob
                    WHERE b.name = $1 AND p.start >= coalesce((SELECT max(start) FROM piece WHERE blob = b.id AND start <= $2), 0)
                      AND p.start < $2::numeric + $3 ORDER BY p.start
                    """,
                    blob.ToArray(),
                    offset,
                    buffer.Length);
                return read;
            },
            cancel);

    /// <inheritdoc/>
    public async ValueTask<int> ExpireBlobsAsync(ulong completeBefore, ulong incompleteBefore, int maxCount, CancellationToken cancel = default)
        => await _writer.RunAsync(
            async writer => (int)(await writer.NumberAsync(
                """
                WITH gone AS (
                    DELETE FROM blob WHERE id IN (SELECT id FROM blob WHERE created_at < $1 OR (held < size AND created_at < $2) LIMIT $3) RETURNING id),
                bytes AS (DELETE FROM piece WHERE blob IN (SELECT id FROM gone))
                SELECT count(*) FROM gone
                """,
                completeBefore,
                incompleteBefore,
                maxCount))!.Value,
            cancel);

    private static StoredBlob BlobOf(NpgsqlDataReader row, Digest name)
        => new(name, new RoomId(DigestOf(row, 1)), Handle.Parse(row.GetString(2)), Count(row, 3), Count(row, 4), Count(row, 5));
}
