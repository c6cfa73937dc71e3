using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>Why the registry does not take a statement, in words for who wanted it.</summary>
internal static class RegistryWords
{
    public static string Of(RegistryRule? rule, EvidenceFault? fault) => rule switch
    {
        RegistryRule.Superseded => "the registry has moved on since this was signed: try again",
        RegistryRule.InviteSpent => "the invite is used already",
        RegistryRule.InviteExpired => "the invite is over",
        RegistryRule.InviteHandle => "the invite is for another handle",
        RegistryRule.InviteLifetime => "an invite is good for at most 30 days",
        RegistryRule.HandleTaken => "the handle is taken, or looks like one that is",
        RegistryRule.KeyTaken => "a key of this token is enrolled already, or was once: make new keys on it",
        RegistryRule.TokensPerUser => "this person has as many tokens as there may be: revoke one first",
        RegistryRule.SignerNotEntitled => "that takes an admin, or somebody else's signature",
        RegistryRule.SignerMissing => "more must sign it: the policy asks for several admins, or for an admin who vouches",
        RegistryRule.SignerUnknown => "the token that signed is not enrolled, or revoked, or its user is no admin",
        RegistryRule.RoleChange => "nobody becomes a bot or ceases to be one, and an admin needs a token with a key in 9C",
        RegistryRule.AdminsRemain => "too few admins would remain who can sign",
        RegistryRule.PolicyVersion => "the policy was changed meanwhile, or a value of it is out of range",
        RegistryRule.TokenRevoked => "that token is revoked already",
        RegistryRule.EvidenceMissing => "the attestation of the token is missing",
        RegistryRule.EvidenceRefused => $"the token does not satisfy the policy: {Of(fault)}",
        null => "the relay refuses the statement, and by this client's copy of the registry it should not",
        _ => $"the registry refuses the statement ({rule})",
    };

    private static string Of(EvidenceFault? fault) => fault switch
    {
        EvidenceFault.UntrustedRoot => "its attestation ends in no root that the community trusts (a simulated token, or another maker's)",
        EvidenceFault.Imported => "a key was not made in the token",
        EvidenceFault.Firmware => "its firmware is older than the policy allows",
        EvidenceFault.PinPolicy => "a key asks for the PIN less often than the policy demands",
        EvidenceFault.TouchPolicy => "a key asks for a touch less often than the policy demands; only a bot's may do without",
        EvidenceFault.Dates => "a certificate of its attestation is not valid now",
        _ => $"its attestation does not prove what it should ({fault})",
    };
}
