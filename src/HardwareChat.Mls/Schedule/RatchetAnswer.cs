namespace HardwareChat.Mls;

/// <summary>Whether a ratchet still has, or can reach, the key of a generation.</summary>
internal enum RatchetAnswer
{
    /// <summary>The key and nonce are written.</summary>
    Found,

    /// <summary>The key was used, or was skipped so long ago that it is deleted.</summary>
    Consumed,

    /// <summary>The generation lies further ahead than the bound on work allows.</summary>
    TooFarAhead,
}
