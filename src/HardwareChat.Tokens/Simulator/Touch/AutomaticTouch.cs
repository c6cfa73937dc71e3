namespace HardwareChat.Tokens.Simulator.Touch;

/// <summary>Touches at once, always: for demonstrations and tests that are about something else.</summary>
public sealed class AutomaticTouch : ITouchSource
{
    /// <inheritdoc/>
    public bool Wait(byte slot, CancellationToken cancellation) => !cancellation.IsCancellationRequested;
}
