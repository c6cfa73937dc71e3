using System.Buffers;
using System.Buffers.Binary;
using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>What waits for one client: whatever has gathered is sealed once and written once.</summary>
/// <remarks>
/// Thread-safe. Nobody waits for a client here: whoever adds and finds the socket idle writes, and while a write is pending
/// frames gather, up to a bound. A frame is one buffer, shared by all whom it is for; nobody changes it.
/// </remarks>
internal sealed class Outbox
{
    // RFC 6455 §5.2: FIN and opcode 2, then the length in 1 or 3 bytes.
    private const int MaxHeader = 4;
    private const byte BinaryFrame = 0x82;
    private const byte CloseFrame = 0x88;
    private const byte PongFrame = 0x8A;

    private readonly Stream _stream;
    private readonly SecureChannel _channel;
    private readonly int _limit;
    private readonly Lock _gate = new();
    private List<ReadOnlyMemory<byte>> _waiting = [];
    private List<ReadOnlyMemory<byte>> _spare = [];
    private long _bytes;
    private bool _writing;
    private bool _failed;
    private byte[]? _pong;
    private CloseReason? _close;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _idle;
    private TaskCompletionSource? _stopped;

    /// <summary>An outbox over a channel; neither is owned.</summary>
    public Outbox(Stream stream, SecureChannel channel, int limit)
    {
        _stream = stream;
        _channel = channel;
        _limit = limit;
    }

    /// <summary>Called once when a write fails.</summary>
    public Action? Failed { get; set; }

    /// <summary>Adds a frame to be pushed; false if the client is too slow for it.</summary>
    public bool TryPush(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
            return TryAdd(frame, _limit);
    }

    /// <summary>Adds frames to be pushed, in order, all or none; false if the client is too slow for them.</summary>
    public bool TryPush(ReadOnlySpan<ReadOnlyMemory<byte>> frames, long bytes)
    {
        lock (_gate)
        {
            if (_failed || _close is not null)
                return true;
            if (_bytes + bytes > _limit)
                return false;
            foreach (ReadOnlyMemory<byte> frame in frames)
                _waiting.Add(frame);
            _bytes += bytes;
            return true;
        }
    }

    /// <summary>Adds an answer; false if the client asks and does not read: it is then to be closed.</summary>
    public bool TryAnswer(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
            return TryAdd(frame, 2L * _limit + ProtocolLimits.FrameBytes);
    }

    /// <summary>Answers a ping; of pings that come faster than pongs can go, the last one.</summary>
    public void Pong(ReadOnlySpan<byte> payload)
    {
        byte[] copy = payload.ToArray();
        lock (_gate)
            _pong = copy;
        Drain();
    }

    /// <summary>Says goodbye after what waits.</summary>
    public void Close(CloseReason reason)
    {
        lock (_gate)
            _close ??= reason;
        Drain();
    }

