namespace HardwareChat.Tokens.Piv;

/// <summary>What the card says of its PUK before anybody tries one.</summary>
/// <param name="RetriesLeft">Tries left; <see langword="null"/> where the card does not say (before firmware 5.3).</param>
/// <param name="IsDefault">Whether it is the factory's; <see langword="null"/> where the card does not say.</param>
public sealed record PukState(int? RetriesLeft, bool? IsDefault)
{
    /// <summary>Of a card that does not say.</summary>
    public static PukState Unknown { get; } = new(null, null);

    /// <summary>Whether no try is left.</summary>
    public bool IsBlocked => RetriesLeft == 0;
}
