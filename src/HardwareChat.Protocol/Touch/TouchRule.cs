namespace HardwareChat.Protocol;

/// <summary>The rule that a grant breaks, in the order in which the rules are checked.</summary>
public enum TouchRule
{
    /// <summary>The touch is for another registry.</summary>
    OtherRegistry = 1,

    /// <summary>The token is not enrolled at R.</summary>
    TokenUnknown,

    /// <summary>registry_size is more than R.</summary>
    RegistrySize,

    /// <summary>registry_root is not the registry's root at registry_size.</summary>
    RegistryRoot,

    /// <summary>The session would live longer than the policy at registry_size allows.</summary>
    SessionLifetime,

    /// <summary>The item would open a door longer than the policy at registry_size allows.</summary>
    EntryLifetime,

    /// <summary>The path is not of the length that (index, count) demand, or does not lead to the touch's root.</summary>
    Path,

    /// <summary>The token's signature over the touch does not verify, or is not in the one form that travels.</summary>
    Signature,

    /// <summary>session_key is not the leaf's signature_key.</summary>
    SessionKey,

    /// <summary>session_scheme is not that of the suite.</summary>
    SessionScheme,

    /// <summary>The item's purpose is not this use.</summary>
    Purpose,

    /// <summary>The item is for another room or relay.</summary>
    Context,

    /// <summary>The item names other keys.</summary>
    Keys,

    /// <summary>The key package's lifetime is not [issued_at, enter_by].</summary>
    Lifetime,

    /// <summary>issued_at is more than five minutes ahead of T.</summary>
    IssuedAhead,

    /// <summary>T is past enter_by.</summary>
    EnterBy,

    /// <summary>A leaf made from this touch would be void: revoked, signed out, or beyond linger.</summary>
    Void,

    /// <summary>issued_at is not above the floor of a removal of this token or user.</summary>
    RemovalFloor,

    /// <summary>The user is a bot, and its role does not name this room.</summary>
    BotRoom,

    /// <summary>A renewal by another token than the leaf's.</summary>
    RenewalToken,

    /// <summary>A renewal whose touch is not later than the leaf's.</summary>
    RenewalOrder,

    /// <summary>An external commit removes a leaf that is not an older one of the same token.</summary>
    ResyncRemoval,

    /// <summary>A fifth leaf of one token.</summary>
    LeavesPerToken,

    /// <summary>A ninth leaf of one user.</summary>
    LeavesPerUser,

    /// <summary>A later commit of the leaf changed its credential without being a renewal.</summary>
    CredentialChanged,
}
