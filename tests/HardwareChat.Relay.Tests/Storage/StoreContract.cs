using System.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Relay.Tests.Storage;

/// <summary>What every store promises; a class for each store runs it.</summary>
public abstract partial class StoreContract : IAsyncLifetime
{
    protected const int Plenty = 1 << 24;

    protected static readonly Handle Alice = Handle.Parse("alice");
    protected static readonly Handle Bob = Handle.Parse("bob");
    protected static readonly Handle Carol = Handle.Parse("carol");

    private IRelayStore? _store;

    protected IRelayStore Store => _store!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await PrepareAsync();
        _store = await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_store is not null)
            await _store.DisposeAsync();
        await CleanUpAsync();
    }

    protected abstract Task PrepareAsync();

    protected abstract Task<IRelayStore> OpenAsync();

    protected abstract Task CleanUpAsync();

    protected async Task ReopenAsync()
    {
        await _store!.DisposeAsync();
        _store = null;
        _store = await OpenAsync();
    }

    protected static Digest Name(string text) => Digest.Of(Encoding.UTF8.GetBytes(text));

    protected static TokenId Token(string text) => new(Name(text));

    protected static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(ReadOnlyMemory<byte>? bytes) => Encoding.UTF8.GetString(bytes!.Value.Span);

    protected async Task<RoomLog> FoundAsync(params Handle[] owners)
    {
        RoomLog log = RoomLog.Of(owners.Length == 0 ? [Alice] : owners);
        Assert.True(await Store.CreateRoomAsync(log.Genesis, log.Genesis.Owners[0], Cancel));
        return log;
    }

    protected async Task<IReadOnlyList<StoredEntry>> ReadAllAsync(RoomId room, ulong from = 0)
    {
        var all = new List<StoredEntry>();
        while (await Store.ReadEntriesAsync(room, from + (ulong)all.Count, 1000, Plenty, Cancel) is { Count: > 0 } page)
            all.AddRange(page);
        return all;
    }

    /// <summary>The room holds exactly these writes, in order and unbroken, and its sequencer would go on after them.</summary>
    protected async Task AssertHoldsAsync(RoomLog log)
    {
        IReadOnlyList<StoredEntry> entries = await ReadAllAsync(log.Room);
        Assert.Equal(log.Written.Select(static write => write.Entry), entries.Select(static entry => entry.Entry));
        Assert.Equal(log.Written.Select(static write => write.Receipt), entries.Select(static entry => entry.Receipt));
        Assert.Equal(log.Written.Select(static write => Text(write.Message)), entries.Select(static entry => Text(entry.Message)));
        StoredRoom room = (await Store.LoadRoomAsync(log.Room, Cancel))!;
        Assert.Equal(log.Tail.Chain, room.Tail.Chain);
        Assert.Equal(log.Tail.LastHandshakes, room.Tail.LastHandshakes);
    }

    private static async Task AssertOneIsTakenAsync(Task[] tasks)
    {
        int fenced = 0;
        foreach (Task task in tasks)
        {
            try
            {
                await task;
            }
            catch (StoreFencedException)
            {
                fenced++;
            }
        }
        Assert.Equal(tasks.Length - 1, fenced);
    }
}
