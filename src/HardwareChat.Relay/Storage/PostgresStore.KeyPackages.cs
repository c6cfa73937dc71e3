using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <content>Welcomes and key packages.</content>
public sealed partial class PostgresStore
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<WelcomePush>> ReadWelcomesAsync(Handle handle, int maxCount, CancellationToken cancel = default)
        => await ListAsync(
            static row => new WelcomePush(new RoomId(DigestOf(row, 0)), Count(row, 1), Blob(row, 2)),
            new Query("SELECT w.room, w.sequence, w.welcome FROM welcome_for f JOIN welcome w ON w.id = f.welcome WHERE f.handle = $1 ORDER BY w.id LIMIT $2",
            handle.ToString(),
            maxCount), cancel);

    /// <inheritdoc/>
    public Task DropWelcomeAsync(Handle handle, RoomId room, ulong sequence, CancellationToken cancel = default)
        => _writer.RunAsync(
            async writer =>
            {
                writer.Add("DELETE FROM welcome_for WHERE handle = $1 AND welcome IN (SELECT id FROM welcome WHERE room = $2 AND sequence = $3)", handle.ToString(), KeyOf(room), sequence);
                writer.Add("DELETE FROM welcome w WHERE room = $1 AND NOT EXISTS (SELECT 1 FROM welcome_for f WHERE f.welcome = w.id)", KeyOf(room));
                await writer.FlushAsync();
                return true;
            },
            cancel);

    /// <inheritdoc/>
    public async ValueTask<int> ExpireWelcomesAsync(ulong before, CancellationToken cancel = default)
        => await _writer.RunAsync(
            async writer =>
            {
                await writer.RunAsync("DELETE FROM welcome_for WHERE welcome IN (SELECT id FROM welcome WHERE time < $1)", before);
                return await writer.RunAsync("DELETE FROM welcome WHERE time < $1", before);
            },
            cancel);

    /// <inheritdoc/>
    public async ValueTask<bool> PublishKeyPackagesAsync(TokenId token, PublishKeyPackages publication, int stockLimit, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(publication);
        byte[] id = token.Value.ToArray();
        return await _writer.RunAsync(
            async writer =>
            {
                await LockAsync(writer, id);
                long stock = publication.Replace ? 0 : (await writer.NumberAsync("SELECT count(*) FROM key_package WHERE token = $1", id))!.Value;
                if (stock + publication.Packages.Count > stockLimit)
                    return false;
                if (publication.Replace)
                    writer.Add("DELETE FROM key_package WHERE token = $1", id);
                foreach (ReadOnlyMemory<byte> package in publication.Packages)
                    writer.Add("INSERT INTO key_package(token, package) VALUES($1, $2)", id, package.ToArray());
                if (publication.LastResort is { } lastResort)
                    writer.Add("INSERT INTO last_resort VALUES($1, $2) ON CONFLICT(token) DO UPDATE SET package = $2", id, lastResort.ToArray());
                await writer.FlushAsync();
                return true;
            },
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> TakeKeyPackageAsync(TokenId token, CancellationToken cancel = default)
    {
        byte[] id = token.Value.ToArray();
        return await _writer.RunAsync(
            async writer =>
            {
                byte[]? package = null;
                await LockAsync(writer, id);
                foreach (string sql in (string[])["DELETE FROM key_package WHERE id = (SELECT min(id) FROM key_package WHERE token = $1) RETURNING package", "SELECT package FROM last_resort WHERE token = $1"])
                {
                    if (package is not null)
                        break;
                    await writer.ReadAsync(
                        row =>
                        {
                            package = Blob(row, 0);
                            return true;
                        },
                        sql,
                        id);
                }
                return package;
            },
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<KeyPackageCount> CountKeyPackagesAsync(TokenId token, CancellationToken cancel = default)
        => (await ListAsync(
            static row => new KeyPackageCount((uint)row.GetInt64(0), row.GetInt64(1) > 0),
            new Query("SELECT (SELECT count(*) FROM key_package WHERE token = $1), (SELECT count(*) FROM last_resort WHERE token = $1)",
            token.Value.ToArray()), cancel))[0];

    /// <inheritdoc/>
    public Task ForgetKeyPackagesAsync(TokenId token, CancellationToken cancel = default)
        => _writer.RunAsync(
            async writer =>
            {
                writer.Add("DELETE FROM key_package WHERE token = $1", token.Value.ToArray());
                writer.Add("DELETE FROM last_resort WHERE token = $1", token.Value.ToArray());
                await writer.FlushAsync();
                return true;
            },
            cancel);

    // One process at a time for one token, or one user's blobs: what is counted must not change before it is written.
    private static Task<int> LockAsync(PostgresSession writer, byte[] what) => writer.RunAsync("SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))", what);
}
