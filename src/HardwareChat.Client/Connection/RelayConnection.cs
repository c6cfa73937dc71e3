using System.Buffers;
using System.Net.WebSockets;
using HardwareChat.Protocol;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client;

/// <summary>A channel to a relay: requests with their answers, and what the relay pushes.</summary>
/// <remarks>
/// Thread-safe. Requests that gather while one is written go out in one record. When it ends, every waiting request fails with
/// the same <see cref="ConnectionException"/>, and nobody knows whether it was done: whoever must know asks again on a new one.
/// </remarks>
public sealed class RelayConnection : IAsyncDisposable
{
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(ProtocolLimits.HandshakeSeconds);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(10);

    private const int PatientAttempts = 10;

    private readonly ClientWebSocket _socket;
    private readonly SecureChannel _channel;
    private readonly TimeProvider _time;
    private readonly Func<FrameBody, ValueTask> _onPush;
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, TaskCompletionSource<FrameBody>> _asked = [];
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<ConnectionException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<byte[]> _waiting = [];
    private Task _writing = Task.CompletedTask;
    private Task _reading = Task.CompletedTask;
    private uint _lastRequest;
    private bool _over;

    private RelayConnection(ClientWebSocket socket, SecureChannel channel, Ready ready, Func<FrameBody, ValueTask> onPush, TimeProvider time)
    {
        _socket = socket;
        _channel = channel;
        _onPush = onPush;
        _time = time;
        Ready = ready;
    }

    /// <summary>What the relay said first: its clock, the channel's end, the registry's head.</summary>
    public Ready Ready { get; }

    /// <summary>Completes with the reason when the channel has ended.</summary>
    public Task<ConnectionException> Ended => _ended.Task;

    /// <summary>Connects, and proves who the client is to a relay that has proved itself.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="staticKey">The session's X25519 channel key; stays the caller's, and may be used again to resume.</param>
    /// <param name="auth">Who the client is; called only when the relay is the right one.</param>
    /// <param name="onPush">Takes what the relay pushes, one after the other, on the reading task: what it awaits holds back the relay, and a
    /// <see cref="ConnectionException"/> ends the channel.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="ConnectionException">There is no channel; says why.</exception>
    public static async Task<RelayConnection> ConnectAsync(
        RelayEndpoint relay, Key staticKey, Func<VerifiedRelay, ClientAuth> auth, Func<FrameBody, ValueTask> onPush, TimeProvider time, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(relay);
        ArgumentNullException.ThrowIfNull(auth);
        ArgumentNullException.ThrowIfNull(onPush);
        ArgumentNullException.ThrowIfNull(time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(HandshakeTime);
        var socket = new ClientWebSocket();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ProtocolLimits.RecordBytes);
        try
        {
            await OpenAsync(socket, relay, deadline.Token);
            RelayConnection connection = await HandshakeAsync(socket, relay, staticKey, auth, onPush, time, buffer, deadline.Token);
            connection._reading = Task.Run(connection.ReadAsync, CancellationToken.None);
            return connection;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            socket.Dispose();
            throw new ConnectionException(ConnectionFault.TimedOut, $"{relay.Address.Host} did not answer within {HandshakeTime.TotalSeconds:0} s");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sees whether a relay speaks WebSocket at an address, and says nothing to it.</summary>
    /// <exception cref="ConnectionException">It does not; says why.</exception>
    public static async Task ProbeAsync(Uri address, CancellationToken cancel = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(HandshakeTime);
        using var socket = new ClientWebSocket();
        var relay = new RelayEndpoint(address, default, static (_, _) => false);
        try
        {
            await OpenAsync(socket, relay, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ConnectionException(ConnectionFault.TimedOut, $"{relay.Address.Host} did not answer within {HandshakeTime.TotalSeconds:0} s");
        }
    }

    /// <summary>Asks, and waits for the answer.</summary>
    /// <typeparam name="T">The answer's type.</typeparam>
    /// <exception cref="RelayException">The relay answered with an error.</exception>
    /// <exception cref="ConnectionException">The channel ended before the answer, or no answer came in time.</exception>
    public async Task<T> AskAsync<T>(FrameBody request, CancellationToken cancel = default)
        where T : FrameBody
    {
        ArgumentNullException.ThrowIfNull(request);

        // Who has ended sends nothing more: a frame would leave, and nobody would know of it.
        cancel.ThrowIfCancellationRequested();
        var answer = new TaskCompletionSource<FrameBody>(TaskCreationOptions.RunContinuationsAsynchronously);
        uint number;
        lock (_gate)
        {
            ThrowIfOver();
            do
                number = unchecked(++_lastRequest);
            while (number == 0 || _asked.ContainsKey(number));
            _asked.Add(number, answer);
        }
        Send(new Frame(number, request));
        FrameBody body;
        try
        {
            body = await answer.Task.WaitAsync(AnswerTime, _time, cancel);
        }
        catch (TimeoutException)
        {
            throw new ConnectionException(ConnectionFault.TimedOut, $"the relay did not answer within {AnswerTime.TotalSeconds:0} s");
        }
        finally
        {
            lock (_gate)
                _asked.Remove(number);
        }
        return body switch
        {
            ErrorFrame error => throw new RelayException(error.Code, error.RetryAfter),
            T expected => expected,
            _ => throw new ConnectionException(ConnectionFault.Broken, "the relay answered another question than was asked"),
        };
    }

    /// <summary>Asks, and asks again for a while as long as the relay says that it is busy: many at once are more than it answers in one burst.</summary>
    /// <typeparam name="T">The answer's type.</typeparam>
    /// <exception cref="RelayException">The relay answered with an error, or was busy for too long.</exception>
    /// <exception cref="ConnectionException">The channel ended before the answer, or no answer came in time.</exception>
    public async Task<T> AskPatientlyAsync<T>(FrameBody request, CancellationToken cancel = default)
        where T : FrameBody
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await AskAsync<T>(request, cancel);
            }
            catch (RelayException e) when (e.Code == ErrorCode.Busy && attempt < PatientAttempts)
            {
                double wait = Math.Clamp(e.RetryAfter.TotalSeconds, 1, MostPatience.TotalSeconds);
                await Task.Delay(TimeSpan.FromSeconds(wait), _time, cancel);
            }
        }
    }

