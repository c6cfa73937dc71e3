using System.Text;
using System.Threading.Channels;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Protocol.Tests;
using NSec.Cryptography;

namespace HardwareChat.Relay.Tests;

/// <summary>A client of a test relay: what it is pushed waits here for the test.</summary>
public sealed class TestClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<FrameBody> _pushed = Channel.CreateUnbounded<FrameBody>();

    private TestClient(Handle handle, TestToken? token) => (Handle, Token) = (handle, token);

    public Handle Handle { get; }

    public TestToken? Token { get; }

    public RelayConnection Connection { get; private set; } = null!;

    /// <summary>Whether pushes are taken; a test that sets it makes a slow reader.</summary>
    public TaskCompletionSource? Hold { get; set; }

    public static async Task<TestClient> ConnectAsync(TestRelay relay, TestToken token, ulong? issuedAt = null)
    {
        using Key channel = Key.Create(KeyAgreementAlgorithm.X25519);
        var client = new TestClient(relay.Community.State.Token(token.Id)!.Handle, token);
        ulong now = issuedAt ?? relay.Now;
        byte[] channelKey = channel.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        RelayId relayId = RelayId.OfKey(TestCommunity.Raw(relay.Community.RelayIdentity).ToArray());
        GrantItem item = GrantItem.ForChannel(relayId, channelKey, now + relay.Community.State.Policy.SessionLifetime);
        SignedGrant grant = new TestSession().Touch(token, relay.Community.State, now, item)[0];
        client.Connection = await RelayConnection.ConnectAsync(relay.Endpoint, channel, _ => new ClientAuth.Member(grant), client.TakeAsync, relay.Time);
        return client;
    }

    public static async Task<TestClient> ConnectGuestAsync(TestRelay relay, Key invite)
    {
        using Key channel = Key.Create(KeyAgreementAlgorithm.X25519);
        var client = new TestClient(default, null);
        byte[] channelKey = channel.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        client.Connection = await RelayConnection.ConnectAsync(
            relay.Endpoint, channel, verified => ClientAuth.Guest.Sign(invite, verified.RelayId, channelKey), client.TakeAsync, relay.Time);
        return client;
    }

    public Task<T> AskAsync<T>(FrameBody request)
        where T : FrameBody
        => Connection.AskAsync<T>(request);

    public Task<Appended> AppendAsync(RoomId room, EntryKind kind, ulong after, string message, params RosterChange[] changes)
        => Connection.AskAsync<Appended>(new Append(room, kind, after, 1, Encoding.UTF8.GetBytes(message), null, null, changes));

    public async Task<ErrorCode> RefusedAsync(FrameBody request)
        => (await Assert.ThrowsAsync<RelayException>(() => Connection.AskAsync<FrameBody>(request))).Code;

    public Task<Subscribed> SubscribeAsync(RoomId room, ulong from = 0) => Connection.AskAsync<Subscribed>(new Subscribe(room, from));

    /// <summary>The next push of a type; others before it are passed over.</summary>
    public async Task<T> NextAsync<T>()
        where T : FrameBody
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await _pushed.Reader.ReadAsync(limit.Token) is T wanted)
                return wanted;
        }
    }

    /// <summary>The next entries of a room, as text.</summary>
    public async Task<string[]> ReadAsync(int count)
    {
        var texts = new string[count];
        ulong? next = null;
        for (int i = 0; i < count; i++)
        {
            EntryPush push = await NextAsync<EntryPush>();
            Assert.True(next is null || push.Entry.Sequence == next, "an entry is missing or doubled");
            next = push.Entry.Sequence + 1;
            texts[i] = Encoding.UTF8.GetString(push.Message!.Value.Span);
        }
        return texts;
    }

    public async Task<ConnectionException> EndAsync() => await Connection.Ended.WaitAsync(Patience);

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private async ValueTask TakeAsync(FrameBody push)
    {
        if (Hold is { } hold)
            await hold.Task;
        _pushed.Writer.TryWrite(push);
    }
}
