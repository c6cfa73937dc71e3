using HardwareChat.Client;
using HardwareChat.Protocol;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Bench.Client;

/// <summary>The baseline: the same rows in the clear, in SQLite with the same journal, flushing and secure_delete, and its own full-text index (FTS5).</summary>
internal sealed class PlainHistory : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly string _path;

    public PlainHistory(string path)
    {
        _path = path;
        _connection = new SqliteConnection($"Data Source={path};Pooling=false");
        _connection.Open();
        Execute(
            """
            PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;
            CREATE TABLE messages (number INTEGER PRIMARY KEY, room BLOB, sequence INTEGER, id BLOB, sender TEXT, token BLOB, time INTEGER, kind INTEGER, state INTEGER, content BLOB,
                UNIQUE (room, sequence));
            CREATE INDEX message_ids ON messages (room, id);
            CREATE TABLE rooms (room BLOB PRIMARY KEY, next INTEGER, title TEXT);
            CREATE TABLE room_states (room BLOB PRIMARY KEY, state BLOB);
            CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1, prefix='1 2');
            """);
    }

    public long Size => new FileInfo(_path).Length;

    public void Put(StoredMessage[] batch)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction();
        foreach (StoredMessage message in batch)
            Insert(message);
        transaction.Commit();
    }

    public void Receive(StoredMessage message, byte[] state)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction();
        Insert(message);
        Execute("INSERT OR REPLACE INTO rooms VALUES ($a, $b, $c)", Bytes(message.Room), (long)message.Sequence + 1, "room");
        Execute("INSERT OR REPLACE INTO room_states VALUES ($a, $b)", Bytes(message.Room), state);
        transaction.Commit();
    }

    public int Before(RoomId room, ulong sequence, int count)
        => Count("SELECT * FROM messages WHERE room = $a AND sequence < $b ORDER BY sequence DESC LIMIT $c", Bytes(room), (long)sequence, (long)count);

    public int Search(string query)
        => Count(
            "SELECT * FROM messages WHERE number IN (SELECT rowid FROM words WHERE words MATCH $a) ORDER BY time DESC LIMIT 50",
            string.Join(' ', query.Split(' ').Select(word => $"\"{word}\"*")));

    public void Dispose() => _connection.Dispose();

    private void Insert(StoredMessage message)
    {
        byte[] content = message.Content.ToArray();
        Execute(
            "INSERT OR REPLACE INTO messages (room, sequence, id, sender, token, time, kind, state, content) VALUES ($a, $b, $c, $d, $e, $f, $g, $h, $i)",
            Bytes(message.Room), (long)message.Sequence, message.Id.ToArray(), message.Sender.ToString()!, message.Token!.Value.Value.ToArray(), (long)message.Time,
            (long)message.Kind, (long)message.State, content);
        Execute("INSERT INTO words (rowid, text) VALUES (last_insert_rowid(), $a)", System.Text.Encoding.UTF8.GetString(content));
    }

    private static byte[] Bytes(RoomId room) => room.Value.ToArray();

    private void Execute(string sql, params object[] values)
    {
        using SqliteCommand command = Command(sql, values);
        command.ExecuteNonQuery();
    }

    private int Count(string sql, params object[] values)
    {
        using SqliteCommand command = Command(sql, values);
        using SqliteDataReader reader = command.ExecuteReader();
        int rows = 0;
        object[] row = new object[reader.FieldCount];
        while (reader.Read())
            rows += reader.GetValues(row) > 0 ? 1 : 0;
        return rows;
    }

    private SqliteCommand Command(string sql, object[] values)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue("$" + (char)('a' + i), values[i]);
        return command;
    }
}
