using System.Diagnostics;
using HardwareChat.Protocol;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay.Tests.Storage;

/// <summary>What a file on a disk meets: strangers, damage, a full disk, and the end of its process at any moment.</summary>
public sealed class SqliteDiskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-store-").FullName;

    private string StorePath => Path.Combine(_folder, "relay.db");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Another_programs_database_is_refused_and_untouched()
    {
        Sql(StorePath, "PRAGMA journal_mode = WAL; CREATE TABLE note(text); INSERT INTO note VALUES('mine');", SqliteOpenMode.ReadWriteCreate);
        byte[] foreign = File.ReadAllBytes(StorePath);
        StoreUnusableException e = Assert.Throws<StoreUnusableException>(() => SqliteStore.Open(StorePath));
        Assert.Contains("not a relay's store", e.Message, StringComparison.Ordinal);
        Assert.Equal(foreign, File.ReadAllBytes(StorePath));
    }

    [Fact]
    public async Task A_damaged_store_is_opened_to_be_read_only()
    {
        RoomLog log = await FillAsync(2000);
        await GarbleAsync(from: 40);
        await using var store = SqliteStore.Open(StorePath);
        Assert.NotNull(store.Damage);
        Assert.Equal(StoreHealth.ReadOnly, await store.CheckAsync(Cancel));
        Assert.Equal(2000UL, (await store.LoadRoomAsync(log.Room, Cancel))!.Tail.Chain.Size);
        await Assert.ThrowsAsync<StoreUnusableException>(() => store.AppendAsync(log.Room, log.Next(1), Cancel));
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_says_so_when_asked()
    {
        string disk = Path.Combine(_folder, "disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Environment.IsPrivilegedProcess && await RunAsync("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk) == 0, "a small file system cannot be mounted here");
        try
        {
            await using (var store = SqliteStore.Open(Path.Combine(disk, "relay.db")))
            {
                using (FileStream filler = File.Create(Path.Combine(disk, "filler")))
                    Assert.Throws<IOException>(() => Fill(filler));
                Assert.Equal(StoreHealth.Unreachable, await store.CheckAsync(Cancel));
                File.Delete(Path.Combine(disk, "filler"));
                Assert.Equal(StoreHealth.Sound, await store.CheckAsync(Cancel));
            }
        }
        finally
        {
            await RunAsync("umount", "-l", disk);
        }

        static void Fill(FileStream file)
        {
            byte[] block = new byte[4096];
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
    }

    [Fact]
    public async Task Damage_that_is_found_later_makes_the_store_read_only()
    {
        await FillAsync(500);
        await using var store = SqliteStore.Open(StorePath);
        await GarbleAsync();
        Assert.NotNull(await store.ExamineAsync(Cancel));
        Assert.Equal(StoreHealth.ReadOnly, await store.CheckAsync(Cancel));
        await Assert.ThrowsAsync<StoreUnusableException>(async () => await store.CreateRoomAsync(RoomLog.Of(Handle.Parse("alice")).Genesis, Handle.Parse("alice"), Cancel));
    }

    [Fact]
    public async Task An_empty_file_is_refused()
    {
        await File.WriteAllBytesAsync(StorePath, [], Cancel);
        Assert.Contains("is empty", Assert.Throws<StoreUnusableException>(() => SqliteStore.Open(StorePath)).Message, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(StorePath).Length);
    }

    [Fact]
    public async Task A_start_that_was_cut_short_is_begun_anew()
    {
        await File.WriteAllBytesAsync(StorePath + ".new", new byte[100], Cancel);
        await SqliteStore.Open(StorePath).DisposeAsync();
        Assert.False(File.Exists(StorePath + ".new"));
    }

    [Fact]
    public async Task A_store_is_its_owners_alone()
    {
        string other = Path.Combine(_folder, "other.db");
        await SqliteStore.Open(other).DisposeAsync();
        await SqliteStore.Open(other).DisposeAsync();
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(other));
    }

    [Fact]
    public async Task A_store_is_open_in_one_place_only()
    {
        await using var store = SqliteStore.Open(StorePath);
        StoreUnusableException e = Assert.Throws<StoreUnusableException>(() => SqliteStore.Open(StorePath));
        Assert.Contains("another process", e.Message, StringComparison.Ordinal);
        using Process child = Child(_folder);
        await child.WaitForExitAsync(Cancel);
        Assert.NotEqual(0, child.ExitCode);
        Assert.False(File.Exists(Path.Combine(_folder, "acknowledged")));
    }

    [Fact]
    public async Task A_full_disk_is_an_error_and_loses_nothing()
    {
        string disk = Path.Combine(_folder, "disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Environment.IsPrivilegedProcess && await RunAsync("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk) == 0, "a small file system cannot be mounted here");
        try
        {
            var store = SqliteStore.Open(Path.Combine(disk, "relay.db"));
            RoomLog log = RoomLog.Of(Handle.Parse("alice"));
            await store.CreateRoomAsync(log.Genesis, log.Genesis.Owners[0], Cancel);
            RoomWrite? refused = null;
            for (int i = 0; i < 10_000 && refused is null; i++)
            {
                RoomWrite next = log.Next(new string('x', 4000));
                try
                {
                    await store.AppendAsync(log.Room, [next], Cancel);
                }
                catch (StoreUnavailableException)
                {
                    refused = next;
                }
            }
            Assert.NotNull(refused);
            int acknowledged = log.Written.Count - 1;
            Assert.Equal((ulong)acknowledged, (await store.LoadRoomAsync(log.Room, Cancel))!.Tail.Chain.Size);
            Assert.Equal(0, await RunAsync("mount", "-o", "remount,size=16m", disk));
            await store.AppendAsync(log.Room, [refused], Cancel);
            await store.DisposeAsync();
            await using var again = SqliteStore.Open(Path.Combine(disk, "relay.db"));
            IReadOnlyList<StoredEntry> entries = await again.ReadEntriesAsync(log.Room, 0, 100_000, 1 << 30, Cancel);
            Assert.Equal(log.Written.Select(static write => write.Entry), entries.Select(static entry => entry.Entry));
        }
        finally
        {
            await RunAsync("umount", "-l", disk);
        }
    }

    [Fact]
    public async Task Every_acknowledged_write_outlives_the_end_of_its_process()
    {
        for (int kill = 0; kill < 5; kill++)
        {
            string acknowledged = Path.Combine(_folder, "acknowledged");
            long before = File.Exists(acknowledged) ? new FileInfo(acknowledged).Length : 0;
            using Process child = Child(_folder);
            while (!child.HasExited && (!File.Exists(acknowledged) || new FileInfo(acknowledged).Length < before + 200 + (kill * 777)))
                await Task.Delay(5, Cancel);
            Assert.False(child.HasExited, "the writing process ended by itself");
            child.Kill();
            await child.WaitForExitAsync(Cancel);
            await using var store = SqliteStore.Open(StorePath);
            await AssertHoldsAcknowledgedAsync(store, await File.ReadAllLinesAsync(acknowledged, Cancel));
        }
    }

    /// <summary>The process that is killed: appends to eight rooms at once, and writes down what was acknowledged.</summary>
    [Fact(Explicit = true)]
    public async Task Append_until_killed()
    {
        string folder = Environment.GetEnvironmentVariable("HWCHAT_TEST_STORE") ?? throw new InvalidOperationException("HWCHAT_TEST_STORE names the folder");
        await using var store = SqliteStore.Open(Path.Combine(folder, "relay.db"));
        using var acknowledged = new FileStream(Path.Combine(folder, "acknowledged"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            RoomLog log = RoomLog.Of(Handle.Parse("alice"));
            await store.CreateRoomAsync(log.Genesis, log.Genesis.Owners[0], Cancel);
            while (true)
            {
                RoomWrite[] writes = log.Next(3);
                await store.AppendAsync(log.Room, writes, Cancel);
                lock (acknowledged)
                    acknowledged.Write(System.Text.Encoding.ASCII.GetBytes($"{log.Room} {writes[^1].Entry.Sequence} {writes[^1].Entry.Hash}\n"));
            }
        })));
    }

    private static async Task AssertHoldsAcknowledgedAsync(SqliteStore store, string[] lines)
    {
        foreach (IGrouping<string, string[]> room in lines.Select(static line => line.Split(' ')).GroupBy(static words => words[0]))
        {
            var id = RoomId.FromBytes(Convert.FromHexString(room.Key));
            IReadOnlyList<StoredEntry> entries = await store.ReadEntriesAsync(id, 0, 1_000_000, 1 << 30, Cancel);
            RoomChain chain = entries.Aggregate(RoomChain.Empty(id), static (chain, entry) => chain.Take(entry.Entry));
            Assert.Equal(chain, (await store.LoadRoomAsync(id, Cancel))!.Tail.Chain);
            Assert.True(entries.Count % 3 == 0, "a batch is there in part");
            foreach (string[] words in room)
                Assert.Equal(words[2], entries[int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture)].Entry.Hash.ToString());
        }
    }

    private async Task<RoomLog> FillAsync(int entries)
    {
        await using var store = SqliteStore.Open(StorePath);
        RoomLog log = RoomLog.Of(Handle.Parse("alice"));
        await store.CreateRoomAsync(log.Genesis, log.Genesis.Owners[0], Cancel);
        await store.AppendAsync(log.Room, log.Next(entries), Cancel);
        return log;
    }

    // Pages in the middle of the file, behind the back of whoever has it open.
    private async Task GarbleAsync(long from = 3)
    {
        await using var file = new FileStream(StorePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        byte[] garbage = new byte[4096];
        Array.Fill(garbage, (byte)0xa5);
        for (long page = from; page < file.Length / 4096; page++)
        {
            file.Position = page * 4096;
            await file.WriteAsync(garbage, Cancel);
        }
    }

    private static void Sql(string path, string sql, SqliteOpenMode mode = SqliteOpenMode.ReadWrite)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static Process Child(string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["-noLogo", "-explicit", "only", "-method", $"{typeof(SqliteDiskTests).FullName}.{nameof(Append_until_killed)}"])
            start.ArgumentList.Add(argument);
        start.Environment["HWCHAT_TEST_STORE"] = folder;
        var child = Process.Start(start)!;
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return child;
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode;
    }
}
