using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HardwareChat.Client;

// One connection, used under one lock. WAL with synchronous=FULL: a transaction is on disk when Commit returns. secure_delete: what is deleted is
// overwritten with zeros. locking_mode=EXCLUSIVE keeps other programs out, and the WAL's index in memory.

/// <summary>The SQLite file of a vault: rows as they lie there, sealed. Knows no key.</summary>
internal sealed class VaultFile : IDisposable
{
    // A sealed value is at most a room's MLS state; 1,000 leaves take 184 KB.
    private const int MaxValue = 32 << 20;
    private const int WrappingsAtMost = 256;
    private const long TidyAbove = 4 << 20;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<(VaultTable, string), SqliteCommand> _prepared = [];
    private readonly string _path;

    private VaultFile(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
    }

    /// <summary>Makes an empty file, whole, under a name of its own that is then taken away from any half-made one.</summary>
    public static void Create(string path, SealedHeader header, IReadOnlyList<KeyWrapping> wrappings)
    {
        string beside = path + ".new";
        File.Delete(beside);
        File.Delete(beside + "-journal");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(beside, options).Dispose();
        using (var file = new VaultFile(Connect(beside), beside))
        {
            file.Execute($"PRAGMA synchronous=FULL; PRAGMA application_id={VaultSchema.ApplicationId}; PRAGMA user_version={VaultHeader.CurrentSchema}");
            file.Begin();
            foreach (string statement in VaultSchema.Statements)
                file.Execute(statement);
            file.ReplaceWrappings(wrappings);
            file.PutHeader(header);
            file.Commit();
        }

        File.Move(beside, path, overwrite: false);
    }

