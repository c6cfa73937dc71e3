using System.Collections.Concurrent;

namespace HardwareChat.Tokens;

/// <summary>The thread of one token: operations one after the other, none on its caller's thread.</summary>
internal sealed class CardThread : IAsyncDisposable
{
    private readonly BlockingCollection<Action> _queue = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CardThread(string name)
    {
        // Background, so that a touch nobody gives does not keep the process alive.
        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Runs <paramref name="operation"/> in its turn. Cancelled before: it never begins. During: it runs to its end, and its result is let go.</summary>
    public Task<T> RunAsync<T>(Func<T> operation, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _queue.Add(() => Run(operation, result, cancellationToken), CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(CardThread)); // its end has begun; a disposed queue says so itself
        }

        return result.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        await _ended.Task.ConfigureAwait(false);
        _queue.Dispose();
    }

    private static void Run<T>(Func<T> operation, TaskCompletionSource<T> result, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            result.TrySetCanceled(cancellationToken);
            return;
        }

        try
        {
            T value = operation();
            if (!cancellationToken.IsCancellationRequested)
            {
                result.TrySetResult(value);
                return;
            }

            (value as IDisposable)?.Dispose();
            result.TrySetCanceled(cancellationToken);
        }
        catch (OperationCanceledException error) when (error is not TouchTimedOutException && cancellationToken.IsCancellationRequested)
        {
            result.TrySetCanceled(cancellationToken);
        }
        catch (Exception error)
        {
            result.TrySetException(error);
        }
    }

    private void Run()
    {
        foreach (Action operation in _queue.GetConsumingEnumerable())
            operation();
        _ended.SetResult();
    }
}
