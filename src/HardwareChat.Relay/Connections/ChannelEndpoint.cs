using System.Net;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

// socket -> gate -> upgrade -> hello, RelayAuth, ClientAuth -> Ready -> ClientConnection
//
// Until Ready a client is nobody: it is counted by its address, has ten seconds in all, costs no more than the buffers of one
// handshake, and leaves no line in the log that it could repeat. Whatever fails, the socket ends in the same way.

/// <summary>Takes a client from its socket to its channel.</summary>
internal sealed class ChannelEndpoint(
    RegistryView registry, RelayIdentity identity, ProcessKey processKey, SetupCode setup, ConnectionTable connections, RequestHandlers requests, RelayMetrics metrics, RelayOptions options, RelayTime time)
{
    private readonly Lock _gateLock = new();
    private readonly HandshakeGate _gate = new(time.Milliseconds());

    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        if (connections.IsDraining)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        AddressBlock block = AddressBlock.Of(context.Connection.RemoteIpAddress ?? IPAddress.Loopback);
        if (!Enter(block))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        ClientConnection? client = null;
        try
        {
            client = await HandshakeAsync(context);
        }
        catch (Exception e) when (e is DecodeException or ChannelException or IOException or OperationCanceledException)
        {
            metrics.Refused();
            context.Abort();
        }
        finally
        {
            Leave(block);
        }
        if (client is null)
            return;
        metrics.Admitted();
        try
        {
            await client.RunAsync();
        }
        finally
        {
            connections.Remove(client);
            await client.DisposeAsync();
        }
    }

    private async Task<ClientConnection?> HandshakeAsync(HttpContext context)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(TimeSpan.FromSeconds(ProtocolLimits.HandshakeSeconds));
        if (await WebSocketUpgrade.AcceptAsync(context, [.. options.Origins]) is not { } socket)
            return null;
        var reader = new WebSocketReader(socket.Stream);
        try
        {
            CertifiedKey own = processKey.Current;
            using var handshake = new RelayHandshake(socket.Offered, socket.Chosen, own.Key, own.Auth);
            handshake.ConsumeHello((await MessageAsync(reader, deadline.Token)).Span);
            await SendAsync(socket.Stream, handshake.CreateRelayAuth(), deadline.Token);
            Memory<byte> last = await MessageAsync(reader, deadline.Token);
            ulong now = time.UnixSeconds();
            using AdmittedClient admitted = handshake.ConsumeClientAuth(last.Span, now, Admission());
            SecureChannel channel = admitted.CreateReady(now, registry.Checkpoint, out byte[] ready);
            Handle? handle = admitted.Auth is ClientAuth.Member member ? registry.State.Token(member.Grant.Touch.TokenId)!.Handle : null;
            var client = new ClientConnection(socket.Stream, reader, channel, admitted.Auth, handle, requests, options, time, context.Abort);
            if (!connections.TryAdd(client))
            {
                await client.DisposeAsync();
                return null;
            }
            await SendAsync(socket.Stream, ready, deadline.Token);

            // Whoever was revoked while the handshake ran was not in the table yet.
            if (!client.IsGuest)
                client.CloseIfOut(registry.State);
            return client;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private ChannelAdmission Admission() => registry.State.Size > 0 ? ChannelAdmission.Of(registry.State) : setup.Admission(identity.Id);

    private static async ValueTask<Memory<byte>> MessageAsync(WebSocketReader reader, CancellationToken cancel)
    {
        int pings = 0;
        while (true)
        {
            switch (await reader.ReadAsync(cancel))
            {
                case WebSocketEvent.Message:
                    return reader.Payload;
                case WebSocketEvent.Ping or WebSocketEvent.Pong when ++pings <= RelayLimits.PingBurst:
                    // Answered by nobody before the channel stands.
                    continue;
                default:
                    throw new IOException("the socket ended before the handshake did");
            }
        }
    }

    // RFC 6455 §5.2: handshake messages are binary messages too.
    private static async ValueTask SendAsync(Stream stream, byte[] message, CancellationToken cancel)
    {
        byte[] header = message.Length > 125
            ? [0x82, 126, (byte)(message.Length >> 8), (byte)(message.Length & 0xFF)]
            : [0x82, (byte)message.Length];
        await stream.WriteAsync((byte[])[.. header, .. message], cancel);
    }

    private bool Enter(AddressBlock block)
    {
        lock (_gateLock)
            return _gate.TryEnter(block, time.Milliseconds());
    }

    private void Leave(AddressBlock block)
    {
        lock (_gateLock)
            _gate.Leave(block);
    }
}
