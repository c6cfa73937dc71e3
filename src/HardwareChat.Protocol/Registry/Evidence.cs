namespace HardwareChat.Protocol;

/// <summary>What is wrong with the evidence of an enrolment.</summary>
public enum EvidenceFault
{
    /// <summary>The blob is no attestation, or not of this card's form.</summary>
    Malformed = 1,

    /// <summary>The chain does not end in a root that the policy trusts: a simulated token, or another maker's.</summary>
    UntrustedRoot,

    /// <summary>A signature of the chain does not verify.</summary>
    Signature,

    /// <summary>A certificate of the chain was not valid at appended_at.</summary>
    Dates,

    /// <summary>The attested key is not the one that is enrolled.</summary>
    OtherKey,

    /// <summary>The key was attested for another slot.</summary>
    OtherSlot,

    /// <summary>The keys were attested by different devices.</summary>
    OtherDevice,

    /// <summary>The key has no attestation: it was imported, not born in the token, or its token makes none.</summary>
    Imported,

    /// <summary>The firmware is older than the policy allows.</summary>
    Firmware,

    /// <summary>The PIN policy is less than the policy asks for.</summary>
    PinPolicy,

    /// <summary>The touch policy is less than the policy asks for.</summary>
    TouchPolicy,
}

/// <summary>An enrolment whose evidence is to be judged.</summary>
/// <param name="Token">The keys.</param>
/// <param name="Blob">The evidence; its hash has been checked.</param>
/// <param name="Policy">The policy at that point of the log.</param>
/// <param name="Role">What the user is: a bot's token needs no touch.</param>
/// <param name="AppendedAt">Unix seconds at which certificate dates are judged: never today's.</param>
public sealed record EvidenceQuestion(TokenEnrolment Token, ReadOnlyMemory<byte> Blob, RegistryPolicy Policy, Role Role, ulong AppendedAt);

/// <summary>Judges the evidence of one enrolment by nothing but what it is given; null if it satisfies the policy. Called from several threads at once.</summary>
public delegate EvidenceFault? EvidenceCheck(EvidenceQuestion question);

/// <summary>Finds the evidence blob of this SHA-256; null if it is not to be had.</summary>
public delegate ReadOnlyMemory<byte>? EvidenceSource(Digest hash);

/// <summary>Where evidence comes from, and who judges it.</summary>
/// <param name="Source">Finds a blob by hash.</param>
/// <param name="Check">Judges it.</param>
public sealed record EvidenceJudge(EvidenceSource Source, EvidenceCheck Check)
{
    /// <summary>Asks for no evidence: for whoever judged each leaf when it took it, and now reads its own log again. Never for a log that came from elsewhere.</summary>
    public static EvidenceJudge AlreadyJudged { get; } = new(static _ => null, static _ => null);
}
