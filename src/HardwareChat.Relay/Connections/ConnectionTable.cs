using System.Collections.Concurrent;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

/// <summary>The authenticated connections of this process, and what concerns many of them at once.</summary>
internal sealed class ConnectionTable
{
    private readonly ConcurrentDictionary<ClientConnection, byte> _all = [];
    private readonly Dictionary<Digest, List<ClientConnection>> _byHolder = [];
    private readonly TokenRates _rates;
    private readonly RelayLimits _limits;
    private readonly RelayTime _time;
    private volatile Drain? _drain;

    public ConnectionTable(RelayOptions options, RegistryView registry, RelayTime time)
    {
        _limits = options.Limits;
        _time = time;
        _rates = new TokenRates(options.Limits);
        registry.Advanced += OnRegistryAdvanced;
    }

    /// <summary>How many there are.</summary>
    public int Count => _all.Count;

    /// <summary>Whether this process goes away.</summary>
    public bool IsDraining => _drain is not null;

    /// <summary>Takes a connection in; false if there are too many, or this process goes away.</summary>
    public bool TryAdd(ClientConnection connection)
    {
        if (_drain is not null || _all.Count >= _limits.Connections)
            return false;
        ClientConnection? oldest = null;
        lock (_byHolder)
        {
            List<ClientConnection> same = _byHolder.TryGetValue(connection.Holder, out List<ClientConnection>? known) ? known : _byHolder[connection.Holder] = [];
            same.Add(connection);
            if (same.Count > _limits.ConnectionsPerToken)
                oldest = same[0];
        }
        oldest?.Close(CloseReason.Misbehaviour);
        _all[connection] = 0;
        return true;
    }

    /// <summary>Forgets a connection.</summary>
    public void Remove(ClientConnection connection)
    {
        _all.TryRemove(connection, out _);
        lock (_byHolder)
        {
            if (!_byHolder.TryGetValue(connection.Holder, out List<ClientConnection>? same))
                return;
            same.Remove(connection);
            if (same.Count == 0)
                _byHolder.Remove(connection.Holder);
        }
    }

    /// <summary>What a client may still ask for, with all that has the same token or invite.</summary>
    public RequestRate RateOf(ClientConnection client) => _rates.Of(client.Holder, _time.Milliseconds());

    /// <summary>Pushes a frame to every connection of these users.</summary>
    public void PushTo(IReadOnlyCollection<string> handles, ReadOnlyMemory<byte> frame)
    {
        foreach ((ClientConnection connection, _) in _all)
        {
            if (!connection.IsGuest && handles.Contains(connection.Handle.ToString()))
                connection.Push(frame);
        }
    }

    /// <summary>Ends what is over: channels whose time has run out, and clients that have not been heard of.</summary>
    public void Sweep()
    {
        ulong now = _time.UnixSeconds();
        foreach ((ClientConnection connection, _) in _all)
            connection.Sweep(now, _limits.IdleSeconds);
        _rates.Forget(_time.Milliseconds());
    }

    /// <summary>Tells every client to come back later, elsewhere or here, and takes no more in.</summary>
    public void BeginDrain(Drain drain)
    {
        _drain = drain;
        byte[] frame = TlsWriter.Encode(Frame.Unasked(drain));
        foreach ((ClientConnection connection, _) in _all)
            connection.Push(frame);
    }

    /// <summary>Completes when every append under way has been answered, and every answer written.</summary>
    public async Task FinishAsync(CancellationToken cancel)
    {
        foreach ((ClientConnection connection, _) in _all)
        {
            await connection.AppendsAnsweredAsync().WaitAsync(cancel);
            await connection.Outbox.IsIdleAsync().WaitAsync(cancel);
            connection.Close(CloseReason.Drain);
        }
        while (!_all.IsEmpty)
            await Task.Delay(20, cancel);
    }

    private void OnRegistryAdvanced(RegistryAdvance advance)
    {
        foreach (TokenId token in advance.Out)
        {
            ClientConnection[] gone;
            lock (_byHolder)
                gone = _byHolder.TryGetValue(token.Value, out List<ClientConnection>? known) ? [.. known] : [];
            foreach (ClientConnection connection in gone)
                connection.CloseIfOut(advance.State);
        }
        byte[] news = TlsWriter.Encode(Frame.Unasked(new RegistryNews(advance.Checkpoint)));
        foreach ((ClientConnection connection, _) in _all)
            connection.Push(news);
    }
}

/// <summary>The rates of the tokens that ask: forgotten when a token has been quiet long enough for its buckets to be full.</summary>
internal sealed class TokenRates(RelayLimits limits)
{
    private const ulong Quiet = 3600 * 1000;

    private readonly ConcurrentDictionary<Digest, (RequestRate Rate, ulong At)> _rates = [];

    /// <summary>The rate of this token, or of a guest's invite.</summary>
    public RequestRate Of(Digest holder, ulong now)
        => _rates.AddOrUpdate(holder, _ => (new RequestRate(limits, now), now), (_, known) => (known.Rate, now)).Rate;

    /// <summary>Forgets who has been quiet.</summary>
    public void Forget(ulong now)
    {
        foreach ((Digest holder, (RequestRate Rate, ulong At) known) in _rates)
        {
            if (now - Math.Min(now, known.At) > Quiet)
                _rates.TryRemove(holder, out _);
        }
    }
}
