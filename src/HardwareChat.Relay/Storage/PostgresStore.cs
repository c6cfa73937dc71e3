using HardwareChat.Protocol;
using Npgsql;

namespace HardwareChat.Relay;

/// <summary>The store of a relay of several processes: a PostgreSQL database that all of them write to.</summary>
public sealed partial class PostgresStore : IRelayStore
{
    private const string Checked = "INSERT INTO fact VALUES('checked', extract(epoch FROM now())::bigint) ON CONFLICT(name) DO UPDATE SET value = excluded.value";

    private readonly NpgsqlDataSource _source;
    private readonly PostgresWriter _writer;
    private readonly RecentWrite _recentWrite = new();

    private PostgresStore(NpgsqlDataSource source)
    {
        _source = source;
        _writer = new PostgresWriter(source);
    }

    /// <summary>Opens the store in this database; makes its tables where there are none.</summary>
    /// <param name="connection">An Npgsql connection string.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="StoreException">It cannot be reached, or is something else, or of a newer relay.</exception>
    public static async Task<PostgresStore> OpenAsync(string connection, CancellationToken cancel = default)
    {
        NpgsqlDataSource source = NpgsqlDataSource.Create(WithLimits(connection));
        try
        {
            await using NpgsqlConnection first = await source.OpenConnectionAsync(cancel);
            await PostgresSchema.PrepareAsync(first, cancel);
            return new PostgresStore(source);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or StoreException)
        {
            await source.DisposeAsync();
            throw PostgresSchema.Meaning(e);
        }
    }

    // A process that stands still or is cut off in the middle of a transaction holds the locks of its rooms: the database ends such a
    // transaction, so that the others can go on. And no statement of ours waits longer than clients do.
    private static string WithLimits(string connection)
    {
        NpgsqlConnectionStringBuilder given;
        try
        {
            given = new NpgsqlConnectionStringBuilder(connection);
        }
        catch (ArgumentException e)
        {
            throw new StoreUnavailableException($"the connection string of the cluster cannot be read: {e.Message}", e);
        }
        return new NpgsqlConnectionStringBuilder(connection)
        {
            Options = $"-c idle_in_transaction_session_timeout=2000 -c lock_timeout=5000 {given.Options}".TrimEnd(),
            CommandTimeout = given.ContainsKey("Command Timeout") ? given.CommandTimeout : 10,
            CancellationTimeout = given.ContainsKey("Cancellation Timeout") ? given.CancellationTimeout : 1000,
            Timeout = given.ContainsKey("Timeout") ? given.Timeout : 5,
        }.ToString();
    }

    /// <inheritdoc/>
    public async ValueTask<bool> IsRestoredAsync(CancellationToken cancel = default)
        => await ReadAsync(static session => session.NumberAsync("SELECT 1 FROM fact WHERE name = 'restored'"), cancel) is not null;

    /// <inheritdoc/>
    public Task BeginHealingAsync(CancellationToken cancel = default)
        => _writer.RunAsync(static writer => writer.RunAsync("INSERT INTO fact VALUES('restored', 1) ON CONFLICT DO NOTHING"), cancel);

    /// <inheritdoc/>
    public Task EndHealingAsync(CancellationToken cancel = default)
        => _writer.RunAsync(static writer => writer.RunAsync("DELETE FROM fact WHERE name = 'restored'"), cancel);

    /// <inheritdoc/>
    public string? Damage => _writer.Damage?.Message;

    /// <inheritdoc/>
    public ValueTask<StoreHealth> CheckAsync(CancellationToken cancel = default)
        => _recentWrite.HealthAsync(this, () => _writer.RunAsync(static writer => writer.RunAsync(Checked), cancel), cancel);

    /// <inheritdoc/>
    /// <remarks>PostgreSQL sees to its pages itself; what is looked at here is that every room's log is whole.</remarks>
    public async Task<string?> ExamineAsync(CancellationToken cancel = default)
    {
        long broken = await ReadAsync(
            static session => session.PatientNumberAsync("SELECT count(*) FROM room r WHERE r.size <> (SELECT count(*) FROM entry e WHERE e.id >= r.id << 40 AND e.id < (r.id + 1) << 40)"),
            cancel) ?? 0;
        if (broken == 0)
            return null;
        string fault = $"{broken} rooms do not hold as many entries as they say";
        _writer.Stop(new StoreUnusableException($"the store is damaged: {fault}"));
        return fault;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _source.DisposeAsync();
    }

    // Connections that broke while they lay in the pool are found out by using them: a reading is tried once more.
    private async Task<T> ReadAsync<T>(Func<PostgresSession, Task<T>> read, CancellationToken cancel)
    {
        for (bool again = false; ; again = true)
        {
            try
            {
                await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancel);
                return await read(new PostgresSession(connection));
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                if (again || e is not NpgsqlException { IsTransient: true })
                    throw PostgresSchema.Meaning(e);
            }
        }
    }

    private async Task<List<T>> ListAsync<T>(Func<NpgsqlDataReader, T> read, Query query, CancellationToken cancel)
    {
        return await ReadAsync(
            async session =>
            {
                var all = new List<T>();
                await session.ReadAsync(
                    row =>
                    {
                        all.Add(read(row));
                        return true;
                    },
                    query.Sql,
                    query.Values);
                return all;
            },
            cancel);
    }

    private static byte[] Blob(NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    private static Digest DigestOf(NpgsqlDataReader row, int column) => new(Blob(row, column));

    private static ulong Count(NpgsqlDataReader row, int column) => (ulong)row.GetInt64(column);

    private static byte[] KeyOf(RoomId room) => room.Value.ToArray();

    private readonly struct Query(string sql, params object[] values)
    {
        public string Sql { get; } = sql;

        public object[] Values { get; } = values;
    }
}
