using System.Security.Cryptography;

namespace HardwareChat.Relay.Tests.Storage;

/// <content>Blobs, and the store's care.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task A_blob_is_appended_where_it_ends_and_resumed_after_a_reopening()
    {
        RoomLog log = await FoundAsync();
        var blob = new StoredBlob(Name("blob"), log.Room, Alice, 10, 0, 1000);
        Assert.True(await Store.CreateBlobAsync(blob, 10, Cancel));
        await Assert.ThrowsAsync<StoreFencedException>(async () => await Store.CreateBlobAsync(blob, 100, Cancel));
        Assert.Equal(blob, await Store.FindBlobAsync(blob.Id, Cancel));
        Assert.Equal(4UL, await Store.AppendBlobAsync(blob.Id, 0, Bytes("abcd"), Cancel));
        Assert.Equal(4UL, await Store.AppendBlobAsync(blob.Id, 4, Bytes(""), Cancel));
        Assert.Null(await Store.AppendBlobAsync(blob.Id, 0, Bytes("abcd"), Cancel));
        Assert.Null(await Store.AppendBlobAsync(blob.Id, 5, Bytes("f"), Cancel));
        Assert.Null(await Store.AppendBlobAsync(blob.Id, 4, Bytes("efghijk"), Cancel));
        Assert.Null(await Store.AppendBlobAsync(Name("none"), 0, Bytes("x"), Cancel));
        Assert.Null(await Store.FindBlobAsync(Name("none"), Cancel));
        await ReopenAsync();
        Assert.Equal(blob with { Held = 4 }, await Store.FindBlobAsync(blob.Id, Cancel));
        Assert.Equal(10UL, await Store.AppendBlobAsync(blob.Id, 4, Bytes("efghij"), Cancel));
        Assert.True((await Store.FindBlobAsync(blob.Id, Cancel))!.IsComplete);
        Assert.Null(await Store.AppendBlobAsync(blob.Id, 10, Bytes("k"), Cancel));
    }

    [Fact]
    public async Task A_blob_is_read_from_anywhere_across_its_pieces()
    {
        RoomLog log = await FoundAsync();
        byte[] content = RandomNumberGenerator.GetBytes(1000);
        await Store.CreateBlobAsync(new StoredBlob(Name("blob"), log.Room, Alice, 1000, 0, 1000), 1000, Cancel);
        int held = 0;
        foreach (int piece in (int[])[1, 99, 400, 500])
        {
            await Store.AppendBlobAsync(Name("blob"), (ulong)held, content.AsMemory(held, piece), Cancel);
            held += piece;
        }
        foreach ((int from, int length) in ((int, int)[])[(0, 1000), (0, 1), (1, 99), (50, 600), (99, 2), (100, 400), (999, 1), (500, 700)])
        {
            byte[] buffer = new byte[length];
            int read = await Store.ReadBlobAsync(Name("blob"), (ulong)from, buffer, Cancel);
            Assert.Equal(Math.Min(length, 1000 - from), read);
            Assert.Equal(content.AsSpan(from, read), buffer.AsSpan(0, read));
        }
        Assert.Equal(0, await Store.ReadBlobAsync(Name("blob"), 1000, new byte[10], Cancel));
        Assert.Equal(0, await Store.ReadBlobAsync(Name("blob"), ulong.MaxValue, new byte[10], Cancel));
        Assert.Equal(0, await Store.ReadBlobAsync(Name("none"), 0, new byte[10], Cancel));
    }

    [Fact]
    public async Task A_quota_counts_what_was_announced_and_is_the_owners_own()
    {
        RoomLog log = await FoundAsync();
        Assert.True(await Store.CreateBlobAsync(new StoredBlob(Name("1"), log.Room, Alice, 60, 0, 1000), 100, Cancel));
        Assert.False(await Store.CreateBlobAsync(new StoredBlob(Name("2"), log.Room, Alice, 41, 0, 1000), 100, Cancel));
        Assert.Null(await Store.FindBlobAsync(Name("2"), Cancel));
        Assert.True(await Store.CreateBlobAsync(new StoredBlob(Name("3"), log.Room, Alice, 40, 0, 1000), 100, Cancel));
        Assert.True(await Store.CreateBlobAsync(new StoredBlob(Name("4"), log.Room, Bob, 100, 0, 1000), 100, Cancel));
        Assert.False(await Store.CreateBlobAsync(new StoredBlob(Name("5"), log.Room, Bob, 1, 0, 1000), 50, Cancel));
        bool[] raced = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Store.CreateBlobAsync(new StoredBlob(Name($"race {i}"), log.Room, Carol, 30, 0, 1000), 100, Cancel).AsTask()));
        Assert.Equal(3, raced.Count(static made => made));
    }

    [Fact]
    public async Task Blobs_expire_by_age_and_incomplete_ones_sooner()
    {
        RoomLog log = await FoundAsync();
        foreach ((string name, ulong time, bool complete) in ((string, ulong, bool)[])[("old", 1000, true), ("new", 3000, true), ("left", 1500, false), ("under way", 2500, false)])
        {
            await Store.CreateBlobAsync(new StoredBlob(Name(name), log.Room, Alice, 2, 0, time), 100, Cancel);
            await Store.AppendBlobAsync(Name(name), 0, Bytes(complete ? "ab" : "a"), Cancel);
        }
        Assert.Equal(1, await Store.ExpireBlobsAsync(1200, 2000, 1, Cancel));
        Assert.Equal(1, await Store.ExpireBlobsAsync(1200, 2000, 100, Cancel));
        Assert.Equal(0, await Store.ExpireBlobsAsync(1200, 2000, 100, Cancel));
        foreach ((string name, bool stays) in ((string, bool)[])[("old", false), ("new", true), ("left", false), ("under way", true)])
            Assert.Equal(stays, await Store.FindBlobAsync(Name(name), Cancel) is not null);
        Assert.Equal(0, await Store.ReadBlobAsync(Name("old"), 0, new byte[2], Cancel));
        Assert.True(await Store.CreateBlobAsync(new StoredBlob(Name("again"), log.Room, Alice, 96, 0, 4000), 100, Cancel));
        Assert.Equal(3, await Store.ExpireBlobsAsync(ulong.MaxValue, 0, 100, Cancel));
    }

    [Fact]
    public async Task A_sound_store_says_so_and_a_restored_one_heals()
    {
        Assert.Equal(StoreHealth.Sound, await Store.CheckAsync(Cancel));
        Assert.Null(await Store.ExamineAsync(Cancel));
        await Store.BeginHealingAsync(Cancel);
        Assert.True(await Store.IsRestoredAsync(Cancel));
        Assert.Equal(StoreHealth.Healing, await Store.CheckAsync(Cancel));
        await ReopenAsync();
        Assert.True(await Store.IsRestoredAsync(Cancel));
        await Store.EndHealingAsync(Cancel);
        Assert.False(await Store.IsRestoredAsync(Cancel));
        Assert.Equal(StoreHealth.Sound, await Store.CheckAsync(Cancel));
    }
}
