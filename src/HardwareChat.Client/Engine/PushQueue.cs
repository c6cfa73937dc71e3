using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>What the relay has pushed and the engine has not taken yet: bounded, so that a relay or a long absence costs time and not memory.</summary>
/// <remarks>
/// Thread-safe for one reader. Whoever adds waits while too much has gathered, and so holds the socket back; except while the engine
/// waits for an answer, which comes over the same socket behind the pushes.
/// </remarks>
internal sealed class PushQueue
{
    private const long ManyBytes = 4 * 1024 * 1024;
    private const long MostBytes = 64 * 1024 * 1024;
    private const long Overhead = 512;

    private readonly Channel<FrameBody> _frames = Channel.CreateUnbounded<FrameBody>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private long _bytes;
    private int _asking;
    private TaskCompletionSource? _room;

    /// <summary>Whether so much has gathered that some should be taken before more is asked for.</summary>
    public bool HasMany
    {
        get
        {
            lock (_gate)
                return _bytes > ManyBytes / 2;
        }
    }

    /// <summary>Adds a push, and waits while there are too many.</summary>
    /// <exception cref="ConnectionException">A relay pushes more than it can have to say.</exception>
    public async ValueTask AddAsync(FrameBody push, CancellationToken cancel)
    {
        Task? room = null;
        lock (_gate)
        {
            long size = SizeOf(push);
            if (_bytes + size > MostBytes)
                throw new ConnectionException(ConnectionFault.Lost, "the relay says more at once than a client can take");
            _bytes += size;
            if (_bytes > ManyBytes && _asking == 0)
                room = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            _frames.Writer.TryWrite(push);
        }
        if (room is not null)
            await room.WaitAsync(cancel);
    }

    /// <summary>Takes the oldest push, if there is one.</summary>
    public bool TryTake([NotNullWhen(true)] out FrameBody? push)
    {
        if (!_frames.Reader.TryRead(out push))
            return false;
        lock (_gate)
        {
            _bytes -= SizeOf(push);
            if (_bytes <= ManyBytes / 2)
                LetGo();
        }
        return true;
    }

    /// <summary>Completes when there is a push.</summary>
    public Task IsThereAsync(CancellationToken cancel) => _frames.Reader.WaitToReadAsync(cancel).AsTask();

    /// <summary>Lets pushes gather while an answer is waited for.</summary>
    public async Task<T> WhileAskingAsync<T>(Func<Task<T>> ask)
    {
        lock (_gate)
        {
            _asking++;
            LetGo();
        }
        try
        {
            return await ask();
        }
        finally
        {
            lock (_gate)
                _asking--;
        }
    }

    private void LetGo()
    {
        _room?.TrySetResult();
        _room = null;
    }

    private static long SizeOf(FrameBody push) => Overhead + push switch
    {
        EntryPush { Message: { } message } => message.Length,
        WelcomePush welcome => welcome.Welcome.Length,
        _ => 0,
    };
}
