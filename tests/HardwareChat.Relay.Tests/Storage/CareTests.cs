using HardwareChat.Protocol;

namespace HardwareChat.Relay.Tests.Storage;

/// <summary>The verbs of care, through the program itself.</summary>
public sealed class CareTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-care-").FullName;

    private string StorePath => Path.Combine(_folder, "relay.db");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_backup_is_taken_from_under_a_writer_and_brings_the_store_back_restored()
    {
        RoomLog log = RoomLog.Of(Handle.Parse("alice"));
        await using (var store = SqliteStore.Open(StorePath))
        {
            await store.CreateRoomAsync(log.Genesis, log.Genesis.Owners[0], Cancel);
            await store.AppendAsync(log.Room, log.Next(50), Cancel);
            Assert.Equal(0, (await RelayAsync("backup", "saved", "--data", _folder)).Code);
            Assert.Equal(4, (await RelayAsync("backup", "saved", "--data", _folder)).Code);
            await store.AppendAsync(log.Room, log.Next(10), Cancel);
            Assert.Equal(4, (await RelayAsync("restore", "saved", "--data", _folder, "--force")).Code);
        }
        Assert.Contains("50 entries", (await RelayAsync("verify", "saved")).Out, StringComparison.Ordinal);
        (int code, _, string error) = await RelayAsync("restore", "saved", "--data", _folder);
        Assert.Equal(4, code);
        Assert.Contains("holds more", error, StringComparison.Ordinal);
        Assert.Equal(0, (await RelayAsync("restore", "saved", "--data", _folder, "--force")).Code);
        Assert.Contains("60 entries", (await RelayAsync("verify", Path.GetFileName(Directory.GetFiles(_folder, "relay.db.before-*Z").Single()))).Out, StringComparison.Ordinal);
        await using var restored = SqliteStore.Open(StorePath);
        Assert.True(await restored.IsRestoredAsync(Cancel));
        Assert.Equal(50UL, (await restored.LoadRoomAsync(log.Room, Cancel))!.Tail.Chain.Size);
        await restored.AppendAsync(log.Room, log.Written.Skip(50).ToArray(), Cancel);
    }

    [Fact]
    public async Task A_damaged_backup_is_found_out_and_not_restored()
    {
        await using (var store = SqliteStore.Open(StorePath))
        {
            RoomLog log = RoomLog.Of(Handle.Parse("alice"));
            await store.CreateRoomAsync(log.Genesis, log.Genesis.Owners[0], Cancel);
            await store.AppendAsync(log.Room, log.Next(300), Cancel);
        }
        Assert.Equal(0, (await RelayAsync("backup", "saved", "--data", _folder)).Code);
        string saved = Path.Combine(_folder, "saved");
        byte[] bytes = await File.ReadAllBytesAsync(saved, Cancel);
        bytes.AsSpan(4096 * 3, 4096 * 8).Fill(0xa5);
        await File.WriteAllBytesAsync(saved, bytes, Cancel);
        Assert.Equal(4, (await RelayAsync("verify", "saved")).Code);
        Assert.Equal(4, (await RelayAsync("restore", "saved", "--data", _folder, "--force")).Code);
        Assert.Contains("300 entries", (await RelayAsync("verify", "relay.db")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_says_what_is_there_and_vacuum_what_it_freed()
    {
        RoomLog log = RoomLog.Of(Handle.Parse("alice"));
        await using (var store = SqliteStore.Open(StorePath))
        {
            await store.CreateRoomAsync(log.Genesis, log.Genesis.Owners[0], Cancel);
            await store.AppendAsync(log.Room, [.. Enumerable.Range(0, 200).Select(_ => log.Next(new string('x', 5000)))], Cancel);
            Assert.Equal(200, await store.ExpireMessagesAsync(log.Room, ulong.MaxValue, 1000, Cancel));
            (int code, string text, _) = await RelayAsync("usage", "--data", _folder);
            Assert.Equal(0, code);
            Assert.Contains($"room {log.Room.ToString()[..16]}  200 entries, 0 bytes", text, StringComparison.Ordinal);
            string freed = (await RelayAsync("vacuum", "--data", _folder)).Out;
            Assert.DoesNotContain(" 0 bytes freed", freed, StringComparison.Ordinal);
            Assert.Contains("bytes freed", freed, StringComparison.Ordinal);
        }
        Assert.InRange(new FileInfo(StorePath).Length, 1, 500_000);
        Assert.Contains("sound", (await RelayAsync("verify", "relay.db")).Out, StringComparison.Ordinal);
    }

    private Task<(int Code, string Out, string Error)> RelayAsync(params string[] arguments) => RelayProgram.RunAsync(_folder, arguments);
}
