using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

/// <summary>One client's channel, from Ready to its end.</summary>
/// <remarks>
/// Requests are taken in order, one at a time, but for appends: those go to their room and are answered when they are on
/// disk, so that a client may have many under way. Nothing here waits for the client but the reading itself.
/// </remarks>
internal sealed class ClientConnection : IAsyncDisposable
{
    private readonly WebSocketReader _reader;
    private readonly SecureChannel _channel;
    private readonly RequestHandlers _requests;
    private readonly RelayLimits _limits;
    private readonly RelayTime _time;
    private readonly Action _abort;
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<RoomId, Subscription> _subscriptions = [];
    private readonly Lock _statementGate = new();
    private readonly ulong _touchSize;
    private TokenBucket _pings;
    private int _underWay;
    private bool _hasStatement;
    private bool _isOut;
    private TaskCompletionSource? _fewer;
    private ulong _heard;
    private ulong _closedAt;

    public ClientConnection(
        Stream stream, WebSocketReader reader, SecureChannel channel, ClientAuth auth, Handle? handle, RequestHandlers requests, RelayOptions options, RelayTime time, Action abort)
    {
        _abort = abort;
        _reader = reader;
        _channel = channel;
        _requests = requests;
        _limits = options.Limits;
        _time = time;
        _heard = time.UnixSeconds();
        _pings = TokenBucket.Full(RelayLimits.PingBurst, time.Milliseconds());
        Outbox = new Outbox(stream, channel, _limits.QueueBytes) { Failed = End };
        if (auth is ClientAuth.Member member)
        {
            Token = member.Grant.Touch.TokenId;
            _touchSize = member.Grant.Touch.RegistrySize;
            Handle = handle!.Value;
        }
        InviteKey = (auth as ClientAuth.Guest)?.InviteKey;
    }

    /// <summary>The key of the invite that a guest came with; null for members.</summary>
    public Digest? InviteKey { get; }

    /// <summary>Whether it may only enrol.</summary>
    public bool IsGuest => InviteKey is not null;

    /// <summary>Whose token it is; zeros for guests.</summary>
    public TokenId Token { get; }

    /// <summary>Who is counted as one: everybody with this token, or with this invite.</summary>
    public Digest Holder => InviteKey ?? Token.Value;

    /// <summary>Whose channel it is; not for guests.</summary>
    public Handle Handle { get; }

    /// <summary>What waits to be written.</summary>
    public Outbox Outbox { get; }

    /// <summary>Rooms that it reads.</summary>
    public int Subscriptions
    {
        get
        {
            lock (_subscriptions)
                return _subscriptions.Count;
        }
    }

