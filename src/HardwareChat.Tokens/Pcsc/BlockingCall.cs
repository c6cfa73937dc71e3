namespace HardwareChat.Tokens.Pcsc;

/// <summary>A call into the system's library that blocks for as long as another program likes: awaited for a moment at a time, on a thread of its own.</summary>
/// <remarks>
/// PC/SC has no way to break off SCardBeginTransaction or SCardConnect while another program has the card. So whoever asked goes
/// away after a moment, and may come back for the same call. What a call brings that nobody waits for any more is undone at once; otherwise the
/// card would be held for nobody.
/// </remarks>
/// <param name="call">Made on another thread; throws nothing.</param>
/// <param name="undo">Gives back what the call brought.</param>
internal sealed class BlockingCall<T>(Func<T> call, Action<T> undo)
    where T : struct
{
    private readonly Lock _gate = new();
    private Task<T>? _running;
    private bool _wanted;
    private Action? _atEnd;

    /// <summary>Makes the call, or comes back for the one under way; <see langword="null"/> if it has not returned after <paramref name="moment"/>.</summary>
    public T? Await(TimeSpan moment)
    {
        Task<T> running;
        lock (_gate)
        {
            _wanted = true;
            if (_running is null)
            {
                var result = new TaskCompletionSource<T>();
                _running = result.Task;
                new Thread(() => Run(result)) { IsBackground = true, Name = "reader" }.Start();
            }

            running = _running;
        }

        running.Wait(moment);
        lock (_gate)
        {
            _wanted = false;
            if (!running.IsCompleted)
                return null;
            _running = null;
            return running.Result;
        }
    }

    /// <summary>Runs <paramref name="action"/> when no call is under way: now, or at the end of the one that is.</summary>
    public void WhenIdle(Action action)
    {
        lock (_gate)
        {
            if (_running is not null)
            {
                _atEnd = action;
                return;
            }
        }

        action();
    }

    private void Run(TaskCompletionSource<T> result)
    {
        T brought = call();
        Action? atEnd;
        lock (_gate)
        {
            if (_wanted)
            {
                result.SetResult(brought);
                return;
            }

            undo(brought);
            _running = null;
            atEnd = _atEnd;
        }

        atEnd?.Invoke();
    }
}
