using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <summary>What a store holds, by the numbers that a backup is compared by.</summary>
/// <param name="Version">Of the schema.</param>
/// <param name="Leaves">Registry leaves.</param>
/// <param name="Rooms">Rooms.</param>
/// <param name="Entries">Entries of all rooms.</param>
internal sealed record StoreContents(long Version, long Leaves, long Rooms, long Entries)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"version {Version}, {Leaves} registry leaves, {Rooms} rooms, {Entries} entries");
}

/// <summary>Backups of the embedded store: one file each, whole, checked before it has its name.</summary>
internal static class SqliteBackup
{
    /// <summary>Writes a backup while a relay may be at work on the store.</summary>
    /// <exception cref="StoreUnusableException">The store is not one, or the backup is not sound: no file is left.</exception>
    public static StoreContents Write(string store, string file)
    {
        if (!File.Exists(store))
            throw new StoreUnusableException($"there is no store {store}");
        if (File.Exists(file))
            throw new StoreUnusableException($"{file} exists: a backup never overwrites a file");
        string beside = file + ".new";
        try
        {
            SqliteStore.MakeFile(beside);
            using (SqliteConnection from = SqliteSchema.Open(store, SqliteOpenMode.ReadWrite))
            using (SqliteConnection to = SqliteSchema.Open(beside, SqliteOpenMode.ReadWrite))
            {
                SqliteSchema.Check(from);
                from.BackupDatabase(to);

                // One file, without a WAL beside it.
                SqliteSchema.Execute(to, "PRAGMA journal_mode = DELETE");
            }
            StoreContents contents = Verify(beside);
            Flush(beside);
            File.Move(beside, file, overwrite: false);
            return contents;
        }
        catch (SqliteException e)
        {
            throw SqliteSchema.Meaning(e);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    /// <summary>Reads all of a store or backup, and says what it holds.</summary>
    /// <exception cref="StoreUnusableException">It is something else, or damaged.</exception>
    public static StoreContents Verify(string file)
    {
        if (!File.Exists(file))
            throw new StoreUnusableException($"there is no file {file}");
        try
        {
            using SqliteConnection connection = SqliteSchema.Open(file, SqliteOpenMode.ReadWrite);
            SqliteSchema.Execute(connection, "PRAGMA query_only = ON");
            SqliteSchema.Check(connection);
            if (SqliteSchema.Fault(connection, whole: true) is { } fault)
                throw new StoreUnusableException($"{file} is damaged: {fault}");
            if (SqliteSchema.Number(connection, "SELECT count(*) FROM room r WHERE size <> (SELECT count(*) FROM entry WHERE id >= r.id << 40 AND id < (r.id + 1) << 40)") is > 0 and long broken)
                throw new StoreUnusableException(string.Create(CultureInfo.InvariantCulture, $"{file} is damaged: {broken} rooms do not hold as many entries as they say"));
            return ContentsOf(connection);
        }
        catch (SqliteException e)
        {
            throw SqliteSchema.Meaning(e);
        }
    }

    /// <summary>Puts a backup in a store's place, and marks it restored. What stood there is moved aside, never deleted.</summary>
    /// <param name="file">The backup.</param>
    /// <param name="store">The store's file.</param>
    /// <param name="force">Whether a store that holds more than the backup, or is damaged, may be replaced.</param>
    /// <returns>What was restored, and where the former store is now; null if there was none.</returns>
    /// <exception cref="StoreUnusableException">The backup is not sound, a relay has the store open, or it holds more.</exception>
    public static (StoreContents Contents, string? Former) Restore(string file, string store, bool force)
    {
        StoreContents contents = Verify(file);
        using FileStream held = SqliteStore.Hold(store);
        bool stands = File.Exists(store) && new FileInfo(store).Length > 0;
        if (stands && !force)
        {
            StoreContents standing = Verify(store);
            if (standing.Entries > contents.Entries || standing.Leaves > contents.Leaves || standing.Rooms > contents.Rooms)
                throw new StoreUnusableException($"the store holds more ({standing}) than the backup ({contents}); --force replaces it");
        }
        string beside = store + ".new";
        File.Delete(beside);
        SqliteStore.MakeFile(beside);
        using (FileStream from = File.OpenRead(file))
        using (var to = new FileStream(beside, FileMode.Open, FileAccess.Write))
            from.CopyTo(to);
        using (SqliteConnection connection = SqliteSchema.Open(beside, SqliteOpenMode.ReadWrite))
            SqliteSchema.Execute(connection, "INSERT OR REPLACE INTO fact VALUES('restored', 1)");
        Flush(beside);
        string? former = stands ? $"{store}.before-{DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}" : null;
        foreach (string part in (string[])["", "-wal", "-shm"])
        {
            if (former is not null && File.Exists(store + part))
                File.Move(store + part, former + part, overwrite: false);
        }
        File.Move(beside, store, overwrite: true);
        return (contents, former);
    }

    /// <summary>SHA-256 of a file, in hexadecimal digits.</summary>
    public static string HashOf(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static StoreContents ContentsOf(SqliteConnection connection)
        => new(
            SqliteSchema.Number(connection, "PRAGMA user_version"),
            SqliteSchema.Number(connection, "SELECT count(*) FROM leaf"),
            SqliteSchema.Number(connection, "SELECT count(*) FROM room"),
            SqliteSchema.Number(connection, "SELECT coalesce(sum(size), 0) FROM room"));

    private static void Flush(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Write);
        stream.Flush(flushToDisk: true);
    }
}