    /// <summary>Reads and answers until the channel ends.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                switch (await _reader.ReadAsync(_end.Token))
                {
                    case WebSocketEvent.Message:
                        _heard = _time.UnixSeconds();
                        if (!await TakeAsync(_reader.Payload))
                            return;
                        break;
                    case WebSocketEvent.Ping when MayPing():
                        Outbox.Pong(_reader.Payload.Span);
                        break;
                    case WebSocketEvent.Pong when MayPing():
                        break;
                    default:
                        return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The connection was ended, by either side.
        }
        catch (Exception e) when (e is DecodeException or ChannelException or ObjectDisposedException)
        {
            Outbox.Close(CloseReason.Misbehaviour);
            await Task.WhenAny(Outbox.IsIdleAsync(), Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None));
        }
    }

    /// <summary>Answers a request.</summary>
    public void Answer(Frame frame)
    {
        if (Outbox.TryAnswer(TlsWriter.Encode(frame)))
            Outbox.Drain();
        else
            End();
    }

    /// <summary>Pushes a frame, unless the client is too slow: it asks again when it comes back.</summary>
    public void Push(ReadOnlyMemory<byte> frame)
    {
        if (Outbox.TryPush(frame))
            Outbox.Drain();
    }

    /// <summary>An append of this connection has been answered by its room. The caller drains.</summary>
    public void Appended(uint request, AppendReply reply)
    {
        Frame answer = reply.Code is { } code
            ? Frame.Refusal(request, code, reply.RetryAfter)
            : new Frame(request, new Appended(reply.Sequence, new Stamp(reply.Time, reply.RegistrySize), new Digest(reply.Receipt)));
        if (!Outbox.TryAnswer(TlsWriter.Encode(answer)))
            End();
        int left = Interlocked.Decrement(ref _underWay);
        if (left == 0 || left == _limits.AppendsUnderWay / 2)
            Interlocked.Exchange(ref _fewer, null)?.TrySetResult();
    }

    /// <summary>Counts an append that goes to its room.</summary>
    public void BeginAppend() => Interlocked.Increment(ref _underWay);

    /// <summary>Completes when no append is under way.</summary>
    public async Task AppendsAnsweredAsync()
    {
        while (Volatile.Read(ref _underWay) > 0)
            await FewerAsync(0);
    }

    /// <summary>Remembers a reading; the one that it replaces, if there is one.</summary>
    public Subscription? Remember(RoomId room, Subscription reader)
    {
        lock (_subscriptions)
        {
            Subscription? old = _subscriptions.GetValueOrDefault(room);
            _subscriptions[room] = reader;
            return old;
        }
    }

    /// <summary>Forgets a reading; null if there is none.</summary>
    public Subscription? Forget(RoomId room)
    {
        lock (_subscriptions)
            return _subscriptions.Remove(room, out Subscription? reader) ? reader : null;
    }

    /// <summary>Ends a reading from the relay's side, and tells the client where to begin again.</summary>
    public void Detach(RoomId room, Subscription reader)
    {
        lock (_subscriptions)
        {
            if (_subscriptions.TryGetValue(room, out Subscription? current) && ReferenceEquals(current, reader))
                _subscriptions.Remove(room);
        }
        _requests.Rooms.Unsubscribe(reader, room);
        Answer(Frame.Unasked(new Detached(room, reader.Next)));
    }

    /// <summary>Says goodbye.</summary>
    public void Close(CloseReason reason)
    {
        _closedAt = _time.UnixSeconds();
        Outbox.Close(reason);
    }

    /// <summary>Closes the channel of a token that has been revoked, or signed out since its touch.</summary>
    public void CloseIfOut(RegistryState state)
    {
        if (state.Token(Token) is { } token && !token.IsRevokedAt(state.Size) && !token.IsSignedOutAt(_touchSize, state.Size))
            return;
        lock (_statementGate)
        {
            _isOut = true;
            if (_hasStatement)
                return;
        }
        Close(CloseReason.TokenIsOut);
    }

    /// <summary>A statement of this client's is under way. If it puts the client out, the client is told that it stands before the channel closes: it could not read it any more.</summary>
    public void BeginStatement()
    {
        lock (_statementGate)
            _hasStatement = true;
    }

    /// <summary>The statement has been answered.</summary>
    public void EndStatement()
    {
        lock (_statementGate)
        {
            _hasStatement = false;
            if (!_isOut)
                return;
        }
        Close(CloseReason.TokenIsOut);
    }

    /// <summary>Ends the connection if its time is over, or nobody is there.</summary>
    public void Sweep(ulong now, int idleSeconds)
    {
        const ulong Goodbye = 5;
        if (_closedAt > 0 && now > _closedAt + Goodbye)
            End();
        else if (now > _channel.NotAfter && _closedAt == 0)
            Close(CloseReason.TimeIsOver);
        else if (now > _heard + (ulong)idleSeconds)
            End();
    }

    /// <summary>Ends all readings, and gives everything back.</summary>
    public async ValueTask DisposeAsync()
    {
        KeyValuePair<RoomId, Subscription>[] readings;
        lock (_subscriptions)
        {
            readings = [.. _subscriptions];
            _subscriptions.Clear();
        }
        foreach ((RoomId room, Subscription reader) in readings)
            _requests.Rooms.Unsubscribe(reader, room);
        _reader.Dispose();
        await _end.CancelAsync();

        // A key must not be zeroed under a seal: the writer stops first, if need be with the socket.
        Task stopped = Outbox.StopAsync();
        if (await Task.WhenAny(stopped, Task.Delay(TimeSpan.FromSeconds(1))) != stopped)
            _abort();
        await stopped;
        _channel.Dispose();
        _end.Dispose();
    }

    // RFC 6455 §5.5.3: a pong that nobody asked for is a client's sign of life.
    private bool MayPing()
    {
        _heard = _time.UnixSeconds();
        return _pings.TryTake(RelayLimits.PingBurst, 1, _time.Milliseconds(), out _pings);
    }

    // The frames of a record are views into it: all are parsed before the first is answered.
    private async ValueTask<bool> TakeAsync(Memory<byte> record)
    {
        foreach ((Frame frame, byte[] bytes, int length) in Open(record))
        {
            if (Volatile.Read(ref _underWay) >= _limits.AppendsUnderWay)
                await FewerAsync(_limits.AppendsUnderWay / 2);
            await _requests.TakeAsync(this, frame, bytes, length);
        }
        if (_channel.State == ChannelState.Closed)
        {
            Close(CloseReason.Done);
            return false;
        }
        return true;
    }

    private List<(Frame Frame, byte[] Bytes, int Length)> Open(Memory<byte> record)
    {
        var frames = new List<(Frame, byte[], int)>();
        ReceivedFrames received = _channel.Open(record.Span, _time.UnixSeconds());
        while (received.TryNext(out ReadOnlySpan<byte> bytes))
        {
            Frame frame = Frame.DecodeFromClient(bytes);
            frames.Add((frame, frame.Body is Append or OfferEntries ? bytes.ToArray() : [], bytes.Length));
        }
        return frames;
    }

    private async Task FewerAsync(int limit)
    {
        while (Volatile.Read(ref _underWay) > limit)
        {
            var fewer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource waited = Interlocked.CompareExchange(ref _fewer, fewer, null) ?? fewer;
            if (Volatile.Read(ref _underWay) <= limit)
                return;
            await waited.Task;
        }
    }

    private void End()
    {
        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended already.
        }
    }
}
