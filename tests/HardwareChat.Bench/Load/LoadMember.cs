using System.Diagnostics;
using System.Runtime.InteropServices;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Bench.Load;

/// <summary>A member of a room under load: it counts what arrives, opening every record; one of a room sends.</summary>
/// <remarks>
/// The sender keeps a window: so many messages are on their way that it has sent and has not got back from the room. What it
/// may send goes out in one write, as one record on the relay and as frames one behind the other on a baseline.
/// </remarks>
internal sealed class LoadMember(LoadSocket socket, RoomId room) : IDisposable
{
    /// <summary>Bytes of a message.</summary>
    public const int MessageBytes = 300;

    private readonly byte[] _message = new byte[MessageBytes];
    private byte[] _out = [];
    private long _received;
    private long _sent;
    private int _window;
    private volatile bool _sending;
    private uint _request;

    /// <summary>Where it reads.</summary>
    public RoomId Room => room;

    /// <summary>Messages that arrived.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Messages that it sent.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Ticks from the sending of a message to its arrival here; kept if there is a list.</summary>
    public List<long>? Latencies { get; set; }

    /// <summary>What went wrong; null while nothing has.</summary>
    public string? Fault { get; private set; }

    /// <summary>Asks, and waits for the answer: before any load.</summary>
    public async Task AskAsync(FrameBody request)
    {
        await WriteAsync(request);
        while (true)
        {
            Memory<byte> record = await socket.ReadAsync();
            if (record.IsEmpty)
                throw new InvalidOperationException("The relay ended the channel.");
            if (Answered(record.Span))
                return;
        }
    }

    /// <summary>Counts what arrives until the socket ends.</summary>
    public async Task ReceiveAsync()
    {
        try
        {
            while (await socket.ReadAsync() is { IsEmpty: false } message)
            {
                int arrived = socket.Channel is null ? Take(message.Span) : Open(message.Span);
                Volatile.Write(ref _received, _received + arrived);
                if (_window > 0 && _sending && arrived > 0)
                    await SendAsync((int)(_window - (_sent - _received)));
            }
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // The measurement is over.
        }
    }

    /// <summary>Begins to send, and goes on as its own messages come back.</summary>
    public async Task BeginAsync(int window)
    {
        _window = window;
        _sending = true;
        await SendAsync(window);
    }

    /// <summary>Sends no more.</summary>
    public void End() => _sending = false;

    /// <summary>Sends messages now.</summary>
    public async Task SendAsync(int count)
    {
        if (count <= 0)
            return;
        int length = socket.Channel is null ? Frames(count) : Record(count);
        Volatile.Write(ref _sent, _sent + count);
        await socket.WriteAsync(_out.AsMemory(0, length));
    }

    public void Dispose() => socket.Dispose();

    private async Task WriteAsync(FrameBody request)
    {
        Reserve(ProtocolLimits.RecordBytes + 16);
        await socket.WriteAsync(_out.AsMemory(0, Seal()));

        int Seal()
        {
            FramesRecord record = socket.Channel!.Sealer.BeginFrames(LoadSocket.Body(_out));
            record.TryAdd(TlsWriter.Encode(new Frame(++_request, request)));
            return LoadSocket.Close(_out, record.Seal());
        }
    }

    private bool Answered(Span<byte> record)
    {
        ReceivedFrames frames = socket.Channel!.Opener.Open(record);
        while (frames.TryNext(out ReadOnlySpan<byte> bytes))
        {
            Frame frame = Frame.DecodeFromRelay(bytes);
            if (frame.Body is ErrorFrame error)
                throw new InvalidOperationException($"The relay refused what the load rests on: {error.Code}.");
            if (frame.Request == _request)
                return true;
        }
        return false;
    }

    private int Open(Span<byte> record)
    {
        int arrived = 0;
        ReceivedFrames frames = socket.Channel!.Opener.Open(record);
        while (frames.TryNext(out ReadOnlySpan<byte> frame))
        {
            switch ((FrameKind)frame[0])
            {
                case FrameKind.Entry:
                    arrived += Take(frame[^MessageBytes..]);
                    break;
                case FrameKind.Error or FrameKind.Detached:
                    Fault = $"{(FrameKind)frame[0]}";
                    break;
            }
        }
        return arrived;
    }

    private int Take(ReadOnlySpan<byte> message)
    {
        Latencies?.Add(Stopwatch.GetTimestamp() - MemoryMarshal.Read<long>(message));
        return 1;
    }

    private ReadOnlySpan<byte> Next(long number)
    {
        MemoryMarshal.Write(_message, Stopwatch.GetTimestamp());
        MemoryMarshal.Write(_message.AsSpan(sizeof(long)), number);
        return _message;
    }

    private int Frames(int count)
    {
        Reserve(count * (MessageBytes + 8));
        int length = 0;
        for (int i = 0; i < count; i++)
            length += LoadSocket.Frame(_out.AsSpan(length), Next(_sent + i));
        return length;
    }

    private int Record(int count)
    {
        Reserve(ProtocolLimits.RecordBytes + 16);
        FramesRecord record = socket.Channel!.Sealer.BeginFrames(LoadSocket.Body(_out));
        for (int i = 0; i < count; i++)
        {
            // One entry stood in the room before the load began: the commit.
            var append = new Append(room, EntryKind.Application, (ulong)_received + 1, 1, Next(_sent + i).ToArray(), null, null, []);
            if (!record.TryAdd(TlsWriter.Encode(new Frame(unchecked(++_request), append))))
                throw new InvalidOperationException("A window does not fit into a record.");
        }
        return LoadSocket.Close(_out, record.Seal());
    }

    private void Reserve(int length)
    {
        if (_out.Length < length)
            _out = new byte[length];
    }
}