    /// <summary>Sends a notice, which is not answered.</summary>
    /// <exception cref="ConnectionException">The channel has ended.</exception>
    public void Notify(FrameBody notice)
    {
        lock (_gate)
            ThrowIfOver();
        Send(Frame.Unasked(notice));
    }

    /// <summary>Says goodbye, and lets go of the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await SayGoodbyeAsync();
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or TimeoutException or InvalidOperationException or IOException)
        {
            // The other side is gone already, or does not say goodbye: so be it.
        }
        Finish(new ConnectionException(ConnectionFault.Closed, "this client closed the channel"));
        await _end.CancelAsync();
        _socket.Abort();
        await _reading;
        await _writing;
        _socket.Dispose();
        _channel.Dispose();
        _end.Dispose();
    }

    private static async Task OpenAsync(ClientWebSocket socket, RelayEndpoint relay, CancellationToken cancel)
    {
        socket.Options.AddSubProtocol(Subprotocol.Current);
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(60);
        socket.Options.CollectHttpResponseDetails = true;

        // The channel inside proves who the relay is, by a pinned key; a certificate would add nothing, and its lack takes nothing.
#pragma warning disable CA5359
        socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        try
        {
            await socket.ConnectAsync(relay.Channel, cancel);
        }
        catch (WebSocketException e)
        {
            int status = (int)socket.HttpStatusCode;
            throw status == 0
                ? new ConnectionException(ConnectionFault.Unreachable, $"cannot reach {relay.Address.Host}:{relay.Address.Port}", e)
                : new ConnectionException(ConnectionFault.NotARelay, $"{relay.Address.Host} answered {status} instead of 101: {HintOf(status)}", e);
        }
        if (socket.SubProtocol != Subprotocol.Current)
            throw new ConnectionException(ConnectionFault.NotARelay, $"{relay.Address.Host} does not speak {Subprotocol.Current}");
    }

    private static string HintOf(int status) => status switch
    {
        503 => "the relay is full, or about to stop",
        >= 200 and < 400 => "a proxy in between does not pass WebSocket on",
        403 => "a proxy or the relay refuses this origin",
        404 => "there is no relay at this path",
        502 or 504 => "the proxy does not reach the relay behind it",
        _ => "is this the relay's address?",
    };

    private static async Task<RelayConnection> HandshakeAsync(
        ClientWebSocket socket, RelayEndpoint relay, Key staticKey, Func<VerifiedRelay, ClientAuth> auth, Func<FrameBody, ValueTask> onPush, TimeProvider time, byte[] buffer, CancellationToken cancel)
    {
        using var handshake = new ClientHandshake(Subprotocol.Current, socket.SubProtocol!, relay.Registry, staticKey, relay.RelayKeyCheck);
        try
        {
            await socket.SendAsync(handshake.CreateHello(), WebSocketMessageType.Binary, endOfMessage: true, cancel);
            int length = await ReceiveAsync(socket, buffer, cancel);
            if (length < 0)
                throw new ConnectionException(ConnectionFault.Refused, "the relay closed at once: it serves another registry, or is too busy");
            using VerifiedRelay verified = handshake.ConsumeRelayAuth(buffer.AsSpan(0, length), (ulong)time.GetUtcNow().ToUnixTimeSeconds());
            using AwaitingReady awaiting = verified.CreateClientAuth(auth(verified), out byte[] message);
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancel);
            length = await ReceiveAsync(socket, buffer, cancel);
            if (length < 0)
                throw new ConnectionException(ConnectionFault.Refused, "the relay does not let this token in: it is not enrolled, revoked, signed out, or its touch is over");
            SecureChannel channel = awaiting.ConsumeReady(buffer.AsSpan(0, length), out Ready ready);
            if (AreFarApart(ready.Time, (ulong)time.GetUtcNow().ToUnixTimeSeconds()))
                throw new ConnectionException(ConnectionFault.Broken, $"the clock of {relay.Address.Host} and this computer's are more than a week apart");
            return new RelayConnection(socket, channel, ready, onPush, time);
        }
        catch (ChannelException e)
        {
            throw new ConnectionException(ConnectionFault.NotTheRelay, $"{relay.Address.Host} is not the relay of this community ({e.Rule})", e);
        }
        catch (DecodeException e)
        {
            throw new ConnectionException(ConnectionFault.Broken, $"{relay.Address.Host} does not speak {Subprotocol.Current} as this client does", e);
        }
        catch (WebSocketException e)
        {
            throw new ConnectionException(ConnectionFault.Refused, "the relay ended the handshake", e);
        }
    }

    // The relay's clock is advice, by which touches are dated; no advice is good that its certificate would not outlive.
    private static bool AreFarApart(ulong relay, ulong own) => Math.Max(relay, own) - Math.Min(relay, own) > ProtocolLimits.RelayStaticLifetime;

    private void Send(Frame frame)
    {
        byte[] bytes = TlsWriter.Encode(frame);
        lock (_gate)
        {
            _waiting.Add(bytes);
            if (_waiting.Count == 1 && _writing.IsCompleted)
                _writing = Task.Run(WriteAsync, CancellationToken.None);
        }
    }

    private async Task WriteAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ProtocolLimits.RecordBytes);
        try
        {
            while (true)
            {
                List<byte[]> frames;
                lock (_gate)
                {
                    if (_waiting.Count == 0 || _over)
                    {
                        _writing = Task.CompletedTask;
                        return;
                    }
                    frames = _waiting;
                    _waiting = [];
                }
                int part = 0;
                for (int next = 0; next < frames.Count;)
                {
                    int length = Seal(frames, ref next, ref part, buffer);
                    await _socket.SendAsync(buffer.AsMemory(0, length), WebSocketMessageType.Binary, endOfMessage: true, _end.Token);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Finish(new ConnectionException(ConnectionFault.Lost, "the connection to the relay was lost", e));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private int Seal(List<byte[]> frames, ref int next, ref int part, Span<byte> record)
    {
        if (frames[next].Length > Record.MaxWholeFrame)
        {
            int length = _channel.Sealer.SealPart(frames[next], ref part, record[..ProtocolLimits.RecordBytes]);
            if (part < frames[next].Length)
                return length;
            part = 0;
            next++;
            return length;
        }
        FramesRecord open = _channel.Sealer.BeginFrames(record);
        while (next < frames.Count && open.TryAdd(frames[next]))
            next++;
        return open.Seal();
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[ProtocolLimits.RecordBytes];
        try
        {
            while (true)
            {
                int length = await ReceiveAsync(_socket, buffer, _end.Token);
                if (length < 0)
                {
                    _channel.SocketEnded();
                    Finish(Farewell() ?? new ConnectionException(ConnectionFault.Lost, "the connection to the relay was lost"));
                    return;
                }
                foreach (Frame frame in Open(buffer.AsSpan(0, length)))
                    await TakeAsync(frame);
                if (Farewell() is { } farewell)
                {
                    Finish(farewell);
                    return;
                }
            }
        }
        catch (ChannelException e) when (e.Rule == ChannelRule.ChannelIsWithinItsLifetime)
        {
            Finish(new ConnectionException(ConnectionFault.Closed, TextOf(CloseReason.TimeIsOver), e) { Reason = CloseReason.TimeIsOver });
        }
        catch (ConnectionException e)
        {
            // Whoever takes the pushes wants no more of them.
            Finish(e);
        }
        catch (Exception e) when (e is DecodeException or ChannelException)
        {
            Finish(new ConnectionException(ConnectionFault.Broken, "the relay, or somebody between, broke the protocol", e));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            Finish(Farewell() ?? new ConnectionException(ConnectionFault.Lost, "the connection to the relay was lost", e));
        }
    }

    private ConnectionException? Farewell() => _channel.Opener.Closed is not { } reason ? null : new ConnectionException(ConnectionFault.Closed, TextOf(reason)) { Reason = reason };

    private static string TextOf(CloseReason reason) => reason switch
    {
        CloseReason.TimeIsOver => "the session is over: a new touch is wanted",
        CloseReason.TokenIsOut => "this token was revoked or signed out",
        CloseReason.Drain => "the relay goes away for a while",
        CloseReason.Misbehaviour => "the relay closed: this client broke a limit",
        _ => "the relay closed",
    };

    private List<Frame> Open(Span<byte> record)
    {
        var frames = new List<Frame>();
        ReceivedFrames received = _channel.Open(record, (ulong)_time.GetUtcNow().ToUnixTimeSeconds());
        while (received.TryNext(out ReadOnlySpan<byte> bytes))
            frames.Add(Frame.DecodeFromRelay(bytes));
        return frames;
    }

    private async ValueTask TakeAsync(Frame frame)
    {
        if (frame.Request == 0)
        {
            await _onPush(frame.Body);
            return;
        }
        lock (_gate)
        {
            // An answer that nobody waits for any more was given up, not invented.
            if (_asked.Remove(frame.Request, out TaskCompletionSource<FrameBody>? asked))
                asked.TrySetResult(frame.Body);
        }
    }

    // -1 at the end of the socket.
    private static async ValueTask<int> ReceiveAsync(ClientWebSocket socket, byte[] buffer, CancellationToken cancel)
    {
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(length, ProtocolLimits.RecordBytes - length), cancel);
            if (part.MessageType == WebSocketMessageType.Close)
                return -1;
            length += part.Count;
            if (part.EndOfMessage)
                return length;
            if (length == ProtocolLimits.RecordBytes)
                throw new DecodeException("a record is longer than it may be", length);
        }
    }

    private async Task SayGoodbyeAsync()
    {
        Task writing;
        lock (_gate)
        {
            if (_over)
                return;
            writing = _writing;
        }
        await writing.WaitAsync(TimeSpan.FromSeconds(1), _time);
        byte[] record = new byte[64];
        int length;
        lock (_gate)
        {
            if (_over || !_writing.IsCompleted)
                return;
            length = _channel.Sealer.SealClose(CloseReason.Done, record);
        }
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), _time);
        await _socket.SendAsync(record.AsMemory(0, length), WebSocketMessageType.Binary, endOfMessage: true, limit.Token);
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
    }

    private void ThrowIfOver()
    {
        if (_over)
            throw _ended.Task.Result;
    }

    private void Finish(ConnectionException why)
    {
        TaskCompletionSource<FrameBody>[] asked;
        lock (_gate)
        {
            if (_over)
                return;
            _over = true;
            asked = [.. _asked.Values];
            _asked.Clear();
            _waiting.Clear();
            _ended.TrySetResult(why);
        }
        foreach (TaskCompletionSource<FrameBody> waiting in asked)
            waiting.TrySetException(why);
    }
}
