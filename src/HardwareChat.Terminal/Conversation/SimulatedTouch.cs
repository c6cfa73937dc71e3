using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Terminal.Conversation;

/// <summary>The button of a simulated token: a key of the keyboard presses it, or it presses itself.</summary>
internal sealed class SimulatedTouch : ITouchSource
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<bool>? _waiting;

    /// <summary>Whether it presses itself.</summary>
    public bool IsAutomatic { get; set; } = true;

    /// <summary>Touches it, if it waits.</summary>
    public void Press() => End(true);

    /// <summary>Ends its wait as if nobody had touched it.</summary>
    public void Release() => End(false);

    /// <inheritdoc/>
    public bool Wait(byte slot, CancellationToken cancellation)
    {
        if (IsAutomatic)
            return !cancellation.IsCancellationRequested;
        TaskCompletionSource<bool> waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _waiting = waiting;
        using CancellationTokenRegistration registration = cancellation.Register(() => waiting.TrySetResult(false));
        return waiting.Task.GetAwaiter().GetResult();
    }

    private void End(bool isTouched)
    {
        lock (_gate)
            _waiting?.TrySetResult(isTouched);
    }
}
