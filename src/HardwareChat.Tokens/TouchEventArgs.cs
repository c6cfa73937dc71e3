using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens;

/// <summary>Where the touch stands that an operation waits for.</summary>
public enum TouchState
{
    /// <summary>The token will blink and wait: tell the person now.</summary>
    Wanted,

    /// <summary>The token was touched, and the operation went on.</summary>
    Touched,

    /// <summary>No touch came in time. A <see cref="TouchTimedOutException"/> follows.</summary>
    TimedOut,

    /// <summary>The operation ended for another reason: take the prompt away.</summary>
    Abandoned,
}

/// <summary>A change of <see cref="TouchState"/>. Each <see cref="TouchState.Wanted"/> is followed by exactly one of the others.</summary>
public sealed class TouchEventArgs(PivSlot slot, TouchState state, bool isCertain) : EventArgs
{
    /// <summary>How long a YubiKey waits for its touch, about.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Whose key wants the touch.</summary>
    public PivSlot Slot { get; } = slot;

    /// <summary>The new state.</summary>
    public TouchState State { get; } = state;

    /// <summary>False where the card does not tell its policy, so that a touch may be wanted, or not.</summary>
    public bool IsCertain { get; } = isCertain;
}
