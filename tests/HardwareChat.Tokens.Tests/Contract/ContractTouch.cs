using HardwareChat.Tokens.Simulator.Touch;
using HardwareChat.Tokens.Tests.Simulator;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>Touches at once, or lets the card's patience run out, as the test says.</summary>
public sealed class ContractTouch : ITouchSource
{
    private readonly ManualClock _clock;
    private int _asked;

    internal ContractTouch(ManualClock clock) => _clock = clock;

    /// <summary>Whether nobody touches.</summary>
    public bool IsWithheld { get; set; }

    /// <summary>Whether nobody touches and no time passes: the wait ends with the card's removal alone.</summary>
    public bool IsPatient { get; set; }

    /// <summary>How often the card has waited for a touch.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What happens while the card waits.</summary>
    public Action? Meanwhile { get; set; }

    public bool Wait(byte slot, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _asked);
        Meanwhile?.Invoke();
        if (IsPatient)
            cancellation.WaitHandle.WaitOne();
        if (IsWithheld)
            _clock.Advance(TouchEventArgs.Patience);
        return !cancellation.IsCancellationRequested;
    }
}
