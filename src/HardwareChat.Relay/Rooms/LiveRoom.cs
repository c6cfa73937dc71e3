using System.Runtime.InteropServices;
using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>One connection's reading of one room.</summary>
/// <param name="connection">The reader.</param>
/// <param name="next">The first sequence that it has not been sent.</param>
internal sealed class Subscription(ClientConnection connection, ulong next)
{
    /// <summary>The reader.</summary>
    public ClientConnection Connection { get; } = connection;

    /// <summary>The first sequence that it has not been sent. One owner at a time: the reading of history, or the room's drainer.</summary>
    public ulong Next { get; set; } = next;

    /// <summary>The sequence at which the reader was dropped: it is sent what goes before, its removal too, and then detached. The largest number while it may read.</summary>
    public ulong Until { get; set; } = ulong.MaxValue;

    /// <summary>Whether the reader has been sent all that it may read.</summary>
    public bool IsAtItsEnd => Next >= Until;

    /// <summary>Whether it has ended: nothing more is sent.</summary>
    public bool IsOver { get; set; }
}

/// <summary>A room's readers in this process.</summary>
/// <remarks>
/// New entries gather; whoever finds the room idle drains it: one pass over the readers, each gets all that has gathered in
/// one write. A reader comes from history into the live list exactly where the list is, so nothing is missed or doubled.
/// </remarks>
internal sealed class LiveRoom(RoomId id, RelayMetrics metrics) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly HashSet<Subscription> _readers = [];
    private readonly List<Subscription> _live = [];
    private List<ReadOnlyMemory<byte>> _gathered = [];
    private List<ReadOnlyMemory<byte>> _spare = [];
    private ulong _next;
    private bool _missed;
    private bool _draining;

    /// <summary>The room.</summary>
    public RoomId Id { get; } = id;

    /// <summary>Whether anybody reads here, live or still in history.</summary>
    public bool HasReaders
    {
        get
        {
            lock (_gate)
                return _readers.Count > 0;
        }
    }

    /// <summary>Called with the readers that must read history again, as entries were missed.</summary>
    public required Action<LiveRoom, IReadOnlyList<Subscription>> Missed { get; init; }

    /// <summary>Entries from a sequence on.</summary>
    public void Publish(ulong from, ReadOnlySpan<byte[]> frames)
    {
        lock (_gate)
        {
            ulong end = from + (ulong)frames.Length;
            if (end <= _next)
                return;
            if (from > _next)
            {
                // Entries went by unseen: this process has just begun to listen, or a silo died. They are in the store.
                Miss(end);
                return;
            }
            foreach (byte[] frame in frames[(int)(_next - from)..])
                _gathered.Add(frame);
            _next = end;
            Schedule();
        }
    }

    /// <summary>The log reaches this far: whoever is behind reads history.</summary>
    public void Reach(ulong size)
    {
        lock (_gate)
        {
            if (size > _next)
                Miss(size);
        }
    }

    /// <summary>Takes a reader into the live list; false if there is history for it to read first.</summary>
    public bool TryGoLive(Subscription reader)
    {
        lock (_gate)
        {
            if (reader.IsOver)
                return true;
            if (_missed || reader.Next < _next - (ulong)_gathered.Count)
                return false;
            _live.Add(reader);
            return true;
        }
    }

    /// <summary>Takes a reader, who is in history until it goes live.</summary>
    public void Add(Subscription reader)
    {
        lock (_gate)
            _readers.Add(reader);
    }

    /// <summary>Ends one reading.</summary>
    public void Remove(Subscription reader)
    {
        lock (_gate)
        {
            reader.IsOver = true;
            _readers.Remove(reader);
            _live.Remove(reader);
        }
    }

    /// <summary>Sends something to every reader but one, as far as it has room: it is not stored.</summary>
    public void PublishEphemeral(TokenId sender, ReadOnlyMemory<byte> frame)
    {
        Subscription[] readers;
        lock (_gate)
            readers = [.. _readers];
        foreach (Subscription reader in readers)
        {
            if (reader.Connection.Token == sender)
                continue;
            reader.Connection.Outbox.TryPush(frame);
            reader.Connection.Outbox.Drain();
        }
    }

    /// <summary>The readers of these users, live or in history.</summary>
    public IReadOnlyList<Subscription> ReadersOf(IReadOnlyCollection<string> handles)
    {
        lock (_gate)
            return [.. _readers.Where(reader => handles.Contains(reader.Connection.Handle.ToString()))];
    }

    /// <summary>Sends what has gathered to every live reader.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            List<ReadOnlyMemory<byte>> frames;
            Subscription[] readers;
            ulong end;
            bool missed;
            lock (_gate)
            {
                if (_gathered.Count == 0 && !_missed)
                {
                    _draining = false;
                    return;
                }
                (frames, _gathered, _spare) = (_gathered, _spare, _gathered);
                readers = [.. _live];
                (end, missed) = (_next, _missed);
                if (missed)
                    _live.Clear();
                _missed = false;
            }
            if (missed)
                Missed(this, readers);
            else
                Send(frames, readers, end);
            frames.Clear();
        }
    }

    // What has gathered is dropped too: it is in the store, behind what was missed.
    private void Miss(ulong end)
    {
        _gathered.Clear();
        _missed = true;
        _next = end;
        Schedule();
    }

    private void Schedule()
    {
        if (_draining)
            return;
        _draining = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Send(List<ReadOnlyMemory<byte>> frames, Subscription[] readers, ulong end)
    {
        ReadOnlySpan<ReadOnlyMemory<byte>> all = CollectionsMarshal.AsSpan(frames);
        long bytes = BytesOf(all);
        ulong from = end - (ulong)frames.Count;
        foreach (Subscription reader in readers)
        {
            if (reader.IsOver)
                continue;
            ulong stop = Math.Min(end, reader.Until);
            int skip = reader.Next > from ? (int)Math.Min(reader.Next - from, (ulong)frames.Count) : 0;
            int beyond = (int)Math.Min(end - stop, (ulong)(frames.Count - skip));
            ReadOnlySpan<ReadOnlyMemory<byte>> own = all[skip..^beyond];
            if (!reader.Connection.Outbox.TryPush(own, own.Length == all.Length ? bytes : BytesOf(own)))
            {
                metrics.Detached();
                Detach(reader);
                continue;
            }
            reader.Next = Math.Max(reader.Next, stop);
            reader.Connection.Outbox.Drain();
            if (reader.IsAtItsEnd)
                Detach(reader);
        }
    }

    private static long BytesOf(ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        long bytes = 0;
        foreach (ReadOnlyMemory<byte> frame in frames)
            bytes += frame.Length;
        return bytes;
    }

    private void Detach(Subscription reader)
    {
        Remove(reader);
        reader.Connection.Detach(Id, reader);
    }
}