    /// <summary>Completes when there is room for a page of history.</summary>
    public Task HasRoomAsync()
    {
        lock (_gate)
        {
            if (_failed || _close is not null || _bytes <= _limit / 2)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Completes when nothing waits any more.</summary>
    public Task IsIdleAsync()
    {
        lock (_gate)
        {
            if (_failed || (!_writing && _waiting.Count == 0))
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <summary>Writes what has gathered, unless a write is under way, which will take it along.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            if (_writing || _failed || (_waiting.Count == 0 && _pong is null && _close is null))
                return;
            _writing = true;
        }
        _ = WriteAsync();
    }

    /// <summary>Drops what waits; completes when no write is under way, and the channel's keys may go.</summary>
    public Task StopAsync()
    {
        Fail();
        lock (_gate)
        {
            if (!_writing)
                return Task.CompletedTask;
            _stopped ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _stopped.Task;
        }
    }

    private bool TryAdd(ReadOnlyMemory<byte> frame, long limit)
    {
        if (_failed || _close is not null)
            return true;
        if (_bytes + frame.Length > limit)
            return false;
        _waiting.Add(frame);
        _bytes += frame.Length;
        return true;
    }

    private async Task WriteAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxHeader + ProtocolLimits.RecordBytes);
        try
        {
            while (TryTake(out List<ReadOnlyMemory<byte>> frames, out byte[]? pong, out CloseReason? close))
            {
                if (pong is not null)
                    await _stream.WriteAsync((byte[])[PongFrame, (byte)pong.Length, .. pong]);
                long written = 0;
                int part = 0;
                for (int next = 0; next < frames.Count;)
                {
                    ReadOnlyMemory<byte> message = Seal(frames, ref next, ref part, buffer, ref written);
                    await _stream.WriteAsync(message);
                }
                Written(frames, written);
                if (close is { } reason)
                {
                    await SayGoodbyeAsync(reason, buffer);
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // The socket is gone, or this end has let it go: the reading side ends the connection.
            Fail();
            Failed?.Invoke();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: false);
            Stopped();
        }
    }

    // After a failure or a goodbye nothing is written again; otherwise the flag has been lowered, and perhaps raised anew.
    private void Stopped()
    {
        lock (_gate)
        {
            if (!_failed)
                return;
            _writing = false;
            _stopped?.TrySetResult();
        }
    }

    private bool TryTake(out List<ReadOnlyMemory<byte>> frames, out byte[]? pong, out CloseReason? close)
    {
        lock (_gate)
        {
            (frames, pong, close) = (_waiting, _pong, _close);
            _pong = null;
            if (_failed || (frames.Count == 0 && pong is null && close is null))
            {
                _writing = false;
                _idle?.TrySetResult();
                _idle = null;
                return false;
            }
            (_waiting, _spare) = (_spare, _waiting);
            return true;
        }
    }

    // As many frames as one record holds; or the next part of one that no record holds.
    private ReadOnlyMemory<byte> Seal(List<ReadOnlyMemory<byte>> frames, ref int next, ref int part, byte[] buffer, ref long written)
    {
        Span<byte> record = buffer.AsSpan(MaxHeader, ProtocolLimits.RecordBytes);
        int length;
        if (frames[next].Length > Record.MaxWholeFrame)
        {
            ReadOnlySpan<byte> frame = frames[next].Span;
            length = _channel.Sealer.SealPart(frame, ref part, record);
            if (part == frame.Length)
            {
                written += part;
                part = 0;
                next++;
            }
        }
        else
        {
            FramesRecord open = _channel.Sealer.BeginFrames(record);
            while (next < frames.Count && open.TryAdd(frames[next].Span))
                written += frames[next++].Length;
            length = open.Seal();
        }
        return Framed(buffer, length);
    }

    private async Task SayGoodbyeAsync(CloseReason reason, byte[] buffer)
    {
        int length = _channel.Sealer.SealClose(reason, buffer.AsSpan(MaxHeader, ProtocolLimits.RecordBytes));
        await _stream.WriteAsync(Framed(buffer, length));
        await _stream.WriteAsync((byte[])[CloseFrame, 2, CloseStatus.Normal >> 8, CloseStatus.Normal & 0xFF]);
        Fail();
        Failed?.Invoke();
    }

    private static ReadOnlyMemory<byte> Framed(byte[] buffer, int length)
    {
        int header = length > 125 ? 4 : 2;
        Span<byte> front = buffer.AsSpan(MaxHeader - header, header);
        front[0] = BinaryFrame;
        if (header == 2)
        {
            front[1] = (byte)length;
        }
        else
        {
            front[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(front[2..], (ushort)length);
        }
        return buffer.AsMemory(MaxHeader - header, header + length);
    }

    private void Written(List<ReadOnlyMemory<byte>> frames, long written)
    {
        frames.Clear();
        if (frames.Capacity > 256)
            frames.Capacity = 0;
        lock (_gate)
        {
            _bytes -= written;
            if (_bytes > _limit / 2)
                return;
            _room?.TrySetResult();
            _room = null;
        }
    }

    private void Fail()
    {
        lock (_gate)
        {
            _failed = true;
            _waiting.Clear();
            _room?.TrySetResult();
            _idle?.TrySetResult();
            (_room, _idle) = (null, null);
        }
    }
}
