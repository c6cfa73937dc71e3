using HardwareChat.Protocol;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <content>Welcomes and key packages.</content>
public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WelcomePush>> ReadWelcomesAsync(Handle handle, int maxCount, CancellationToken cancel = default)
        => new(Read(
            static (connection, asked) =>
            {
                var welcomes = new List<WelcomePush>();
                using SqliteDataReader row = connection.Query("SELECT w.room, w.sequence, w.welcome FROM welcome_for f JOIN welcome w ON w.id = f.welcome WHERE f.handle = ?1 ORDER BY w.id LIMIT ?2",
                    asked.Handle.ToString(),
                    asked.MaxCount);
                while (row.Read())
                    welcomes.Add(new WelcomePush(new RoomId(DigestOf(row, 0)), (ulong)row.GetInt64(1), Blob(row, 2)));
                return (IReadOnlyList<WelcomePush>)welcomes;
            },
            (Handle: handle, MaxCount: maxCount)));

    /// <inheritdoc/>
    public Task DropWelcomeAsync(Handle handle, RoomId room, ulong sequence, CancellationToken cancel = default)
        => _writer.RunAsync(
            writer =>
            {
                writer["DELETE FROM welcome_for WHERE handle = ?1 AND welcome IN (SELECT id FROM welcome WHERE room = ?2 AND sequence = ?3)", 3]
                    .Run(handle.ToString(), room.Value.ToArray(), (long)Math.Min(sequence, long.MaxValue));
                return writer["DELETE FROM welcome WHERE room = ?1 AND NOT EXISTS (SELECT 1 FROM welcome_for WHERE welcome = welcome.id)", 1].Run(room.Value.ToArray());
            },
            cancel);

    /// <inheritdoc/>
    public async ValueTask<int> ExpireWelcomesAsync(ulong before, CancellationToken cancel = default)
        => await _writer.RunAsync(
            writer =>
            {
                long time = (long)Math.Min(before, long.MaxValue);
                writer["DELETE FROM welcome_for WHERE welcome IN (SELECT id FROM welcome WHERE time < ?1)", 1].Run(time);
                return writer["DELETE FROM welcome WHERE time < ?1", 1].Run(time);
            },
            cancel);

    /// <inheritdoc/>
    public async ValueTask<bool> PublishKeyPackagesAsync(TokenId token, PublishKeyPackages publication, int stockLimit, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(publication);
        return await _writer.RunAsync(
            writer =>
            {
                byte[] id = token.Value.ToArray();
                long stock = publication.Replace ? 0 : Count(writer, id);
                if (stock + publication.Packages.Count > stockLimit)
                    return false;
                if (publication.Replace)
                    writer["DELETE FROM key_package WHERE token = ?1", 1].Run(id);
                foreach (ReadOnlyMemory<byte> package in publication.Packages)
                    writer["INSERT INTO key_package(token, package) VALUES(?1, ?2)", 2].Run(id, package.ToArray());
                if (publication.LastResort is { } lastResort)
                    writer["INSERT OR REPLACE INTO last_resort VALUES(?1, ?2)", 2].Run(id, lastResort.ToArray());
                return true;
            },
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> TakeKeyPackageAsync(TokenId token, CancellationToken cancel = default)
        => await _writer.RunAsync(
            writer =>
            {
                byte[] id = token.Value.ToArray();
                using (SqliteDataReader taken = writer["DELETE FROM key_package WHERE id = (SELECT min(id) FROM key_package WHERE token = ?1) RETURNING package", 1].Read(id))
                {
                    if (taken.Read())
                        return Blob(taken, 0);
                }
                using SqliteDataReader row = writer["SELECT package FROM last_resort WHERE token = ?1", 1].Read(id);
                return row.Read() ? Blob(row, 0) : null;
            },
            cancel);

    /// <inheritdoc/>
    public ValueTask<KeyPackageCount> CountKeyPackagesAsync(TokenId token, CancellationToken cancel = default)
        => new(Read(
            static (connection, token) =>
            {
                using SqliteDataReader row = connection.Query("SELECT (SELECT count(*) FROM key_package WHERE token = ?1), (SELECT count(*) FROM last_resort WHERE token = ?1)",
                    token.Value.ToArray());
                return row.Read() ? new KeyPackageCount((uint)row.GetInt64(0), row.GetInt64(1) > 0) : new KeyPackageCount(0, false);
            },
            token));

    /// <inheritdoc/>
    public Task ForgetKeyPackagesAsync(TokenId token, CancellationToken cancel = default)
        => _writer.RunAsync(
            writer =>
            {
                writer["DELETE FROM key_package WHERE token = ?1", 1].Run(token.Value.ToArray());
                return writer["DELETE FROM last_resort WHERE token = ?1", 1].Run(token.Value.ToArray());
            },
            cancel);

    private static long Count(SqliteSession writer, byte[] token)
    {
        using SqliteDataReader row = writer["SELECT count(*) FROM key_package WHERE token = ?1", 1].Read(token);
        return row.Read() ? row.GetInt64(0) : 0;
    }
}
