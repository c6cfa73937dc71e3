namespace HardwareChat.Attestation;

/// <summary>How often a PIV key wants the PIN. Fixed when the key is generated; the values are the card's own codes.</summary>
public enum PinPolicy
{
    /// <summary>Not given: the card chooses by slot (once for 9A and 9D, always for 9C, never for 9E).</summary>
    Default = 0,

    /// <summary>No PIN.</summary>
    Never = 1,

    /// <summary>One PIN for a session: until the card is reset or another application of it is selected.</summary>
    Once = 2,

    /// <summary>The PIN immediately before each use.</summary>
    Always = 3,

    /// <summary>A fingerprint or the PIN once for a session (YubiKey Bio).</summary>
    MatchOnce = 4,

    /// <summary>A fingerprint or the PIN immediately before each use (YubiKey Bio).</summary>
    MatchAlways = 5,
}
