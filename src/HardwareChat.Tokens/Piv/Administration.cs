namespace HardwareChat.Tokens.Piv;

/// <summary>By what right a command that changes the card is given: a management key, or the PIN that guards a stored one.</summary>
/// <remarks>Holds what the caller owns; the caller disposes it.</remarks>
public sealed class Administration
{
    private Administration(ManagementKey? key, Pin? pin)
    {
        Key = key;
        Pin = pin;
    }

    /// <summary>The factory's management key, under the algorithm that the card names. Tried only because a caller asks for it.</summary>
    public static Administration FactoryDefault { get; } = new(null, null);

    /// <summary>The management key, if it was given.</summary>
    public ManagementKey? Key { get; }

    /// <summary>The PIN that opens the management key on the card, if that is the way.</summary>
    public Pin? Pin { get; }

    /// <summary>A management key that the person keeps.</summary>
    public static Administration With(ManagementKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new Administration(key, null);
    }

    /// <summary>The management key that the card keeps behind its PIN (stored, or derived from the PIN in the old way).</summary>
    public static Administration StoredBehind(Pin pin)
    {
        ArgumentNullException.ThrowIfNull(pin);
        return new Administration(null, pin);
    }
}
