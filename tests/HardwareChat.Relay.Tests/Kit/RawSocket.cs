using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Protocol;
using HardwareChat.Protocol.Tests;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Relay.Tests;

/// <summary>A socket that says to a relay whatever a test wants, from a loopback address of its own.</summary>
public sealed class RawSocket : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);
    private static int _addresses;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[ProtocolLimits.RecordBytes + 16];
    private int _held;

    private RawSocket()
    {
    }

    /// <summary>The channel, once there is one.</summary>
    public SecureChannel? Channel { get; private set; }

    /// <summary>A loopback address that no other test uses.</summary>
    public static IPAddress NextAddress()
    {
        int number = Interlocked.Increment(ref _addresses);
        return new IPAddress([127, 9, (byte)(number / 250), (byte)(1 + (number % 250))]);
    }

    /// <summary>A TCP connection, nothing said.</summary>
    public static async Task<RawSocket> OpenAsync(TestRelay relay, IPAddress? from = null)
    {
        var raw = new RawSocket();
        raw._socket.Bind(new IPEndPoint(from ?? NextAddress(), 0));
        await raw._socket.ConnectAsync(IPAddress.Loopback, relay.Relay.Address.Port);
        return raw;
    }

    /// <summary>A WebSocket, nothing said on it.</summary>
    public static async Task<RawSocket> UpgradeAsync(TestRelay relay, IPAddress? from = null)
    {
        RawSocket raw = await OpenAsync(relay, from);
        Assert.Equal(101, await raw.RequestAsync());
        return raw;
    }

    /// <summary>A channel of this user.</summary>
    public static async Task<RawSocket> ConnectAsync(TestRelay relay, string user)
    {
        RawSocket raw = await UpgradeAsync(relay);
        using Key key = Key.Create(KeyAgreementAlgorithm.X25519);
        TestToken token = relay.Community.Token(user);
        RegistryState state = relay.Community.State;
        GrantItem item = GrantItem.ForChannel(relay.Relay.Identity.Id, key.PublicKey.Export(KeyBlobFormat.RawPublicKey), relay.Now + state.Policy.SessionLifetime);
        SignedGrant grant = new TestSession().Touch(token, state, relay.Now, item)[0];
        using var handshake = new ClientHandshake(Subprotocol.Current, Subprotocol.Current, state.Id, key, relay.Endpoint.RelayKeyCheck);
        await raw.SendFrameAsync(handshake.CreateHello());
        using VerifiedRelay verified = handshake.ConsumeRelayAuth((await raw.NextMessageAsync())!, relay.Now);
        using AwaitingReady awaiting = verified.CreateClientAuth(new ClientAuth.Member(grant), out byte[] message);
        await raw.SendFrameAsync(message);
        raw.Channel = awaiting.ConsumeReady((await raw.NextMessageAsync())!, out _);
        return raw;
    }

    /// <summary>An upgrade, with these headers instead of the right ones; the status of the answer.</summary>
    public async Task<int> RequestAsync(string? protocol = Subprotocol.Current, string headers = "", string upgrade = "websocket")
    {
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        string offered = protocol is null ? "" : $"Sec-WebSocket-Protocol: {protocol}\r\n";
        await SendAsync(Encoding.ASCII.GetBytes(
            $"GET /channel HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: {upgrade}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{offered}{headers}\r\n"));
        using var limit = new CancellationTokenSource(Patience);
        int blank;
        while ((blank = _buffer.AsSpan(0, _held).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync(limit.Token))
                return 0;
        }
        int status = int.Parse(Encoding.ASCII.GetString(_buffer.AsSpan(9, 3)), System.Globalization.CultureInfo.InvariantCulture);
        Drop(blank + 4);
        return status;
    }

    /// <summary>Bytes as they are.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _socket.SendAsync(bytes);

    /// <summary>A frame, masked with zeros unless the test wants none.</summary>
    public Task SendFrameAsync(byte[] payload, byte first = 0x82, bool masked = true) => SendAsync(Frame(payload, first, masked));

    /// <summary>The bytes of a frame.</summary>
    public static byte[] Frame(byte[] payload, byte first = 0x82, bool masked = true)
    {
        byte mask = (byte)(masked ? 0x80 : 0);
        byte[] length = payload.Length > 125 ? [(byte)(mask | 126), (byte)(payload.Length >> 8), (byte)(payload.Length & 0xFF)] : [(byte)(mask | payload.Length)];
        return [first, .. length, .. new byte[masked ? 4 : 0], .. payload];
    }

    /// <summary>A frame of the protocol, sealed and in its WebSocket frame.</summary>
    public byte[] Sealed(Frame frame)
    {
        byte[] record = new byte[ProtocolLimits.RecordBytes];
        FramesRecord open = Channel!.Sealer.BeginFrames(record);
        Assert.True(open.TryAdd(TlsWriter.Encode(frame)));
        return Frame(record[..open.Seal()]);
    }

    /// <summary>The next binary message of the relay; null at the end of the socket.</summary>
    public async Task<byte[]?> NextMessageAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (TryTake(out byte first, out byte[] payload))
            {
                if (first == 0x82)
                    return payload;
                continue;
            }
            if (!await FillAsync(limit.Token))
                return null;
        }
    }

    /// <summary>Reads until the relay ends the socket; fails if it does not.</summary>
    public async Task EndedAsync()
    {
        while (await NextMessageAsync() is not null)
        {
            // What it still says does not matter.
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        Channel?.Dispose();
    }

    private bool TryTake(out byte first, out byte[] payload)
    {
        (first, payload) = (0, []);
        if (_held < 2)
            return false;
        int header = _buffer[1] == 126 ? 4 : 2;
        if (_held < header)
            return false;
        int length = header == 4 ? BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(2)) : _buffer[1];
        if (_held < header + length)
            return false;
        (first, payload) = (_buffer[0], _buffer[header..(header + length)]);
        Drop(header + length);
        return true;
    }

    private void Drop(int bytes)
    {
        _buffer.AsSpan(bytes, _held - bytes).CopyTo(_buffer);
        _held -= bytes;
    }

    // A reset is an end too, as is the test's own letting go.
    private async Task<bool> FillAsync(CancellationToken cancel)
    {
        try
        {
            int read = await _socket.ReceiveAsync(_buffer.AsMemory(_held), cancel);
            _held += read;
            return read > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
