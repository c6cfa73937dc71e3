namespace HardwareChat.Tokens.Piv;

/// <summary>What the card says of its PIN before anybody tries one.</summary>
/// <param name="IsVerified">Whether the PIN has been given in this session.</param>
/// <param name="RetriesLeft">Tries left; <see langword="null"/> where the card does not say (it is verified, and has no metadata).</param>
/// <param name="IsDefault">Whether it is the factory PIN; <see langword="null"/> where the card does not say (before firmware 5.3).</param>
public sealed record PinState(bool IsVerified, int? RetriesLeft, bool? IsDefault)
{
    /// <summary>Whether no try is left.</summary>
    public bool IsBlocked => RetriesLeft == 0;
}
