using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

// One file. An entry's key is room << 40 | sequence, so that a room's log lies together and in order; a reader or a retry
// starts anywhere in it. Retries are found by scanning from their `after`: an index over message hashes would cost every append
// a random write, and the sequencer remembers the last 4,096 anyway.

/// <summary>The relay's SQLite file: what is in it, and whether a file is one.</summary>
internal static class SqliteSchema
{
    /// <summary>"HWCR".</summary>
    public const long ApplicationId = 0x48574352;

    /// <summary>The version that this relay writes.</summary>
    public const long Version = 1;

    private const string Create = """
        CREATE TABLE fact(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
        CREATE TABLE leaf(id INTEGER PRIMARY KEY, leaf BLOB NOT NULL, receipt BLOB NOT NULL);
        CREATE TABLE evidence(hash BLOB PRIMARY KEY, blob BLOB NOT NULL);
        CREATE TABLE room(
            id INTEGER PRIMARY KEY, room BLOB NOT NULL UNIQUE, genesis BLOB NOT NULL, handles BLOB NOT NULL, open INTEGER NOT NULL,
            size INTEGER NOT NULL, head BLOB NOT NULL, time INTEGER NOT NULL, registry_size INTEGER NOT NULL,
            horizon INTEGER NOT NULL, handshakes BLOB NOT NULL, externals BLOB NOT NULL);
        CREATE TABLE room_user(handle TEXT NOT NULL, room BLOB NOT NULL, owner INTEGER NOT NULL, PRIMARY KEY(handle, room)) WITHOUT ROWID;
        CREATE TABLE entry(
            id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, time INTEGER NOT NULL, registry_size INTEGER NOT NULL,
            previous BLOB NOT NULL, hash BLOB NOT NULL, receipt BLOB NOT NULL, message BLOB);
        CREATE TABLE group_info(room INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, info BLOB NOT NULL);
        CREATE TABLE welcome(id INTEGER PRIMARY KEY, room BLOB NOT NULL, sequence INTEGER NOT NULL, time INTEGER NOT NULL, welcome BLOB NOT NULL);
        CREATE TABLE welcome_for(handle TEXT NOT NULL, welcome INTEGER NOT NULL, PRIMARY KEY(handle, welcome)) WITHOUT ROWID;
        CREATE INDEX welcome_time ON welcome(time);
        CREATE TABLE key_package(id INTEGER PRIMARY KEY AUTOINCREMENT, token BLOB NOT NULL, package BLOB NOT NULL);
        CREATE INDEX key_package_token ON key_package(token);
        CREATE TABLE last_resort(token BLOB PRIMARY KEY, package BLOB NOT NULL);
        CREATE TABLE blob(
            id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, room BLOB NOT NULL, owner TEXT NOT NULL,
            size INTEGER NOT NULL, held INTEGER NOT NULL, created_at INTEGER NOT NULL);
        CREATE INDEX blob_owner ON blob(owner);
        CREATE TABLE piece(blob INTEGER NOT NULL, start INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(blob, start));
        """;

    /// <summary>Opens a connection as the relay uses it.</summary>
    public static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;");
        return connection;
    }

    /// <summary>Makes the tables in an empty file.</summary>
    public static void Make(SqliteConnection connection)
    {
        // Before the first page is written: freed pages can then be given back to the file system.
        Execute(connection, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = FULL;");
        Execute(connection, $"BEGIN IMMEDIATE; {Create} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}; COMMIT;");
    }

    /// <summary>Checks that a file is the relay's, and sets it up for writing.</summary>
    /// <exception cref="StoreUnusableException">The file is something else, damaged, or of a newer relay.</exception>
    public static void Prepare(SqliteConnection connection)
    {
        Check(connection);
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000;");
    }

    /// <summary>Checks that this is a relay's store, of a version that this relay reads.</summary>
    /// <exception cref="StoreUnusableException">It is not.</exception>
    public static void Check(SqliteConnection connection)
    {
        if (Number(connection, "PRAGMA application_id") != ApplicationId)
            throw new StoreUnusableException("the file is not a relay's store; it has not been touched") { Hint = "give the relay a folder of its own with --data, or move the file away" };
        long version = Number(connection, "PRAGMA user_version");
        if (version > Version)
            throw new StoreUnusableException($"the store has version {version}, and this relay reads up to {Version}: it was written by a newer one");
        if (version < 1)
            throw new StoreUnusableException($"the store has version {version}, which never was");
    }

    /// <summary>What SQLite finds wrong; null if nothing.</summary>
    public static string? Fault(SqliteConnection connection, bool whole)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = whole ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)";
        string found = (string)command.ExecuteScalar()!;
        return found == "ok" ? null : found.ReplaceLineEndings(" ");
    }

    /// <summary>Runs statements without results.</summary>
    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>One number.</summary>
    public static long Number(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>What an error of SQLite means for who asked.</summary>
    public static StoreException Meaning(SqliteException e) => e.SqliteErrorCode switch
    {
        // SQLITE_CORRUPT, SQLITE_NOTADB.
        11 or 26 => new StoreUnusableException("the store is damaged", e),

        // SQLITE_CONSTRAINT: the unique keys are the fence.
        19 => new StoreFencedException(e),

        // SQLITE_FULL.
        13 => new StoreUnavailableException("the disk is full", e),
        _ => new StoreUnavailableException($"the store did not do it (SQLite {e.SqliteExtendedErrorCode})", e),
    };
}
