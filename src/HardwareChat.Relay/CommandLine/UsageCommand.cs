using System.CommandLine;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <summary><c>hwchat-relay usage</c>: what takes the room on the disk.</summary>
internal static class UsageCommand
{
    private static readonly (string Name, string Sql)[] Rows =
    [
        ("registry", "SELECT count(*), coalesce(sum(length(leaf)), 0) FROM leaf"),
        ("evidence", "SELECT count(*), coalesce(sum(length(blob)), 0) FROM evidence"),
        ("entries", "SELECT count(*), coalesce(sum(length(message)), 0) FROM entry"),
        ("group infos", "SELECT count(*), coalesce(sum(length(info)), 0) FROM group_info"),
        ("welcomes", "SELECT count(*), coalesce(sum(length(welcome)), 0) FROM welcome"),
        ("key packages", "SELECT count(*), coalesce(sum(length(package)), 0) FROM key_package"),
        ("blobs", "SELECT count(*), coalesce(sum(held), 0) FROM blob"),
        ("free pages", "SELECT freelist_count, freelist_count * page_size FROM pragma_freelist_count, pragma_page_size"),
        ("file", "SELECT page_count, page_count * page_size FROM pragma_page_count, pragma_page_size"),
    ];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("usage", "Says what takes how much room in the store, and which rooms are the largest.");
        var flags = new RelayFlags();
        flags.AddTo(command);
        command.SetAction(parsed =>
        {
            Print(StoreFile.Of(flags, parsed));
            return 0;
        });
        return command;
    }

    private static void Print(string store)
    {
        if (!File.Exists(store))
            throw new StoreUnusableException($"there is no store {store}");
        try
        {
            using SqliteConnection connection = SqliteSchema.Open(store, SqliteOpenMode.ReadWrite);
            SqliteSchema.Execute(connection, "PRAGMA query_only = ON");
            SqliteSchema.Check(connection);
            using var session = new SqliteSession(connection);
            foreach ((string name, string sql) in Rows)
                PrintRows(session, sql, row => string.Create(CultureInfo.InvariantCulture, $"{name,-14}{row.GetInt64(0),10}{row.GetInt64(1),16} bytes"));
            PrintRows(
                session,
                "SELECT hex(r.room), r.size, coalesce(sum(length(e.message)), 0) AS bytes FROM room r LEFT JOIN entry e ON e.id >= r.id << 40 AND e.id < (r.id + 1) << 40 GROUP BY r.id ORDER BY bytes DESC LIMIT 10",
                static row => string.Create(CultureInfo.InvariantCulture, $"room {row.GetString(0)[..16].ToLowerInvariant()}  {row.GetInt64(1)} entries, {row.GetInt64(2)} bytes"));
        }
        catch (SqliteException e)
        {
            throw SqliteSchema.Meaning(e);
        }
    }

    private static void PrintRows(SqliteSession session, string sql, Func<SqliteDataReader, string> line)
    {
        using SqliteDataReader row = session.Query(sql);
        while (row.Read())
            Console.WriteLine(line(row));
    }
}
