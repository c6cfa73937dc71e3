using System.Security.Cryptography;
using System.Text;
using HardwareChat.Protocol;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay.Tests.Storage;

/// <summary>What the embedded store does with a file that is not as it should be, and with callers that make mistakes.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private static readonly Handle Alice = Handle.Parse("alice");

    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-store-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "relay.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Foreign_file_is_refused_and_left_as_it_was()
    {
        byte[] text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("not a database\n", 100)));
        await File.WriteAllBytesAsync(Path, text, TestContext.Current.CancellationToken);
        Assert.Throws<StoreUnusableException>(() => SqliteStore.Open(Path));
        Assert.Equal(text, await File.ReadAllBytesAsync(Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Database_of_another_program_is_refused_and_left_as_it_was()
    {
        Execute("CREATE TABLE other(x); INSERT INTO other VALUES(1)");
        byte[] before = await File.ReadAllBytesAsync(Path, TestContext.Current.CancellationToken);
        Assert.Throws<StoreUnusableException>(() => SqliteStore.Open(Path));
        Assert.Equal(before, await File.ReadAllBytesAsync(Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Newer_store_is_refused_with_both_versions()
    {
        await SqliteStore.Open(Path).DisposeAsync();
        Execute("PRAGMA user_version = 4711");
        StoreUnusableException refusal = Assert.Throws<StoreUnusableException>(() => SqliteStore.Open(Path));
        Assert.Contains("4711", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("up to 1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Torn_file_is_refused_or_only_read()
    {
        await using (SqliteStore store = SqliteStore.Open(Path))
        {
            for (ulong i = 0; i < 50; i++)
                await store.AppendLeafAsync(new StoredLeaf(i, RandomNumberGenerator.GetBytes(2000), default), [], TestContext.Current.CancellationToken);
        }
        using (FileStream file = File.Open(Path, FileMode.Open))
            file.SetLength(file.Length / 2);
        try
        {
            await using SqliteStore torn = SqliteStore.Open(Path);
            Assert.Equal(StoreHealth.ReadOnly, await torn.CheckAsync(TestContext.Current.CancellationToken));
        }
        catch (StoreUnusableException e)
        {
            Assert.Contains("damaged", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Second_process_or_store_is_refused_while_the_file_is_open()
    {
        await using SqliteStore store = SqliteStore.Open(Path);
        Assert.Throws<StoreUnusableException>(() => SqliteStore.Open(Path));
    }

    [Fact]
    public async Task Mistake_of_one_caller_fails_alone_and_leaves_the_writer_at_work()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using SqliteStore store = SqliteStore.Open(Path);
        var genesis = new RoomGenesis(new RegistryId(default), [Alice], Digest.Of("room"u8));
        Assert.True(await store.CreateRoomAsync(genesis, genesis.Owners[0], cancel));
        await store.AppendAsync(genesis.RoomId, [], cancel);
        var never = new PublishKeyPackages(false, null!, null);
        await Assert.ThrowsAsync<NullReferenceException>(async () => await store.PublishKeyPackagesAsync(default, never, 10, cancel));
        await store.AppendLeafAsync(new StoredLeaf(0, new byte[] { 1 }, default), [], cancel);
        Assert.Single(await store.ReadLeavesAsync(0, 10, 1000, cancel));
    }

    [Fact]
    public async Task Positions_that_no_store_has_read_as_empty()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using SqliteStore store = SqliteStore.Open(Path);
        var genesis = new RoomGenesis(new RegistryId(default), [Alice], Digest.Of("room"u8));
        Assert.True(await store.CreateRoomAsync(genesis, genesis.Owners[0], cancel));
        Digest blob = Digest.Of("blob"u8);
        Assert.False(await store.CreateBlobAsync(new StoredBlob(blob, genesis.RoomId, Alice, ulong.MaxValue, 0, 1), ulong.MaxValue, cancel));
        Assert.True(await store.CreateBlobAsync(new StoredBlob(blob, genesis.RoomId, Alice, 3, 0, 1), 3, cancel));
        Assert.Equal(3UL, await store.AppendBlobAsync(blob, 0, new byte[] { 1, 2, 3 }, cancel));
        Assert.Equal(0, await store.ReadBlobAsync(blob, ulong.MaxValue, new byte[8], cancel));
        Assert.Null(await store.AppendBlobAsync(blob, ulong.MaxValue, new byte[] { 4 }, cancel));
        Assert.Empty(await store.ReadEntriesAsync(genesis.RoomId, ulong.MaxValue, 10, 1000, cancel));
        Assert.Null(await store.FindMessageAsync(genesis.RoomId, blob, ulong.MaxValue, cancel));
        Assert.Empty(await store.ReadLeavesAsync(ulong.MaxValue, 10, 1000, cancel));
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
