using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.Relay.Tests.Cluster;

/// <summary>Two relays over one PostgreSQL. What befalls them is in HardwareChat.EndToEnd.Tests/Faults.</summary>
public sealed class ClusterTests(PostgresServer server)
{
    [Fact]
    public async Task Clients_of_two_relays_share_a_room_its_ephemerals_and_its_welcomes()
    {
        await using TestRelay first = await TestRelay.StartOverAsync(await server.CreateDatabaseAsync(), "bob");
        await using TestRelay second = await first.JoinAsync();
        await using TestClient alice = await first.ConnectAsync("alice");
        await using TestClient bob = await second.ConnectAsync("bob");
        RoomId room = await first.FoundRoomAsync(alice);
        var add = new RosterChange.Add(bob.Handle);
        await alice.AskAsync<Appended>(new Append(room, EntryKind.Handshake, 1, 1, "commit 1"u8.ToArray(), null, "welcome"u8.ToArray(), [add]));
        Assert.Equal(room, (await bob.NextAsync<WelcomePush>()).Room);
        await alice.SubscribeAsync(room);
        await bob.SubscribeAsync(room);
        await alice.AppendAsync(room, EntryKind.Application, 2, "from alice");
        await bob.AppendAsync(room, EntryKind.Application, 2, "from bob");
        string[] all = ["commit 0", "commit 1", "from alice", "from bob"];
        Assert.Equal(all, await alice.ReadAsync(4));
        Assert.Equal(all, await bob.ReadAsync(4));
        alice.Connection.Notify(new Ephemeral(room, "types"u8.ToArray()));
        Assert.Equal("types"u8.ToArray(), (await bob.NextAsync<EphemeralPush>()).Message.ToArray());
    }

    [Fact]
    public async Task A_revocation_ends_the_tokens_channels_at_the_other_relay()
    {
        await using TestRelay first = await TestRelay.StartOverAsync(await server.CreateDatabaseAsync(), "bob");
        await using TestRelay second = await first.JoinAsync();
        await using TestClient alice = await first.ConnectAsync("alice");
        await using TestClient bob = await second.ConnectAsync("bob");
        SignedStatement revoke = first.Community.RevokeStatement(first.Community.Token("bob"), first.Community.Token("alice"));
        long begin = second.Time.GetTimestamp();
        await alice.AskAsync<Submitted>(new SubmitStatement(revoke, []));
        Assert.Equal(CloseReason.TokenIsOut, (await bob.EndAsync()).Reason);
        TestContext.Current.TestOutputHelper?.WriteLine($"out after {second.Time.GetElapsedTime(begin).TotalMilliseconds:0} ms");
        Assert.Equal(ConnectionFault.Refused, (await Assert.ThrowsAsync<ConnectionException>(() => second.ConnectAsync("bob"))).Fault);
    }
}
