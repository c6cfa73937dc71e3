namespace HardwareChat.Attestation;

/// <summary>Whether a PIV key wants a touch of the token. Fixed when the key is generated; the values are the card's own codes.</summary>
public enum TouchPolicy
{
    /// <summary>Not given: the card chooses, and chooses never.</summary>
    Default = 0,

    /// <summary>No touch.</summary>
    Never = 1,

    /// <summary>A touch for each use.</summary>
    Always = 2,

    /// <summary>A touch, which is then good for 15 seconds.</summary>
    Cached = 3,
}
