using System.Runtime.ExceptionServices;
using System.Text;
using HardwareChat.Client;
using HardwareChat.Protocol;
using ErrorCode = HardwareChat.Protocol.ErrorCode;

namespace HardwareChat.EndToEnd;

/// <summary>A message was lost, doubled or out of order.</summary>
public sealed class CrashException(string message) : Exception(message);

/// <summary>One writer of a crash loop: what it has sent, and what it was told of it.</summary>
/// <param name="room">Where it writes.</param>
/// <param name="number">Its number among all writers.</param>
/// <param name="underWay">Messages that it sends before it waits for an answer.</param>
public sealed class CrashWriter(RoomId room, int number, int underWay = 48)
{
    private readonly List<(int Number, Append Append)> _pending = [];
    private int _sent;
    private ulong _known = 1;

    /// <summary>Where it writes.</summary>
    public RoomId Room { get; } = room;

    /// <summary>The positions of acknowledged messages, by their number.</summary>
    public Dictionary<int, ulong> Acknowledged { get; } = [];

    /// <summary>Messages that went out again with the same bytes.</summary>
    public int Retried { get; private set; }

    /// <summary>Sends what waits, and new messages behind it; returns when all are acknowledged.</summary>
    /// <exception cref="ConnectionException">The connection ended: what is not acknowledged waits.</exception>
    /// <exception cref="RelayException">The relay asked to come back later: so does what was refused.</exception>
    public async Task WriteAsync(RelayConnection connection)
    {
        Retried += _pending.Count;
        while (_pending.Count < underWay)
        {
            byte[] message = Encoding.UTF8.GetBytes($"{number}/{_sent}/" + new string('.', 280));
            _pending.Add((_sent++, new Append(Room, EntryKind.Application, _known, 1, message, null, null, [])));
        }
        var asked = _pending.Select(pending => (pending.Number, Answer: connection.AskAsync<Appended>(pending.Append))).ToList();
        Exception? lost = null;
        foreach ((int sent, Task<Appended> answer) in asked)
        {
            try
            {
                Appended appended = await answer;
                Acknowledged.Add(sent, appended.Sequence);
                _known = Math.Max(_known, appended.Sequence + 1);
                _pending.RemoveAll(pending => pending.Number == sent);
            }
            catch (Exception e) when (e is ConnectionException or RelayException { Code: ErrorCode.Busy })
            {
                lost = e;
            }
        }
        if (lost is not null)
            ExceptionDispatchInfo.Throw(lost);
    }

    /// <summary>Holds the log against what this writer was told.</summary>
    /// <exception cref="CrashException">They differ.</exception>
    public void Check(CrashLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var found = new Dictionary<int, ulong>();
        int last = -1;
        foreach ((ulong sequence, string text) in log.Messages)
        {
            string[] words = text.Split('/');
            if (words.Length != 3 || words[0] != $"{number}")
                continue;
            int sent = int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture);
            if (!found.TryAdd(sent, sequence))
                throw new CrashException($"message {sent} of writer {number} stands at {found[sent]} and again at {sequence}");
            if (sent < last)
                throw new CrashException($"message {sent} of writer {number} stands behind message {last}");
            last = sent;
        }
        foreach ((int sent, ulong sequence) in Acknowledged)
        {
            if (!found.TryGetValue(sent, out ulong there) || there != sequence)
                throw new CrashException($"message {sent} of writer {number} was acknowledged at {sequence} and is not there");
        }
    }
}

/// <summary>A room's log, as a reader was sent it from its beginning.</summary>
public sealed class CrashLog(RoomId room)
{
    private readonly TaskCompletionSource _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private RoomChain _chain = RoomChain.Empty(room);
    private ulong? _size;

    /// <summary>The messages and their positions.</summary>
    public List<(ulong Sequence, string Text)> Messages { get; } = [];

    /// <summary>The first sequence that has not been read.</summary>
    public ulong Next
    {
        get
        {
            lock (_gate)
                return _chain.Size;
        }
    }

    /// <summary>The size to read to, once the relay has said it.</summary>
    public ulong Size
    {
        set
        {
            lock (_gate)
            {
                _size = value;
                Finish();
            }
        }
    }

    /// <summary>Takes one push; an entry must be the next of the chain.</summary>
    public ValueTask TakeAsync(FrameBody body)
    {
        if (body is not EntryPush push)
            return ValueTask.CompletedTask;
        lock (_gate)
        {
            if (push.Message is not { } message || _chain.Check(push.Entry, Digest.Of(message.Span)) is not null)
            {
                _whole.TrySetException(new CrashException($"the log does not chain at {push.Entry.Sequence}"));
                return ValueTask.CompletedTask;
            }
            _chain = _chain.Take(push.Entry);
            Messages.Add((push.Entry.Sequence, Encoding.UTF8.GetString(message.Span)));
            Finish();
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Faults when an entry was missing, doubled or out of order.</summary>
    public Task Whole => _whole.Task;

    /// <summary>Completes when the log has been read.</summary>
    /// <exception cref="CrashException">It is not whole.</exception>
    public async Task ReadAsync(Task<ConnectionException> ended)
    {
        if (await Task.WhenAny(_whole.Task, ended).WaitAsync(TimeSpan.FromSeconds(60)) != _whole.Task)
            throw new CrashException($"the relay ended the reading: {(await ended).Message}");
        await _whole.Task;
    }

    private void Finish()
    {
        if (_size is { } size && _chain.Size >= size)
            _whole.TrySetResult();
    }
}
