using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Relay.Tests.Limits;

/// <summary>Sockets that do not behave, before the handshake and after it. bob, who does, must not notice.</summary>
public sealed class HostileSocketTests(HostileSocketTests.SharedRelay shared) : IClassFixture<HostileSocketTests.SharedRelay>
{
    private static byte[] Random(int length) => RandomNumberGenerator.GetBytes(length);

    public static TheoryData<string> Violations => [.. Frames.Keys];

    private static readonly Dictionary<string, byte[]> Frames = new()
    {
        ["not masked"] = RawSocket.Frame(Random(40), masked: false),
        ["text"] = RawSocket.Frame(Encoding.ASCII.GetBytes("hello"), 0x81),
        ["reserved bit"] = RawSocket.Frame(Random(40), 0xC2),
        ["reserved opcode"] = RawSocket.Frame(Random(40), 0x83),
        ["continuation of nothing"] = RawSocket.Frame(Random(40), 0x80),
        ["fragmented ping"] = RawSocket.Frame(Random(4), 0x09),
        ["long ping"] = RawSocket.Frame(Random(126), 0x89),
        ["length not in its shortest form"] = [0x82, 0x80 | 126, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5],
        ["longer than a record"] = [0x82, 0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        ["length of all ones"] = [0x82, 0x80 | 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],
        ["empty message"] = RawSocket.Frame([]),
        ["garbage message"] = RawSocket.Frame(Random(500)),
        ["garbage of a record's size"] = RawSocket.Frame(Random(ProtocolLimits.RecordBytes)),
        ["garbage bytes"] = Random(4096),
        ["many fragments"] = [.. RawSocket.Frame([], 0x02), .. Enumerable.Repeat(RawSocket.Frame([], 0x00), RelayLimits.FragmentsPerMessage).SelectMany(static frame => frame)],
        ["fragments longer than a record"] = [.. RawSocket.Frame(Random(60_000), 0x02), .. RawSocket.Frame(Random(60_000), 0x80)],
        ["ping flood"] = [.. Enumerable.Repeat(RawSocket.Frame([], 0x89), 1000).SelectMany(static frame => frame)],
        ["pong flood"] = [.. Enumerable.Repeat(RawSocket.Frame([], 0x8A), 1000).SelectMany(static frame => frame)],
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_before_the_handshake_ends_the_socket_and_nothing_else(string violation)
    {
        using RawSocket hostile = await RawSocket.UpgradeAsync(shared.Relay);
        await hostile.SendAsync(Frames[violation]);
        await hostile.EndedAsync();
        await AssertUndisturbedAsync(shared.Relay, shared.Bob);
    }

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_on_a_channel_ends_the_channel_and_nothing_else(string violation)
    {
        using RawSocket hostile = await RawSocket.ConnectAsync(shared.Relay, "alice");
        await hostile.SendAsync(Frames[violation]);
        await hostile.EndedAsync();
        await AssertUndisturbedAsync(shared.Relay, shared.Bob);
    }

    [Fact]
    public async Task Garbage_instead_of_http_is_answered_and_closed()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient bob = await relay.ConnectAsync("bob");
        using RawSocket hostile = await RawSocket.OpenAsync(relay);
        await hostile.SendAsync(Random(2000));
        await hostile.SendAsync("\r\n\r\n"u8.ToArray());
        await hostile.EndedAsync();
        await AssertUndisturbedAsync(relay, bob);
    }

    [Fact]
    public async Task Whoever_dawdles_is_closed_within_the_time_of_a_handshake()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient bob = await relay.ConnectAsync("bob");
        using RawSocket headers = await RawSocket.OpenAsync(relay);
        using RawSocket silent = await RawSocket.UpgradeAsync(relay);
        using RawSocket slow = await RawSocket.UpgradeAsync(relay);
        await headers.SendAsync("GET /channel HTTP/1.1\r\nHost: a"u8.ToArray());
        Task dripping = Task.WhenAll(DripAsync(headers, "a"u8.ToArray()), DripAsync(slow, [0x82]));
        await Task.WhenAll(headers.EndedAsync(), silent.EndedAsync(), slow.EndedAsync());
        await AssertUndisturbedAsync(relay, bob);
        await dripping;
    }

