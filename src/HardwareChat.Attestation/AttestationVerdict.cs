using System.Diagnostics.CodeAnalysis;

namespace HardwareChat.Attestation;

/// <summary>What the verifier found: the attested key, or why there is none.</summary>
public sealed class AttestationVerdict
{
    private AttestationVerdict(AttestedKey? key, AttestationRefusal? refusal, string detail)
    {
        Key = key;
        Refusal = refusal;
        Detail = detail;
    }

    /// <summary>Whether the attestation holds.</summary>
    [MemberNotNullWhen(true, nameof(Key))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Key is not null;

    /// <summary>The attested key, if the attestation holds.</summary>
    public AttestedKey? Key { get; }

    /// <summary>Why it does not hold.</summary>
    public AttestationRefusal? Refusal { get; }

    /// <summary>Which certificate, which value; for a person, and as untrusted as the certificates it quotes. Empty where there is no more to say.</summary>
    public string Detail { get; }

    internal static AttestationVerdict Accept(AttestedKey key) => new(key, null, "");

    internal static AttestationVerdict Refuse(AttestationRefusal refusal, string detail) => new(null, refusal, detail);
}