    /// <summary>Opens a file and checks that it is a vault of this schema.</summary>
    public static VaultFile Open(string path)
    {
        var file = new VaultFile(Connect(path), path);
        try
        {
            file.CheckKind();
            file.Execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=0");
            file.CheckSchema();
            return file;
        }
        catch (SqliteException error)
        {
            file.Dispose();
            throw Translate(error, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Begin() => Execute("BEGIN IMMEDIATE");

    public void Commit() => Execute("COMMIT");

    /// <summary>Undoes the open transaction; nothing if SQLite has undone it already.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            Execute("ROLLBACK");
    }

    /// <summary>Moves the log into the file and empties it, so that neither holds rows that are no more.</summary>
    public void Tidy() => Execute("PRAGMA wal_checkpoint(TRUNCATE)");

    /// <summary>Whether the log has grown so that it should be emptied.</summary>
    public bool WantsTidying => new FileInfo(_path + "-wal") is { Exists: true, Length: > TidyAbove };

    /// <summary>SQLite's own check of the file's structure; <see langword="null"/> if it is sound, else the first complaint.</summary>
    public string? CheckIntegrity()
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check(1)";
        string? answer = command.ExecuteScalar() as string;
        return answer == "ok" ? null : answer ?? "no answer";
    }

    public SealedHeader ReadHeader()
    {
        using SqliteDataReader reader = Prepare(default, "SELECT vault, nonce, value FROM header WHERE id = 1").ExecuteReader();
        if (!reader.Read())
            throw new VaultException(VaultFault.Damaged, $"The vault {_path} has no header.");
        var header = new SealedHeader(Blob(reader, 0), Blob(reader, 1), Blob(reader, 2));
        return header.VaultId.Length == VaultHeader.VaultIdSize ? header : throw new VaultException(VaultFault.Damaged, $"The vault {_path} has a header of another form.");
    }

    public void PutHeader(SealedHeader header)
    {
        SqliteCommand command = Prepare(default, "INSERT OR REPLACE INTO header (id, vault, nonce, value) VALUES (1, $a, $b, $c)");
        Bind(command, header.VaultId, header.Nonce, header.Value);
        command.ExecuteNonQuery();
    }

    public List<byte[]> ReadWrappings()
    {
        SqliteCommand command = Prepare(default, "SELECT value FROM wrapping ORDER BY id LIMIT $a");
        Bind(command, (long)WrappingsAtMost);
        using SqliteDataReader reader = command.ExecuteReader();
        List<byte[]> wrappings = [];
        while (reader.Read())
            wrappings.Add(Blob(reader, 0));
        return wrappings;
    }

    public void ReplaceWrappings(IReadOnlyList<KeyWrapping> wrappings)
    {
        Execute("DELETE FROM wrapping");
        SqliteCommand command = Prepare(default, "INSERT INTO wrapping (value) VALUES ($a)");
        foreach (KeyWrapping wrapping in wrappings)
        {
            Bind(command, Wire.TlsWriter.Encode(wrapping));
            command.ExecuteNonQuery();
        }
    }

    /// <summary>The row with this key.</summary>
    public SealedRow? Find(VaultTable table, byte[] key)
    {
        SqliteCommand command = Prepare(table, "SELECT id, key, version, nonce, value FROM {0} WHERE key = $a");
        Bind(command, key);
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? Row(reader) : null;
    }

    /// <summary>What the file shows of the row with this key, without its value.</summary>
    public (long Id, RowStamp Stamp)? FindStamp(VaultTable table, byte[] key)
    {
        SqliteCommand command = Prepare(table, "SELECT id, version, nonce FROM {0} WHERE key = $a");
        Bind(command, key);
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), new RowStamp(key, Version(reader, 1), Blob(reader, 2))) : null;
    }

    /// <summary>Up to <paramref name="count"/> rows whose key is from <paramref name="first"/> to <paramref name="last"/>, in order or backwards.</summary>
    public List<SealedRow> Range(VaultTable table, byte[] first, byte[] last, int count, bool backwards)
    {
        SqliteCommand command = Prepare(table, backwards
            ? "SELECT id, key, version, nonce, value FROM {0} WHERE key BETWEEN $a AND $b ORDER BY key DESC LIMIT $c"
            : "SELECT id, key, version, nonce, value FROM {0} WHERE key BETWEEN $a AND $b ORDER BY key LIMIT $c");
        Bind(command, first, last, (long)count);
        return Rows(command);
    }

    /// <summary>Up to <paramref name="count"/> rows in the order in which they were first written, after that with <paramref name="id"/>.</summary>
    public List<SealedRow> After(VaultTable table, long id, int count)
    {
        SqliteCommand command = Prepare(table, "SELECT id, key, version, nonce, value FROM {0} WHERE id > $a ORDER BY id LIMIT $b");
        Bind(command, id, (long)count);
        return Rows(command);
    }

    /// <summary>Each row's id and stamp, as they stand in the table, whatever its index says.</summary>
    public IEnumerable<(long Id, RowStamp Stamp)> Stamps(VaultTable table)
    {
        using SqliteDataReader reader = Prepare(table, "SELECT id, key, version, nonce FROM {0} NOT INDEXED").ExecuteReader();
        while (reader.Read())
            yield return (reader.GetInt64(0), new RowStamp(Blob(reader, 1), Version(reader, 2), Blob(reader, 3)));
    }

    /// <summary>Each entry of the table's index, in the order of the index and from it alone.</summary>
    public IEnumerable<(long Id, byte[] Key)> IndexEntries(VaultTable table)
    {
        using SqliteDataReader reader = Prepare(table, "SELECT id, key FROM {0} INDEXED BY sqlite_autoindex_{0}_1 ORDER BY key").ExecuteReader();
        while (reader.Read())
            yield return (reader.GetInt64(0), Blob(reader, 1));
    }

    public void Insert(VaultTable table, RowStamp stamp, byte[] value)
    {
        SqliteCommand command = Prepare(table, "INSERT INTO {0} (key, version, nonce, value) VALUES ($a, $b, $c, $d)");
        Bind(command, stamp.Key, checked((long)stamp.Version), stamp.Nonce, value);
        command.ExecuteNonQuery();
    }

    public void Update(VaultTable table, long id, RowStamp stamp, byte[] value)
    {
        SqliteCommand command = Prepare(table, "UPDATE {0} SET key = $a, version = $b, nonce = $c, value = $d WHERE id = $e");
        Bind(command, stamp.Key, checked((long)stamp.Version), stamp.Nonce, value, id);
        command.ExecuteNonQuery();
    }

    public void Delete(VaultTable table, long id)
    {
        SqliteCommand command = Prepare(table, "DELETE FROM {0} WHERE id = $a");
        Bind(command, id);
        command.ExecuteNonQuery();
    }

    public long Count(VaultTable table) => (long)(Prepare(table, "SELECT count(*) FROM {0}").ExecuteScalar() ?? 0L);

    public void Dispose()
    {
        foreach (SqliteCommand command in _prepared.Values)
            command.Dispose();
        _prepared.Clear();
        _connection.Dispose();
    }

    /// <summary>SQLite's complaint in the words of <see cref="VaultFault"/>.</summary>
    public static VaultException Translate(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        raw.SQLITE_NOTADB => new VaultException(VaultFault.Foreign, $"{path} is no vault: SQLite cannot read it.", error),
        raw.SQLITE_CORRUPT => new VaultException(VaultFault.Damaged, $"The vault {path} is damaged: SQLite finds its structure broken.", error),
        raw.SQLITE_TOOBIG => new VaultException(VaultFault.Damaged, $"The vault {path} is damaged: a value in it is larger than any that was written.", error),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new VaultException(VaultFault.InUse, $"Another program holds the vault {path} open.", error),
        raw.SQLITE_FULL => new VaultException(VaultFault.Disk, $"The disk with the vault {path} is full.", error),
        raw.SQLITE_READONLY => new VaultException(VaultFault.Disk, $"The vault {path} cannot be written: the file or its folder is read-only.", error),
        raw.SQLITE_CANTOPEN => new VaultException(VaultFault.Disk, $"The vault {path} cannot be opened.", error),
        _ => new VaultException(VaultFault.Disk, $"The disk failed the vault {path} (SQLite {error.SqliteExtendedErrorCode}).", error),
    };

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        try
        {
            connection.Open();
            raw.sqlite3_limit(connection.Handle, raw.SQLITE_LIMIT_LENGTH, MaxValue);
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw Translate(error, path);
        }
    }

    private void CheckKind()
    {
        Execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY");
        if (Number("PRAGMA application_id") != VaultSchema.ApplicationId)
            throw new VaultException(VaultFault.Foreign, $"{_path} is no vault: another program made it.");
        long schema = Number("PRAGMA user_version");
        if (schema > VaultHeader.CurrentSchema)
            throw new VaultException(VaultFault.Newer, $"A later release wrote the vault {_path} (its schema is {schema}, this release knows {VaultHeader.CurrentSchema}): use that release.");
        if (schema != VaultHeader.CurrentSchema)
            throw new VaultException(VaultFault.Damaged, $"The vault {_path} says that its schema is {schema}, which never was.");
    }

    private void CheckSchema()
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "SELECT sql FROM sqlite_schema WHERE NOT (type = 'index' AND sql IS NULL AND name LIKE 'sqlite_autoindex_%')";
        using SqliteDataReader reader = command.ExecuteReader();
        List<string> found = [];
        while (reader.Read())
            found.Add(reader.IsDBNull(0) ? "" : reader.GetString(0));
        if (!found.Order(StringComparer.Ordinal).SequenceEqual(VaultSchema.Statements.Order(StringComparer.Ordinal)))
            throw new VaultException(VaultFault.Damaged, $"The vault {_path} has other tables than a vault has: somebody changed it.");
    }

    private long Number(string pragma)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = pragma;
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(VaultTable table, string sql)
    {
        if (_prepared.TryGetValue((table, sql), out SqliteCommand? command))
            return command;
        command = _connection.CreateCommand();
        command.CommandText = table == default ? sql : string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, VaultSchema.NameOf(table));
        _prepared.Add((table, sql), command);
        return command;
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        if (command.Parameters.Count == 0)
        {
            for (int i = 0; i < values.Length; i++)
                command.Parameters.Add(new SqliteParameter("$" + (char)('a' + i), values[i]));
            return;
        }

        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
    }

    private static List<SealedRow> Rows(SqliteCommand command)
    {
        using SqliteDataReader reader = command.ExecuteReader();
        List<SealedRow> rows = [];
        while (reader.Read())
            rows.Add(Row(reader));
        return rows;
    }

    private static SealedRow Row(SqliteDataReader reader) => new(reader.GetInt64(0), new RowStamp(Blob(reader, 1), Version(reader, 2), Blob(reader, 3)), Blob(reader, 4));

    private static ulong Version(SqliteDataReader reader, int column) => unchecked((ulong)reader.GetInt64(column));

    private static byte[] Blob(SqliteDataReader reader, int column) => reader.GetFieldValue<byte[]>(column);
}

/// <summary>A row as it lies in the file.</summary>
internal readonly record struct SealedRow(long Id, RowStamp Stamp, byte[] Value);
