using System.Collections.Concurrent;
using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>An append that waits for its room, and whom to answer.</summary>
internal sealed record WaitingAppend(ClientConnection Connection, uint Request, AppendCall Call);

/// <summary>This process's appends to one room: one call to the sequencer at a time, with all that has gathered since the last.</summary>
internal sealed partial class RoomPort(RoomId id, RoomHub hub, ILogger log, Action<RoomPort> idle) : IThreadPoolWorkItem
{
    private const int CallsPerBatch = 512;
    private const int BytesPerBatch = 8 * 1024 * 1024;

    private readonly Queue<WaitingAppend> _waiting = new();
    private readonly List<WaitingAppend> _taken = [];
    private bool _calling;
    private bool _over;

    /// <summary>The room.</summary>
    public RoomId Id { get; } = id;

    /// <summary>Adds an append; false if this port has gone idle for good, and a new one is to be made.</summary>
    public bool TryAdd(WaitingAppend append)
    {
        lock (_waiting)
        {
            if (_over)
                return false;
            _waiting.Enqueue(append);
            if (_calling)
                return true;
            _calling = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        return true;
    }

    /// <summary>Calls until nothing waits.</summary>
    void IThreadPoolWorkItem.Execute() => _ = CallAsync();

    private async Task CallAsync()
    {
        IRoomGrain grain = hub.Grain(Id);
        while (Take())
        {
            AppendReply[] replies;
            try
            {
                replies = await grain.AppendAsync([.. _taken.Select(static append => append.Call)]);
            }
#pragma warning disable CA1031 // Nobody waits for this task: whatever ended the call, the clients are answered and the port goes on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                // Nobody knows whether they were appended: the clients send the same bytes again, and are told.
                LogCallFailed(log, e);
                replies = new AppendReply[_taken.Count];
                Array.Fill(replies, AppendReply.Refusal(ErrorCode.Busy, retryAfter: 1));
            }
            Answer(replies);
        }
        idle(this);
    }

    private bool Take()
    {
        _taken.Clear();
        lock (_waiting)
        {
            int bytes = 0;
            while (_taken.Count < CallsPerBatch && bytes < BytesPerBatch && _waiting.TryDequeue(out WaitingAppend? next))
            {
                _taken.Add(next);
                bytes += next.Call.Frame.Length;
            }
            _over = _taken.Count == 0;
            return !_over;
        }
    }

    // Answers of one connection go together.
    private void Answer(AppendReply[] replies)
    {
        for (int i = 0; i < replies.Length; i++)
        {
            WaitingAppend append = _taken[i];
            append.Connection.Appended(append.Request, replies[i]);
        }
        foreach (WaitingAppend append in _taken)
            append.Connection.Outbox.Drain();
    }

    [LoggerMessage(1, LogLevel.Error, "a room did not answer its appends")]
    private static partial void LogCallFailed(ILogger logger, Exception exception);
}

/// <summary>The ports of this process, by room.</summary>
internal sealed class RoomPorts(RoomHub hub, ILogger<RoomPort> log)
{
    private readonly ConcurrentDictionary<RoomId, RoomPort> _ports = [];

    /// <summary>Sends an append to its room.</summary>
    public void Add(RoomId room, WaitingAppend append)
    {
        while (!_ports.GetOrAdd(room, Open).TryAdd(append))
        {
            // The port was closing: it takes itself out, and the next one takes the append.
        }
    }

    private RoomPort Open(RoomId room)
        => new(room, hub, log, port => _ports.TryRemove(new KeyValuePair<RoomId, RoomPort>(room, port)));
}
