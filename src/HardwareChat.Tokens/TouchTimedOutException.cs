using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens;

/// <summary>The token waited for a touch and none came. Nothing was signed; the same operation can be tried again.</summary>
public sealed class TouchTimedOutException : OperationCanceledException
{
    /// <summary>No touch for the key in <paramref name="slot"/>.</summary>
    public TouchTimedOutException(PivSlot slot)
        : base("The token was not touched in time.") => Slot = slot;

    /// <summary>Whose key wanted the touch.</summary>
    public PivSlot Slot { get; }

    /// <summary>What the person can do next.</summary>
    public string Hint { get; } = "Try again, and touch the token's contact when it blinks.";
}
