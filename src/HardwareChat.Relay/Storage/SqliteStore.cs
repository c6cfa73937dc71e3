using System.Collections.Concurrent;
using HardwareChat.Protocol;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <summary>The embedded store: one SQLite file, and one process that has it open.</summary>
public sealed partial class SqliteStore : IRelayStore
{
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly SqliteWriter _writer;
    private readonly ConcurrentBag<SqliteSession> _readers = [];

    private readonly RecentWrite _recentWrite = new();

    private SqliteStore(string path, FileStream held, SqliteConnection connection)
    {
        _path = path;
        _lock = held;
        _writer = new SqliteWriter(new SqliteSession(connection), _tails.Clear);
    }

    /// <summary>Opens the store in this file; makes one where there is no file. A damaged one is opened to be read.</summary>
    /// <exception cref="StoreException">Another process has it open; or it is something else, beyond reading, or of a newer relay.</exception>
    public static SqliteStore Open(string path)
    {
        FileStream held = Hold(path);
        SqliteConnection? connection = null;
        try
        {
            if (!File.Exists(path))
                Make(path);
            if (new FileInfo(path).Length == 0)
                throw new StoreUnusableException($"{path} is empty, which a store never is") { Hint = "hwchat-relay restore FILE puts a backup in its place; delete the file to begin anew" };
            connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);
            SqliteSchema.Prepare(connection);
            var store = new SqliteStore(path, held, connection);
            if (FaultOf(connection) is { } fault)
                store._writer.Stop(new StoreUnusableException($"the store is damaged: {fault}"));
            return store;
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            held.Dispose();
            throw SqliteSchema.Meaning(e);
        }
        catch
        {
            connection?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> IsRestoredAsync(CancellationToken cancel = default) => new(Read(static (connection, _) => IsRestored(connection), 0));

    /// <inheritdoc/>
    public Task BeginHealingAsync(CancellationToken cancel = default) => _writer.RunAsync(static writer => writer["INSERT OR REPLACE INTO fact VALUES('restored', 1)", 0].Run(), cancel);

    /// <inheritdoc/>
    public Task EndHealingAsync(CancellationToken cancel = default) => _writer.RunAsync(static writer => writer["DELETE FROM fact WHERE name = 'restored'", 0].Run(), cancel);

    /// <inheritdoc/>
    public string? Damage => _writer.Damage?.Message;

    /// <inheritdoc/>
    public ValueTask<StoreHealth> CheckAsync(CancellationToken cancel = default)
        => _recentWrite.HealthAsync(this, () => _writer.RunAsync(static writer => writer["INSERT OR REPLACE INTO fact VALUES('checked', unixepoch())", 0].Run(), cancel), cancel);

    /// <inheritdoc/>
    public Task<string?> ExamineAsync(CancellationToken cancel = default) => Task.Run(
        () =>
        {
            // A connection of its own: those in use have pages in memory, and would not look at the disk.
            using SqliteConnection connection = OpenReader();
            string? fault = FaultOf(connection, whole: true);
            if (fault is not null)
                _writer.Stop(new StoreUnusableException($"the store is damaged: {fault}"));
            return fault;
        },
        cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        while (_readers.TryTake(out SqliteSession? reader))
            reader.Dispose();
        await _lock.DisposeAsync();
    }

    // Readers do not wait for the writer, nor it for them: that is what WAL is for.
    private T Read<TState, T>(Func<SqliteSession, TState, T> read, TState state)
    {
        SqliteSession? session = null;
        try
        {
            if (!_readers.TryTake(out session))
                session = new SqliteSession(OpenReader());
            T result = read(session, state);
            _readers.Add(session);
            return result;
        }
        catch (SqliteException e)
        {
            session?.Dispose();
            throw SqliteSchema.Meaning(e);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    private static string? FaultOf(SqliteConnection connection, bool whole = false)
    {
        try
        {
            return SqliteSchema.Fault(connection, whole);
        }
        catch (SqliteException e) when (SqliteSchema.Meaning(e) is StoreUnusableException)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }

    private static bool IsRestored(SqliteSession connection)
    {
        using SqliteDataReader row = connection.Query("SELECT 1 FROM fact WHERE name = 'restored'");
        return row.Read();
    }

    private SqliteConnection OpenReader()
    {
        SqliteConnection connection = SqliteSchema.Open(_path, SqliteOpenMode.ReadWrite);
        SqliteSchema.Execute(connection, "PRAGMA query_only = ON");
        return connection;
    }

    private static byte[] Blob(SqliteDataReader row, int column) => (byte[])row.GetValue(column);

    private static Digest DigestOf(SqliteDataReader row, int column) => new(Blob(row, column));

    // Made whole beside its place, and moved there: a start that is cut short leaves no store, and no empty file that was one.
    private static void Make(string path)
    {
        string beside = path + ".new";
        foreach (string part in (string[])["", "-journal", "-wal", "-shm"])
            File.Delete(beside + part);
        MakeFile(beside);
        using (SqliteConnection connection = SqliteSchema.Open(beside, SqliteOpenMode.ReadWrite))
            SqliteSchema.Make(connection);
        File.Move(beside, path, overwrite: false);
    }

    // Made here and not by SQLite: it is nobody else's to read from its first moment on.
    internal static void MakeFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
    }

    internal static FileStream Hold(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new StoreUnusableException($"another process has {path} open", e) { Hint = "a relay runs over this folder already: stop it, or give this one a folder of its own with --data" };
        }
    }
}
