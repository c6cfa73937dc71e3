namespace HardwareChat.Tokens.Simulator.Touch;

/// <summary>Where the touches of a simulated card come from: a person, a test, another process, or nobody at all.</summary>
public interface ITouchSource
{
    /// <summary>Blocks until a touch comes.</summary>
    /// <param name="slot">The key reference that wants it: a key slot, or 9B for the management key.</param>
    /// <param name="cancellation">Set when the card waits no longer.</param>
    /// <returns>Whether a touch came before <paramref name="cancellation"/> was set.</returns>
    bool Wait(byte slot, CancellationToken cancellation);
}
