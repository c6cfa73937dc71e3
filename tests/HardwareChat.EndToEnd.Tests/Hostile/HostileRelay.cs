using System.Net.WebSockets;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NSec.Cryptography;

namespace HardwareChat.EndToEnd.Tests.Hostile;

/// <summary>The operator of the relay in person: he has its identity key, and stands between one client and the honest relay.</summary>
/// <remarks>The honest relay serves everything, and he changes on the way what a test tells him to. It lets him in by a touch of the victim's token, a courtesy of the test.</remarks>
internal sealed class HostileRelay : IAsyncDisposable
{
    private readonly Village _village;
    private readonly Person _victim;
    private readonly WebApplication _web;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private RelayConnection? _honest;
    private WebSocket? _socket;
    private SecureChannel? _channel;
    private bool _isReleased;

    private HostileRelay(Village village, Person victim, WebApplication web)
    {
        _village = village;
        _victim = victim;
        _web = web;
    }

    /// <summary>Where the victim is sent.</summary>
    public Uri Address => new(_web.Urls.First());

    /// <summary>Answers a request himself, so that the relay never hears of it; null: it goes on to the relay.</summary>
    public Func<FrameBody, FrameBody?> Invent { get; set; } = static _ => null;

    /// <summary>What becomes of the relay's answer to a request.</summary>
    public Func<FrameBody, FrameBody, FrameBody> Answer { get; set; } = static (_, honest) => honest;

    /// <summary>What becomes of what the relay pushes.</summary>
    public Func<FrameBody, IReadOnlyList<FrameBody>> Push { get; set; } = static honest => [honest];

    /// <summary>The time that he says it is; null for the right one.</summary>
    public ulong? Clock { get; set; }

    /// <summary>Everything that the relay has pushed, as it was.</summary>
    public List<FrameBody> Seen { get; } = [];

    public static async Task<HostileRelay> StartAsync(Village village, Person victim)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication web = builder.Build();
        var relay = new HostileRelay(village, victim, web);
        web.UseWebSockets();
        web.Map("/channel", relay.ServeAsync);
        await web.StartAsync();
        return relay;
    }

    /// <summary>Pushes something that no relay would.</summary>
    public Task SendAsync(FrameBody body) => SendAsync(Frame.Unasked(body));

    /// <summary>A checkpoint of this community's registry that was never so large.</summary>
    public byte[] SignCheckpoint(ulong size) => Checkpoint.Of(_village.Alice.Client.Registry.Id, size, default).Sign(_village.Relay.Identity.RelayKey).Encode();

    /// <summary>The victim goes back to the honest relay.</summary>
    public async Task ReleaseAsync()
    {
        if (_isReleased)
            return;
        _isReleased = true;
        await _victim.EndAsync();
        await _victim.BeginAsync(_village.Relay.Address);
    }

    /// <summary>The victim does not come back.</summary>
    public void GiveUp() => _isReleased = true;

    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        await _web.DisposeAsync();
        if (_honest is not null)
            await _honest.DisposeAsync();
        _channel?.Dispose();
        _writing.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        string offered = context.Request.Headers.SecWebSocketProtocol.ToString();
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(Subprotocol.Current);
        _socket = socket;
        RegistryState registry = _village.Alice.Client.Registry;
        if (_honest is not null)
            await _honest.DisposeAsync();
        using Session session = await _victim.BorrowSessionAsync(registry);
        var endpoint = new RelayEndpoint(_village.Relay.Address, registry.Id, RelayPin.Of(registry));
        _honest = await Patient.ConnectAsync(() => RelayConnection.ConnectAsync(
            endpoint, session.ChannelKey!, _ => new ClientAuth.Member(session.ChannelGrant!), PassAsync, TimeProvider.System));
        _channel = await HandshakeAsync(socket, offered, registry, _honest.Ready);
        byte[] buffer = new byte[ProtocolLimits.RecordBytes];
        while (_channel.State == ChannelState.Open && await ReceiveAsync(socket, buffer) is { Length: > 0 } record)
        {
            foreach (Frame frame in Open(record))
                await TakeAsync(frame);
        }
    }

    private async Task<SecureChannel> HandshakeAsync(WebSocket socket, string offered, RegistryState registry, Ready ready)
    {
        byte[] buffer = new byte[ProtocolLimits.RecordBytes];
        ulong now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using Key own = Key.Create(KeyAgreementAlgorithm.X25519);
        var certified = new RelayStatic(registry.Id, new Digest(own.PublicKey.Export(KeyBlobFormat.RawPublicKey)), now - 60, now + 3600);
        using var handshake = new RelayHandshake(offered, Subprotocol.Current, own, RelayAuth.Certify(_village.Relay.Identity.RelayKey, certified, null));
        handshake.ConsumeHello((await ReceiveAsync(socket, buffer)).Span);
        await WriteAsync(socket, handshake.CreateRelayAuth());
        using AdmittedClient admitted = handshake.ConsumeClientAuth((await ReceiveAsync(socket, buffer)).Span, now, ChannelAdmission.Of(registry));
        SecureChannel channel = admitted.CreateReady(Clock ?? now, ready.Checkpoint, out byte[] record);
        await WriteAsync(socket, record);
        return channel;
    }

    private async Task TakeAsync(Frame frame)
    {
        if (frame.Request == 0)
        {
            _honest!.Notify(frame.Body);
            return;
        }
        FrameBody answer = Invent(frame.Body) ?? Answer(frame.Body, await AskAsync(frame.Body));
        await SendAsync(new Frame(frame.Request, answer));
    }

    private async Task<FrameBody> AskAsync(FrameBody request)
    {
        try
        {
            return await _honest!.AskAsync<FrameBody>(request);
        }
        catch (RelayException e)
        {
            return new ErrorFrame(e.Code, (uint)e.RetryAfter.TotalSeconds);
        }
    }

    private async ValueTask PassAsync(FrameBody push)
    {
        Seen.Add(push);
        foreach (FrameBody body in Push(push))
            await SendAsync(Frame.Unasked(body));
    }

    private async Task SendAsync(Frame frame)
    {
        byte[] bytes = TlsWriter.Encode(frame);
        await _writing.WaitAsync();
        try
        {
            for (int sent = 0; sent < bytes.Length;)
                await WriteAsync(_socket!, Seal(bytes, ref sent));
        }
        finally
        {
            _writing.Release();
        }
    }

    private byte[] Seal(byte[] frame, ref int sent)
    {
        byte[] record = new byte[ProtocolLimits.RecordBytes];
        if (frame.Length > Protocol.Record.MaxWholeFrame)
            return record[.._channel!.Sealer.SealPart(frame, ref sent, record)];
        sent = frame.Length;
        FramesRecord open = _channel!.Sealer.BeginFrames(record);
        open.TryAdd(frame);
        return record[..open.Seal()];
    }

    private List<Frame> Open(Memory<byte> record)
    {
        var frames = new List<Frame>();
        ReceivedFrames received = _channel!.Open(record.Span, (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        while (received.TryNext(out ReadOnlySpan<byte> bytes))
            frames.Add(Frame.DecodeFromClient(bytes));
        return frames;
    }

    private static async Task WriteAsync(WebSocket socket, byte[] message)
    {
        if (socket.State == WebSocketState.Open)
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
    }

    // Empty at the end of the socket.
    private static async Task<Memory<byte>> ReceiveAsync(WebSocket socket, byte[] buffer)
    {
        int length = 0;
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                    return default;
                if (part.EndOfMessage)
                    return buffer.AsMemory(0, length);
            }
        }
        catch (WebSocketException)
        {
            // The client is gone.
            return default;
        }
    }
}
