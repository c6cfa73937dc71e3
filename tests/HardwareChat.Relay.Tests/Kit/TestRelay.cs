using System.Globalization;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Protocol.Tests;
using HardwareChat.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NSec.Cryptography;

namespace HardwareChat.Relay.Tests;

/// <summary>A relay on loopback that serves a community of the test, and its clients.</summary>
public sealed class TestRelay : IAsyncDisposable
{
    private readonly string _data;
    private readonly Func<string, IRelayStore> _open;
    private RelayApplication? _relay;

    private TestRelay(TestCommunity community, Func<string, IRelayStore> open, RelayOptions options, string data)
    {
        Community = community;
        _open = open;
        Options = options;
        _data = data;
        Time = new ShiftedTime(community.Time + 10);
    }

    public TestCommunity Community { get; }

    /// <summary>The data folder.</summary>
    public string Data => _data;

    public RelayOptions Options { get; }

    public ShiftedTime Time { get; }

    /// <summary>What the relay says.</summary>
    public TestLog Log { get; } = new();

    public RelayApplication Relay => _relay!;

    public RelayEndpoint Endpoint => new(Relay.Address, Community.State.Id, RelayPin.Of(TestCommunity.Raw(Community.RelayIdentity)));

    public static async Task<TestRelay> StartAsync(Action<RelayOptions>? options = null, Func<string, IRelayStore>? store = null, params string[] users)
    {
        var community = new TestCommunity();
        foreach (string user in users)
            community.Enrol(user);
        return await StartAsync(community, options, store);
    }

    public static async Task<TestRelay> StartAsync(TestCommunity community, Action<RelayOptions>? options = null, Func<string, IRelayStore>? store = null)
    {
        TestRelay relay = await CreateAsync(community, options, store ?? (static folder => SqliteStore.Open(Path.Combine(folder, "relay.db"))));
        await relay.FillAsync(new Receipts(community.RelayIdentity.Export(KeyBlobFormat.RawPrivateKey)));
        await relay.RestartAsync();
        return relay;
    }

    /// <summary>A relay over this PostgreSQL database.</summary>
    public static Task<TestRelay> StartOverAsync(string database, params string[] users)
        => StartAsync(options => options.Cluster = database, _ => PostgresStore.OpenAsync(database).GetAwaiter().GetResult(), users);

    /// <summary>Another relay of this one's cluster.</summary>
    public async Task<TestRelay> JoinAsync()
    {
        TestRelay other = await CreateAsync(Community, options => options.Cluster = Options.Cluster, _open);
        await other.RestartAsync();
        return other;
    }

    private static async Task<TestRelay> CreateAsync(TestCommunity community, Action<RelayOptions>? options, Func<string, IRelayStore> store)
    {
        string data = Directory.CreateTempSubdirectory("hwchat-relay-").FullName;
        await File.WriteAllBytesAsync(Path.Combine(data, "identity"), community.RelayIdentity.Export(KeyBlobFormat.RawPrivateKey));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(data, "identity"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var chosen = new RelayOptions { Listen = "127.0.0.1:0", Data = data };
        options?.Invoke(chosen);
        return new TestRelay(community, store, chosen, data);
    }

    private async Task FillAsync(Receipts receipts)
    {
        using Receipts own = receipts;
        await using IRelayStore store = _open(_data);
        ulong index = 0;
        foreach (RegistryLeaf leaf in Community.Leaves)
        {
            byte[] bytes = TlsWriter.Encode(leaf);
            List<StoredEvidence> evidence = [.. leaf.Statement.Statement.Body.NewTokens().Select(token => new StoredEvidence(token.Evidence, Community.Judge.Source(token.Evidence)!.Value))];
            await store.AppendLeafAsync(new StoredLeaf(index, bytes, new Digest(receipts.OfLeaf(index, MerkleTree.LeafHash(bytes)))), evidence);
            index++;
        }
    }

    /// <summary>Starts the relay over its store; ends the one that runs, without ceremony.</summary>
    /// <param name="meanwhile">What is done to its data between.</param>
    public async Task RestartAsync(Func<Task>? meanwhile = null)
    {
        if (_relay is not null)
            await _relay.DisposeAsync();
        if (meanwhile is not null)
            await meanwhile();
        _relay = RelayApplication.Build(Options, _open(_data), builder =>
        {
            builder.Logging.ClearProviders().AddProvider(Log);
            builder.Services.AddSingleton<RelayTime>(Time);
            builder.Services.AddSingleton(Community.Evidence);
        });
        await _relay.StartAsync();
    }

    /// <summary>Drains and stops the relay.</summary>
    public Task StopAsync() => Relay.StopAsync();

    /// <summary>A client of this user's token, connected.</summary>
    public Task<TestClient> ConnectAsync(string user) => TestClient.ConnectAsync(this, Community.Token(user));

    /// <summary>A client that comes with an invite.</summary>
    public Task<TestClient> ConnectGuestAsync(Key invite) => TestClient.ConnectGuestAsync(this, invite);

    /// <summary>Brings the community up to what the relay has appended.</summary>
    public async Task SyncAsync(TestClient client)
    {
        Leaves leaves = await client.AskAsync<Leaves>(new GetLeaves(Community.State.Size));
        foreach (ReceiptedLeaf leaf in leaves.Items)
        {
            RegistryVerdict verdict = RegistryMachine.Apply(Community.State, RegistryLeaf.Decode(leaf.Leaf.Span), Community.Judge);
            Community.State = verdict.State!;
        }
    }

    /// <summary>The relay's clock.</summary>
    public ulong Now => (ulong)Time.GetUtcNow().ToUnixTimeSeconds();

    public async ValueTask DisposeAsync()
    {
        if (_relay is not null)
            await _relay.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>A room of this owner, founded.</summary>
    public async Task<RoomId> FoundRoomAsync(TestClient owner, params string[] members)
    {
        var genesis = new RoomGenesis(Community.State.Id, [owner.Handle], Digest.Of(TlsWriter.Encode(RoomName.Next())));
        await owner.Connection.AskAsync<Done>(new CreateRoom(genesis));
        await owner.AppendAsync(genesis.RoomId, EntryKind.Handshake, 0, "commit 0", [.. members.Select(static member => new RosterChange.Add(Handle.Parse(member)))]);
        return genesis.RoomId;
    }

    private readonly record struct RoomName(string Text) : ITlsSerializable
    {
        private static int _next;

        public static RoomName Next() => new(Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture));

        public void WriteTo(ref TlsWriter writer) => writer.WriteOpaque(System.Text.Encoding.UTF8.GetBytes(Text));
    }
}