    [Fact]
    public async Task One_address_has_so_many_open_handshakes_and_no_more()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        IPAddress from = RawSocket.NextAddress();
        var open = new List<RawSocket>();
        for (int i = 0; i < ProtocolLimits.HalfOpenPerAddress; i++)
            open.Add(await RawSocket.UpgradeAsync(relay, from));
        using RawSocket refused = await RawSocket.OpenAsync(relay, from);
        Assert.Equal(503, await refused.RequestAsync());
        await using TestClient bob = await relay.ConnectAsync("bob");
        await AssertUndisturbedAsync(relay, bob);
        foreach (RawSocket socket in open)
            socket.Dispose();
    }

    [Fact]
    public async Task One_address_begins_so_many_handshakes_in_a_burst_and_no_more()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        IPAddress from = RawSocket.NextAddress();
        int refused = 0;
        for (int i = 0; i < 2 * ProtocolLimits.HandshakeBurstPerAddress; i++)
        {
            using RawSocket socket = await RawSocket.OpenAsync(relay, from);
            refused += await socket.RequestAsync(protocol: "other") == 503 ? 1 : 0;
        }
        Assert.InRange(refused, 1, 2 * ProtocolLimits.HandshakeBurstPerAddress);
        await using TestClient bob = await relay.ConnectAsync("bob");
        await AssertUndisturbedAsync(relay, bob);
    }

    [Theory]
    [InlineData(403, Subprotocol.Current, "Origin: https://evil.example\r\n", "websocket")]
    [InlineData(101, Subprotocol.Current, "Origin: https://good.example\r\n", "websocket")]
    [InlineData(400, "hwchat.2", "", "websocket")]
    [InlineData(400, null, "", "websocket")]
    [InlineData(426, Subprotocol.Current, "", "h2c")]
    public async Task An_upgrade_is_answered_with_its_status(int status, string? protocol, string headers, string upgrade)
    {
        await using TestRelay relay = await TestRelay.StartAsync(static options => options.Origins.Add("https://good.example"), users: ["bob"]);
        using RawSocket raw = await RawSocket.OpenAsync(relay);
        Assert.Equal(status, await raw.RequestAsync(protocol, headers, upgrade));
        await using TestClient bob = await relay.ConnectAsync("bob");
        await AssertUndisturbedAsync(relay, bob);
    }

    [Fact]
    public async Task A_flood_of_tiny_records_takes_no_memory()
    {
        const int Records = 50_000;
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient bob = await relay.ConnectAsync("bob");
        using RawSocket hostile = await RawSocket.ConnectAsync(relay, "alice");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Task answers = hostile.EndedAsync();
        for (int i = 0; i < Records; i += 500)
            await hostile.SendAsync((byte[])[.. Enumerable.Range(i + 1, 500).SelectMany(number => hostile.Sealed(new Frame((uint)number, new Ping())))]);
        await AssertUndisturbedAsync(relay, bob);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 48 * 1024 * 1024);
        hostile.Dispose();
        await answers;
    }

    /// <summary>A relay that lives through all violations, and bob's one channel through all of them.</summary>
    public sealed class SharedRelay : IAsyncLifetime
    {
        public TestRelay Relay { get; private set; } = null!;

        public TestClient Bob { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Relay = await TestRelay.StartAsync(users: ["bob"]);
            Bob = await Relay.ConnectAsync("bob");
        }

        public async ValueTask DisposeAsync()
        {
            await Bob.DisposeAsync();
            await Relay.DisposeAsync();
        }
    }

    private static async Task DripAsync(RawSocket socket, byte[] drop)
    {
        try
        {
            for (int i = 0; i < 60; i++)
            {
                await socket.SendAsync(drop);
                await Task.Delay(500);
                drop = [0x80];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed, as it should be.
        }
    }

    private static async Task AssertUndisturbedAsync(TestRelay relay, TestClient bob)
    {
        await bob.AskAsync<Pong>(new Ping());
        using var http = new HttpClient();
        using HttpResponseMessage health = await http.GetAsync(new Uri(relay.Relay.Address, "/healthz"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }
}
