using System.CommandLine;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <summary><c>hwchat-relay vacuum</c>: gives what was deleted back to the disk, in steps that a running relay hardly notices.</summary>
internal static class VacuumCommand
{
    private const int PagesPerStep = 1000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("vacuum", "Gives the room of what was deleted back to the file system, while the relay runs or not.");
        var flags = new RelayFlags();
        flags.AddTo(command);
        command.SetAction(parsed =>
        {
            string store = StoreFile.Of(flags, parsed);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{store}: {Vacuum(store)} bytes freed"));
            return 0;
        });
        return command;
    }

    private static long Vacuum(string store)
    {
        if (!File.Exists(store))
            throw new StoreUnusableException($"there is no store {store}");
        try
        {
            using SqliteConnection connection = SqliteSchema.Open(store, SqliteOpenMode.ReadWrite);
            SqliteSchema.Check(connection);
            long before = SqliteSchema.Number(connection, "PRAGMA page_count");
            for (long free = long.MaxValue; SqliteSchema.Number(connection, "PRAGMA freelist_count") is > 0 and long now && now < free; free = now)
            {
                using SqliteCommand step = connection.CreateCommand();
                step.CommandText = $"PRAGMA incremental_vacuum({PagesPerStep})";
                using SqliteDataReader row = step.ExecuteReader();
                while (row.Read())
                {
                    // A row for each page: the pragma works as it is read.
                }
            }
            long freed = (before - SqliteSchema.Number(connection, "PRAGMA page_count")) * SqliteSchema.Number(connection, "PRAGMA page_size");
            SqliteSchema.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            return freed;
        }
        catch (SqliteException e)
        {
            throw SqliteSchema.Meaning(e);
        }
    }
}
