using System.Net.Sockets;
using System.Reflection;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Protocol.Tests;
using NSec.Cryptography;

namespace HardwareChat.Relay.Tests.Limits;

/// <summary>Each limit is crossed by alice: she sees what its comment says, and bob goes on.</summary>
public sealed class RelayLimitTests
{
    // Ages are no crossing: RoomTests and the contract of the stores hold them.
    private static readonly string[] Elsewhere = [nameof(RelayLimits.BlobDays), nameof(RelayLimits.MessageDays)];

    [Fact]
    public void Every_limit_has_a_test_that_crosses_it()
    {
        IEnumerable<string> crossed = typeof(RelayLimitTests).GetMethods().SelectMany(static method => method.GetCustomAttributes<CrossesAttribute>()).Select(static crosses => crosses.Limit);
        IEnumerable<string> limits = typeof(RelayLimits).GetProperties().Select(static property => property.Name);
        Assert.Empty(limits.Except(Elsewhere).Except(crossed));
    }

    [Fact]
    [Crosses(nameof(RelayLimits.Connections))]
    public async Task One_connection_too_many_is_closed_at_once()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.Connections = 2);
        Assert.Equal(ConnectionFault.Refused, (await Assert.ThrowsAsync<ConnectionException>(() => scene.Relay.ConnectAsync("alice"))).Fault);
        await scene.Alice.AskAsync<Pong>(new Ping());
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.ConnectionsPerToken))]
    public async Task One_connection_of_a_token_too_many_closes_its_oldest()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.ConnectionsPerToken = 2);
        await using TestClient second = await scene.Relay.ConnectAsync("alice");
        await using TestClient third = await scene.Relay.ConnectAsync("alice");
        Assert.Equal(CloseReason.Misbehaviour, (await scene.Alice.EndAsync()).Reason);
        await second.AskAsync<Pong>(new Ping());
        await third.AskAsync<Pong>(new Ping());
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.ConnectionsPerToken))]
    [Crosses(nameof(RelayLimits.RequestBurst))]
    public async Task Guests_of_one_invite_are_held_to_the_limits_of_one_token()
    {
        var community = new TestCommunity();
        using Key invite = community.Invite();
        await using TestRelay relay = await TestRelay.StartAsync(community, static options => (options.Limits.ConnectionsPerToken, options.Limits.RequestBurst, options.Limits.RequestsPerSecond) = (1, 5, 0.001));
        await using TestClient first = await relay.ConnectGuestAsync(invite);
        await using TestClient second = await relay.ConnectGuestAsync(invite);
        Assert.Equal(CloseReason.Misbehaviour, (await first.EndAsync()).Reason);
        for (int i = 0; i < 5; i++)
            await second.AskAsync<Leaves>(new GetLeaves(0));
        Assert.Equal(ErrorCode.Busy, await second.RefusedAsync(new GetLeaves(0)));
        await using TestClient alice = await relay.ConnectAsync("alice");
        await alice.AskAsync<Pong>(new Ping());
    }

    [Fact]
    [Crosses(nameof(RelayLimits.IdleSeconds))]
    public async Task Whoever_says_nothing_for_long_is_closed_and_a_pong_is_something()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.IdleSeconds = 60);
        using RawSocket quiet = await RawSocket.ConnectAsync(scene.Relay, "alice");
        scene.Relay.Time.Ahead = TimeSpan.FromSeconds(50);
        await quiet.SendFrameAsync([], 0x8A);
        await scene.AssertBobIsUndisturbedAsync();
        scene.Relay.Time.Ahead = TimeSpan.FromSeconds(100);
        Assert.Equal(ConnectionFault.Lost, (await scene.Alice.EndAsync()).Fault);
        await quiet.SendAsync(quiet.Sealed(new Frame(1, new Ping())));
        Assert.NotNull(await quiet.NextMessageAsync());
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.QueueBytes))]
    public async Task Whoever_asks_and_does_not_read_is_closed()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.QueueBytes = 64 * 1024);
        RoomId room = await scene.FoundAsync(new byte[ProtocolLimits.GroupInfoBytes]);
        using RawSocket deaf = await RawSocket.ConnectAsync(scene.Relay, "alice");
        await scene.AssertBobIsUndisturbedAsync();

        // It reads nothing until the relay has let go of the socket, which shows in that it can write no more.
        const uint MostAsked = 2_000;
        uint asked = 0;
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            for (; asked < MostAsked; asked++)
            {
                await deaf.SendAsync(deaf.Sealed(new Frame(asked + 1, new GetGroupInfo(room))));
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        });

        // What the socket had buffered arrives, and then its end: less than was asked for.
        long bytes = 0;
        while (await deaf.NextMessageAsync() is { } message)
            bytes += message.Length;
        Assert.InRange(bytes, 0, (asked - 1) * (long)ProtocolLimits.GroupInfoBytes);
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.Subscriptions))]
    public async Task One_subscription_too_many_is_told_busy()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.Subscriptions = 2);
        for (int i = 0; i < 2; i++)
            await scene.Alice.SubscribeAsync(await scene.Relay.FoundRoomAsync(scene.Alice));
        RoomId third = await scene.Relay.FoundRoomAsync(scene.Alice);
        Assert.Equal(ErrorCode.Busy, await scene.Alice.RefusedAsync(new Subscribe(third, 0)));
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.AppendsUnderWay))]
    public async Task With_too_many_appends_under_way_a_connection_is_not_read()
    {
        var store = new MemoryStore();
        await using Scene scene = await Scene.StartAsync(static limits => limits.AppendsUnderWay = 4, store);
        RoomId room = await scene.Relay.FoundRoomAsync(scene.Alice);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.BeforeAppend = () => release.Task;
        Task<Appended>[] appends = [.. Enumerable.Range(0, 20).Select(i => scene.Alice.AppendAsync(room, EntryKind.Application, 1, $"{i}"))];
        Task<Pong> ping = scene.Alice.AskAsync<Pong>(new Ping());
        await scene.AssertBobIsUndisturbedAsync();
        Assert.False(ping.IsCompleted);
        release.SetResult();
        await ping;
        Assert.Equal(20, (await Task.WhenAll(appends)).Select(static appended => appended.Sequence).Distinct().Count());
    }

    [Fact]
    [Crosses(nameof(RelayLimits.RequestBurst))]
    [Crosses(nameof(RelayLimits.RequestsPerSecond))]
    public async Task Requests_beyond_the_rate_are_told_busy()
    {
        await using Scene scene = await Scene.StartAsync(static limits => (limits.RequestBurst, limits.RequestsPerSecond) = (10, 0.001));
        for (int i = 0; i < 10; i++)
            await scene.Alice.AskAsync<Pong>(new Ping());
        Assert.Equal(ErrorCode.Busy, await scene.Alice.RefusedAsync(new Ping()));
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.RequestBytesBurst))]
    [Crosses(nameof(RelayLimits.RequestBytesPerSecond))]
    public async Task Bytes_beyond_the_rate_are_told_busy()
    {
        await using Scene scene = await Scene.StartAsync(static limits => (limits.RequestBytesBurst, limits.RequestBytesPerSecond) = (4000, 0.001));
        RoomId room = await scene.Relay.FoundRoomAsync(scene.Alice);
        await scene.Alice.AppendAsync(room, EntryKind.Application, 1, new string('.', 8000));
        Assert.Equal(ErrorCode.Busy, await scene.Alice.RefusedAsync(new Ping()));
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.RoomsPerOwner))]
    public async Task One_room_too_many_is_told_busy()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.RoomsPerOwner = 2);
        await scene.Relay.FoundRoomAsync(scene.Alice);
        await scene.Relay.FoundRoomAsync(scene.Alice);
        var third = new RoomGenesis(scene.Relay.Community.State.Id, [scene.Alice.Handle], Digest.Of("third"u8));
        Assert.Equal(ErrorCode.Busy, await scene.Alice.RefusedAsync(new CreateRoom(third)));
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    public async Task Rooms_in_which_others_name_a_user_an_owner_do_not_count_against_the_user()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.RoomsPerOwner = 2);
        foreach (string name in (string[])["one", "two"])
            await scene.Bob.AskAsync<Done>(new CreateRoom(new RoomGenesis(scene.Relay.Community.State.Id, [scene.Alice.Handle, scene.Bob.Handle], Digest.Of(System.Text.Encoding.UTF8.GetBytes(name)))));
        await scene.Relay.FoundRoomAsync(scene.Alice);
        await scene.Relay.FoundRoomAsync(scene.Alice);
    }

    [Fact]
    [Crosses(nameof(RelayLimits.RosterHandles))]
    public async Task One_handle_too_many_on_a_roster_is_too_large()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.RosterHandles = 3);
        RoomId room = await scene.Relay.FoundRoomAsync(scene.Alice, "bob", "carol");
        var add = new RosterChange.Add(Handle.Parse("dave"));
        var append = new Append(room, EntryKind.Handshake, 1, 1, "commit 1"u8.ToArray(), null, null, [add]);
        Assert.Equal(ErrorCode.TooLarge, await scene.Alice.RefusedAsync(append));
        await scene.Alice.AppendAsync(room, EntryKind.Handshake, 1, "commit 1");
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.KeyPackagesPerToken))]
    public async Task One_key_package_too_many_is_too_large()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.KeyPackagesPerToken = 2);
        await scene.Alice.AskAsync<Done>(new PublishKeyPackages(false, [new byte[] { 1 }, new byte[] { 2 }], null));
        Assert.Equal(ErrorCode.TooLarge, await scene.Alice.RefusedAsync(new PublishKeyPackages(false, [new byte[] { 3 }], null)));
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.KeyPackagesTakenPerHour))]
    public async Task Whoever_takes_too_many_key_packages_is_told_busy()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.KeyPackagesTakenPerHour = 2);
        var fetch = new FetchKeyPackages([Handle.Parse("bob")]);
        await scene.Alice.AskAsync<KeyPackages>(fetch);
        await scene.Alice.AskAsync<KeyPackages>(fetch);
        Assert.Equal(ErrorCode.Busy, await scene.Alice.RefusedAsync(fetch));
        await scene.Bob.AskAsync<KeyPackages>(fetch);
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.StatementsPerHour))]
    public async Task One_statement_too_many_is_told_busy()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.StatementsPerHour = 1);
        SignedStatement statement = scene.Relay.Community.Sign(new SignOut(scene.Bob.Token!.Id), scene.Bob.Token.As9A);
        await scene.Alice.AskAsync<Submitted>(new SubmitStatement(scene.Relay.Community.Genesis, []));
        Assert.Equal(ErrorCode.Busy, await scene.Alice.RefusedAsync(new SubmitStatement(statement, [])));
        await scene.AssertBobIsUndisturbedAsync();
    }

    [Fact]
    [Crosses(nameof(RelayLimits.BlobBytesPerUser))]
    public async Task Blobs_beyond_the_quota_are_too_large()
    {
        await using Scene scene = await Scene.StartAsync(static limits => limits.BlobBytesPerUser = 1000);
        RoomId room = await scene.Relay.FoundRoomAsync(scene.Alice, "bob");
        await scene.Alice.AskAsync<BlobTicket>(new UploadBlob(room, 900));
        Assert.Equal(ErrorCode.TooLarge, await scene.Alice.RefusedAsync(new UploadBlob(room, 101)));
        await scene.Bob.AskAsync<BlobTicket>(new UploadBlob(room, 900));
        await scene.AssertBobIsUndisturbedAsync();
    }

    private sealed record Scene(TestRelay Relay, TestClient Alice, TestClient Bob) : IAsyncDisposable
    {
        public static async Task<Scene> StartAsync(Action<RelayLimits> change, IRelayStore? store = null)
        {
            TestRelay relay = await TestRelay.StartAsync(options => change(options.Limits), store is null ? null : _ => store, "bob", "carol", "dave");
            return new Scene(relay, await relay.ConnectAsync("alice"), await relay.ConnectAsync("bob"));
        }

        public async Task<RoomId> FoundAsync(byte[] groupInfo)
        {
            var genesis = new RoomGenesis(Relay.Community.State.Id, [Alice.Handle], Digest.Of("with GroupInfo"u8));
            await Alice.AskAsync<Done>(new CreateRoom(genesis));
            await Alice.AskAsync<Appended>(new Append(genesis.RoomId, EntryKind.Handshake, 0, 1, "commit 0"u8.ToArray(), groupInfo, null, []));
            return genesis.RoomId;
        }

        public async Task AssertBobIsUndisturbedAsync()
        {
            await Bob.AskAsync<Pong>(new Ping());
            using var http = new HttpClient();
            Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync(new Uri(Relay.Relay.Address, "/healthz"), TestContext.Current.CancellationToken)).StatusCode);
        }

        public async ValueTask DisposeAsync()
        {
            await Alice.DisposeAsync();
            await Bob.DisposeAsync();
            await Relay.DisposeAsync();
        }
    }
}
