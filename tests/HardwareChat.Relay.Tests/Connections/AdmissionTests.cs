using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Protocol.Tests;
using NSec.Cryptography;

namespace HardwareChat.Relay.Tests.Connections;

public sealed class AdmissionTests
{
    [Fact]
    public async Task A_token_that_is_not_enrolled_is_not_let_in()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        var stranger = new TestCommunity();
        var client = await Assert.ThrowsAsync<ConnectionException>(() => ConnectAsOtherRegistryAsync(relay, stranger));
        Assert.Equal(ConnectionFault.Refused, client.Fault);
    }

    [Fact]
    public async Task A_revoked_token_loses_its_channel_and_comes_in_no_more()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        await using TestClient bob = await relay.ConnectAsync("bob");
        SignedStatement revoke = relay.Community.RevokeStatement(relay.Community.Token("bob"), relay.Community.Token("alice"));
        Submitted submitted = await alice.AskAsync<Submitted>(new SubmitStatement(revoke, []));
        Assert.Equal(relay.Community.State.Size, submitted.Index);
        Assert.Equal(CloseReason.TokenIsOut, (await bob.EndAsync()).Reason);
        Assert.Equal(ConnectionFault.Refused, (await Assert.ThrowsAsync<ConnectionException>(() => relay.ConnectAsync("bob"))).Fault);
        await alice.NextAsync<RegistryNews>();
    }

    [Fact]
    public async Task A_sign_out_ends_the_channels_of_earlier_touches_only()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient bob = await relay.ConnectAsync("bob");
        await using TestClient alice = await relay.ConnectAsync("alice");
        SignedStatement signOut = relay.Community.Sign(new SignOut(relay.Community.Token("bob").Id), relay.Community.Token("bob").As9A);
        await alice.AskAsync<Submitted>(new SubmitStatement(signOut, []));
        Assert.Equal(CloseReason.TokenIsOut, (await bob.EndAsync()).Reason);
        await relay.SyncAsync(alice);
        await using TestClient again = await relay.ConnectAsync("bob");
        await again.AskAsync<Pong>(new Ping());
    }

    [Fact]
    public async Task A_guest_enrols_and_does_nothing_else()
    {
        var community = new TestCommunity();
        using Key invite = community.Invite();
        await using TestRelay relay = await TestRelay.StartAsync(community);
        await using TestClient guest = await relay.ConnectGuestAsync(invite);
        Assert.Equal(ErrorCode.Refused, await guest.RefusedAsync(new ListRooms(null)));
        Assert.Equal(ErrorCode.Refused, await guest.RefusedAsync(new FetchKeyPackages([Handle.Parse("alice")])));
        Leaves leaves = await guest.AskAsync<Leaves>(new GetLeaves(0));
        Assert.Equal(2, leaves.Items.Count);

        TestToken token = community.NewToken("dave");
        SignedStatement enrol = community.EnrolStatement("dave", token, invite);
        Assert.Equal(ErrorCode.Refused, await guest.RefusedAsync(new SubmitStatement(community.RoleStatement("alice", Role.Member), [])));
        Submitted first = await guest.AskAsync<Submitted>(new SubmitStatement(enrol, [token.Blob]));
        Submitted again = await guest.AskAsync<Submitted>(new SubmitStatement(enrol, [token.Blob]));
        Assert.Equal(first.Index, again.Index);
        Assert.Equal(token.Blob, (await guest.AskAsync<EvidenceFrame>(new GetEvidence(token.Enrolment.Evidence))).Evidence.ToArray());
    }

    [Fact]
    public async Task A_channel_ends_with_its_grant()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        await using TestClient alice = await relay.ConnectAsync("alice");
        relay.Time.Ahead = TimeSpan.FromHours(13);
        ConnectionException end = await alice.EndAsync();
        Assert.Equal(CloseReason.TimeIsOver, end.Reason);
    }

    [Fact]
    public async Task A_drain_says_when_to_come_back_and_acknowledges_what_is_under_way()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        await using TestClient alice = await relay.ConnectAsync("alice");
        RoomId room = await relay.FoundRoomAsync(alice);
        Task<Appended>[] sent = [.. Enumerable.Range(0, 100).Select(i => alice.AppendAsync(room, EntryKind.Application, 1, $"{i}"))];
        Task stopping = relay.StopAsync();
        Drain drain = await alice.NextAsync<Drain>();
        Assert.Equal("", drain.Address);
        Assert.Equal(CloseReason.Drain, (await alice.EndAsync()).Reason);
        await stopping;
        Assert.All(sent, static task => Assert.True(task.IsCompletedSuccessfully || task.IsFaulted));
        await relay.RestartAsync();
        await using TestClient again = await relay.ConnectAsync("alice");
        ulong acknowledged = (ulong)sent.Count(static task => task.IsCompletedSuccessfully);
        Assert.True((await again.SubscribeAsync(room)).Size >= 1 + acknowledged);
    }

    [Fact]
    public async Task Requests_beyond_the_rate_are_told_to_wait()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static options => (options.Limits.RequestBurst, options.Limits.RequestsPerSecond) = (10, 0.001), users: ["bob"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        for (int i = 0; i < 10; i++)
            await alice.AskAsync<Pong>(new Ping());
        Assert.Equal(ErrorCode.Busy, await alice.RefusedAsync(new Ping()));
        await using TestClient bob = await relay.ConnectAsync("bob");
        await bob.AskAsync<Pong>(new Ping());
    }

    [Fact]
    public async Task Key_packages_are_given_out_once_and_the_last_resort_stays()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static options => options.Limits.KeyPackagesPerToken = 3, users: ["bob"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        await using TestClient bob = await relay.ConnectAsync("bob");
        await bob.AskAsync<Done>(new PublishKeyPackages(false, [new byte[] { 1 }, new byte[] { 2 }], new byte[] { 9 }));
        Assert.Equal(ErrorCode.TooLarge, await bob.RefusedAsync(new PublishKeyPackages(false, [new byte[] { 3 }, new byte[] { 4 }], null)));
        var taken = new List<byte>();
        for (int i = 0; i < 4; i++)
            taken.Add(Assert.Single((await alice.AskAsync<KeyPackages>(new FetchKeyPackages([Handle.Parse("bob")]))).Items).Package!.Value.Span[0]);
        Assert.Equal([1, 2, 9, 9], taken);
        Assert.Equal(new KeyPackageCount(0, true), await bob.AskAsync<KeyPackageCount>(new CountKeyPackages()));
    }

    [Fact]
    public async Task Blobs_go_up_in_pieces_and_come_down_in_ranges()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        await using TestClient bob = await relay.ConnectAsync("bob");
        RoomId room = await relay.FoundRoomAsync(alice, "bob");
        byte[] bytes = RandomNumberGenerator.GetBytes(700_000);
        BlobTicket upload = await alice.AskAsync<BlobTicket>(new UploadBlob(room, (ulong)bytes.Length));
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(http, relay, upload, 0, bytes[..300_000])).StatusCode);
        HttpResponseMessage conflict = await PutAsync(http, relay, upload, 0, bytes[..10]);
        Assert.Equal((HttpStatusCode.Conflict, "300000"), (conflict.StatusCode, await conflict.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(ErrorCode.Refused, await bob.RefusedAsync(new DownloadBlob(upload.Blob)));
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(http, relay, upload, 300_000, bytes[300_000..])).StatusCode);

        BlobTicket download = await bob.AskAsync<BlobTicket>(new DownloadBlob(upload.Blob));
        using HttpRequestMessage get = Request(HttpMethod.Get, relay, download);
        get.Headers.Range = new RangeHeaderValue(699_990, null);
        HttpResponseMessage part = await http.SendAsync(get, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(bytes[699_990..], await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using HttpRequestMessage wrong = Request(HttpMethod.Get, relay, upload);
        Assert.Equal(HttpStatusCode.NotFound, (await http.SendAsync(wrong, TestContext.Current.CancellationToken)).StatusCode);
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient http, TestRelay relay, BlobTicket ticket, int offset, byte[] bytes)
    {
        using HttpRequestMessage put = Request(HttpMethod.Put, relay, ticket, $"?offset={offset}");
        put.Content = new ByteArrayContent(bytes);
        return await http.SendAsync(put, TestContext.Current.CancellationToken);
    }

    private static HttpRequestMessage Request(HttpMethod method, TestRelay relay, BlobTicket ticket, string query = "")
    {
        var request = new HttpRequestMessage(method, relay.Endpoint.Blob(ticket.Blob) + query);
        request.Headers.TryAddWithoutValidation("Authorization", "Ticket " + Base64Url.EncodeToString(ticket.Ticket.Span));
        return request;
    }

    // The registry's name is in the prologue: whoever speaks of another one fails at the first message.
    private static async Task<RelayConnection> ConnectAsOtherRegistryAsync(TestRelay relay, TestCommunity other)
    {
        using Key channel = Key.Create(KeyAgreementAlgorithm.X25519);
        byte[] key = channel.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        TestToken token = other.Token("alice");
        GrantItem item = GrantItem.ForChannel(relay.Relay.Identity.Id, key, relay.Now + other.State.Policy.SessionLifetime);
        SignedGrant grant = new TestSession().Touch(token, other.State, relay.Now, item)[0];
        return await RelayConnection.ConnectAsync(relay.Endpoint, channel, _ => new ClientAuth.Member(grant), static _ => ValueTask.CompletedTask, relay.Time);
    }
}
