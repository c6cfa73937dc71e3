using HardwareChat.Attestation;

namespace HardwareChat.Tokens.Simulator.Touch;

/// <summary>Lets an operation pass after the touch that its policy asks for.</summary>
/// <remarks>A "cached" policy is content with a touch of the last 15 seconds, whatever it was given for.</remarks>
internal sealed class TouchGate(ITouchSource source, TimeProvider clock)
{
    public static readonly TimeSpan CacheLife = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private long? _lastTouch;

    /// <summary>Whether the operation may go on; false after a touch that did not come in time.</summary>
    public bool Pass(TouchPolicy policy, byte slot, CancellationToken cancellation)
    {
        if (policy is not (TouchPolicy.Always or TouchPolicy.Cached))
            return true;
        if (policy == TouchPolicy.Cached && _lastTouch is { } last && clock.GetElapsedTime(last) < CacheLife)
            return true;
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        if (!source.Wait(slot, either.Token))
            return false;
        _lastTouch = clock.GetTimestamp();
        return true;
    }

    /// <summary>Forgets the cached touch, as a loss of power does.</summary>
    public void Forget() => _lastTouch = null;
}
