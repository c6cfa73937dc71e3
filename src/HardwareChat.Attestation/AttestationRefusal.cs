namespace HardwareChat.Attestation;

/// <summary>Why an attestation is refused. The order is the order of the checks.</summary>
public enum AttestationRefusal
{
    /// <summary>No certificates: the key was imported, or the card cannot attest.</summary>
    Missing,

    /// <summary>A certificate of the chain does not parse, or one of its extensions does not.</summary>
    Malformed,

    /// <summary>The chain has more certificates than any token's.</summary>
    ChainTooLong,

    /// <summary>The first certificate is no attestation: it says nothing of token or key, as a certificate that somebody made for the slot.</summary>
    NotAnAttestation,

    /// <summary>A certificate is not followed by its issuer, though the issuer is in the chain, or more follow the root.</summary>
    ChainOutOfOrder,

    /// <summary>The issuer of the last certificate is neither a root nor an intermediate that we have; its name is in the detail.</summary>
    IssuerUnknown,

    /// <summary>A certificate is signed with an algorithm that is unknown or too weak.</summary>
    SignatureAlgorithmRefused,

    /// <summary>A certificate was not signed by the key of its issuer.</summary>
    SignatureInvalid,

    /// <summary>An issuer is no certificate authority (basicConstraints, keyUsage).</summary>
    IssuerIsNoAuthority,

    /// <summary>More authorities follow an issuer than its path length allows.</summary>
    PathLengthExceeded,

    /// <summary>A certificate has a critical extension that we do not understand.</summary>
    CriticalExtensionUnknown,

    /// <summary>A certificate is not valid yet at the time in question.</summary>
    NotYetValid,

    /// <summary>A certificate is not valid any more at the time in question.</summary>
    Expired,

    /// <summary>The attestation is of another key than the one enrolled.</summary>
    KeyMismatch,

    /// <summary>The attestation does not say of which slot it is.</summary>
    SlotUnknown,

    /// <summary>The key is in another slot.</summary>
    WrongSlot,

    /// <summary>The attestation does not say of which token it is.</summary>
    SerialUnknown,

    /// <summary>The key is in another token than the one that was named.</summary>
    SerialMismatch,

    /// <summary>The attestation does not say which firmware the token has.</summary>
    FirmwareUnknown,

    /// <summary>The firmware is older than the policy's minimum.</summary>
    FirmwareTooOld,

    /// <summary>The attestation does not say what PIN and touch the key wants.</summary>
    PolicyUnknown,

    /// <summary>The key's PIN policy is not one that is allowed.</summary>
    PinPolicyRefused,

    /// <summary>The key's touch policy is not one that is allowed.</summary>
    TouchPolicyRefused,
}
