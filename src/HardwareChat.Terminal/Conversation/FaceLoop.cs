using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace HardwareChat.Terminal.Conversation;

/// <summary>One thread for a face: all that it shows is changed there, one turn after the other, so nothing needs a lock.</summary>
internal sealed class FaceLoop : SynchronizationContext
{
    private readonly BlockingCollection<(SendOrPostCallback Turn, object? State)> _turns = [];

    private FaceLoop()
    {
    }

    /// <summary>Runs a face on this thread until it is done. What it awaits comes back to this thread.</summary>
    /// <param name="main">The face; is given what to call to take a turn from another thread.</param>
    public static T Run<T>(Func<FaceLoop, Task<T>> main)
    {
        SynchronizationContext? before = Current;
        var loop = new FaceLoop();
        SetSynchronizationContext(loop);
        try
        {
            Task<T> face = main(loop);
            face.ContinueWith(_ => loop._turns.CompleteAdding(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            while (loop._turns.TryTake(out (SendOrPostCallback Turn, object? State) next, Timeout.Infinite))
            {
                next.Turn(next.State);
                if (loop._turns.Count == 0)
                    loop.Rested?.Invoke();
            }
            return face.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Nothing is left to do for now: what changed can be drawn, once for all of it.</summary>
    public event Action? Rested;

    /// <summary>Lets something go on by itself. If it fails, the face fails: whoever starts it has dealt with what is expected.</summary>
    public void Watch(Task task) => task.ContinueWith(
        failed => Post(() => ExceptionDispatchInfo.Throw(failed.Exception!.InnerException!)),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    /// <summary>Takes a turn; after the end, nothing happens.</summary>
    public void Post(Action turn) => Post(static turn => ((Action)turn!)(), turn);

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            _turns.Add((d, state));
        }
        catch (InvalidOperationException)
        {
            // The face has ended: what still comes back to it goes on elsewhere, as disposal must.
            ThreadPool.QueueUserWorkItem(static next => next.d(next.state), (d, state), preferLocal: false);
        }
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (Current == this)
        {
            d(state);
            return;
        }
        using var done = new ManualResetEventSlim();
        ExceptionDispatchInfo? failure = null;
        Post(() =>
        {
            try
            {
                d(state);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            done.Set();
        });
        done.Wait();
        failure?.Throw();
    }
}
