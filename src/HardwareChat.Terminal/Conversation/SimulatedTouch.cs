using System.Diagnostics;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Terminal.Conversation;

/// <summary>The button of a simulated token: a key of the keyboard presses it, or it presses itself.</summary>
internal sealed class SimulatedTouch : ITouchSource
{
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private TaskCompletionSource<bool>? _waiting;
    private long _pressedAt;

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
        {
            // The prompt is shown a moment before the card waits: whoever is quick has pressed by now.
            if (_pressedAt != 0 && Stopwatch.GetElapsedTime(_pressedAt) < Early)
                waiting.TrySetResult(true);
            _pressedAt = 0;
            _waiting = waiting;
        }
        using CancellationTokenRegistration registration = cancellation.Register(() => waiting.TrySetResult(false));
        return waiting.Task.GetAwaiter().GetResult();
    }

    private void End(bool isTouched)
    {
        lock (_gate)
        {
            if (_waiting?.TrySetResult(isTouched) != true && isTouched)
                _pressedAt = Stopwatch.GetTimestamp();
        }
    }
}
