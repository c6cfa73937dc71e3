using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HardwareChat.Protocol;
using NSec.Cryptography;

namespace HardwareChat.Bench.Load;

/// <summary>Where a load goes, and how a client proves who it is there; a baseline asks for no proof.</summary>
/// <param name="Address">The server.</param>
/// <param name="Registry">The relay's registry; null for a baseline.</param>
/// <param name="RelayKey">The relay's key.</param>
internal sealed record LoadTarget(Uri Address, RegistryId? Registry, Digest RelayKey);

/// <summary>A WebSocket of the load program: a bare socket, so that the load costs as little as it can beside the server.</summary>
/// <remarks>The masking key is zero: the server unmasks all the same. Each socket comes from a loopback address of its own.</remarks>
internal sealed class LoadSocket : IDisposable
{
    private const int MaskedHeader = 8;
    private const int FirstBuffer = 16 * 1024;

    private static int _address;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[FirstBuffer];
    private int _start;
    private int _end;

    /// <summary>The channel; null on a baseline.</summary>
    public SecureChannel? Channel { get; private set; }

    /// <summary>Connects, and is let in.</summary>
    public static async Task<LoadSocket> ConnectAsync(LoadTarget target, string path, (Key Key, ClientAuth Auth)? who)
    {
        var socket = new LoadSocket();
        try
        {
            await socket.UpgradeAsync(target, path);
            if (who is { } known)
                await socket.HandshakeAsync(target, known.Key, known.Auth);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The next message; it is valid until the next call. Empty at the end of the socket.</summary>
    public async ValueTask<Memory<byte>> ReadAsync()
    {
        while (true)
        {
            if (TryMessage(out Memory<byte> message))
                return message;
            Compact();
            int read = await _socket.ReceiveAsync(_buffer.AsMemory(_end));
            if (read == 0)
                return default;
            _end += read;
        }
    }

    /// <summary>Writes the bytes of whole frames.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames) => await _socket.SendAsync(frames);

    /// <summary>Puts a message into a frame, at the front of a buffer; the frame's length.</summary>
    public static int Frame(Span<byte> buffer, ReadOnlySpan<byte> message)
    {
        message.CopyTo(buffer[MaskedHeader..]);
        return Close(buffer, message.Length);
    }

    /// <summary>Where a message goes that is made in place, before <see cref="Close"/>.</summary>
    public static Span<byte> Body(Span<byte> buffer) => buffer[MaskedHeader..];

    /// <summary>Makes the frame around a message that stands at <see cref="Body"/>; the frame's length.</summary>
    public static int Close(Span<byte> buffer, int length)
    {
        buffer[0] = 0x82;
        if (length <= 125)
        {
            // RFC 6455 §5.2: the shortest form, whose header is two bytes shorter.
            buffer[1] = (byte)(0x80 | length);
            buffer.Slice(MaskedHeader, length).CopyTo(buffer[(MaskedHeader - 2)..]);
            buffer[2..(MaskedHeader - 2)].Clear();
            return MaskedHeader - 2 + length;
        }
        buffer[1] = 0x80 | 126;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)length);
        buffer[4..MaskedHeader].Clear();
        return MaskedHeader + length;
    }

    public void Dispose()
    {
        _socket.Dispose();
        Channel?.Dispose();
    }

    private async Task UpgradeAsync(LoadTarget target, string path)
    {
        int number = Interlocked.Increment(ref _address);
        _socket.Bind(new IPEndPoint(new IPAddress([127, (byte)(1 + ((number >> 16) & 0x3F)), (byte)(number >> 8), (byte)(1 + (number % 250))]), 0));
        await _socket.ConnectAsync(IPAddress.Loopback, target.Address.Port);
        string request = $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: {Convert.ToBase64String(new byte[16])}\r\nSec-WebSocket-Protocol: {Subprotocol.Current}\r\n\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request));
        while (true)
        {
            int read = await _socket.ReceiveAsync(_buffer.AsMemory(_end));
            _end += read;
            int blank = _buffer.AsSpan(0, _end).IndexOf("\r\n\r\n"u8);
            if (blank < 0 && read > 0)
                continue;
            string answer = Encoding.ASCII.GetString(_buffer.AsSpan(0, Math.Min(_end, 12)));
            if (answer != "HTTP/1.1 101")
                throw new LoadRefusedException($"the server answered {answer}");
            _start = blank + 4;
            return;
        }
    }

    private async Task HandshakeAsync(LoadTarget target, Key key, ClientAuth auth)
    {
        using var handshake = new ClientHandshake(Subprotocol.Current, Subprotocol.Current, target.Registry!.Value, key, RelayPin.Of(target.RelayKey));
        byte[] frame = new byte[MaskedHeader + ProtocolLimits.ClientAuthBytes];
        await WriteAsync(frame.AsMemory(0, Frame(frame, handshake.CreateHello())));
        ulong now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using VerifiedRelay relay = handshake.ConsumeRelayAuth((await NextAsync()).Span, now);
        using AwaitingReady awaiting = relay.CreateClientAuth(auth, out byte[] message);
        await WriteAsync(frame.AsMemory(0, Frame(frame, message)));
        Channel = awaiting.ConsumeReady((await NextAsync()).Span, out _);
    }

    private async ValueTask<Memory<byte>> NextAsync()
        => await ReadAsync() is { IsEmpty: false } message ? message : throw new LoadRefusedException("the server ended the handshake");

    // RFC 6455 §5.2, the server's direction. A message is one frame here: neither server fragments.
    private bool TryMessage(out Memory<byte> message)
    {
        message = default;
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _end - _start);
        if (bytes.Length < 2)
            return false;
        int length = bytes[1];
        int header = 2;
        if (length == 126)
        {
            if (bytes.Length < 4)
                return false;
            (length, header) = (BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), 4);
        }
        if (bytes.Length < header + length)
        {
            if (_buffer.Length < header + length)
                Array.Resize(ref _buffer, ProtocolLimits.RecordBytes + MaskedHeader);
            return false;
        }
        if (bytes[0] != 0x82)
            return false;
        message = _buffer.AsMemory(_start + header, length);
        _start += header + length;
        return true;
    }

    private void Compact()
    {
        if (_start == 0)
            return;
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
    }
}

/// <summary>A server did not let the load in.</summary>
internal sealed class LoadRefusedException(string message) : Exception(message);
