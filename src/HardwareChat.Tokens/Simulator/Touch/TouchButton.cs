namespace HardwareChat.Tokens.Simulator.Touch;

/// <summary>A button that a person or a test presses. Pressing it while the card does not wait has no effect, as on a token.</summary>
public sealed class TouchButton : ITouchSource
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiting;

    /// <summary>A touch is wanted now, for the key reference given; raised on the thread that waits, before it waits.</summary>
    public event Action<byte>? Wanted;

    /// <summary>Whether the card waits for a touch now: when a token would blink.</summary>
    public bool IsWanted
    {
        get
        {
            lock (_gate)
                return _waiting is not null;
        }
    }

    /// <summary>Touches.</summary>
    /// <returns>Whether the card was waiting for it.</returns>
    public bool Press()
    {
        lock (_gate)
            return _waiting is { } waiting && waiting.TrySetResult();
    }

    /// <inheritdoc/>
    public bool Wait(byte slot, CancellationToken cancellation)
    {
        var touched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _waiting = touched;
        try
        {
            Wanted?.Invoke(slot);
            touched.Task.Wait(cancellation);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            lock (_gate)
                _waiting = null;
        }
    }
}
