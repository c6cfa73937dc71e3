using System.Runtime.CompilerServices;
using HardwareChat.Attestation;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Enrolment;

// What the evidence has to show, by slot:
//
//   9A  this key, born in slot 9A; PIN and touch policy at least the registry's (for a bot, any touch policy)
//   9C  this key, born in slot 9C; PIN always, touch always; the same device
//   9D  this key, born in slot 9D; PIN once or always; the same device
//   all of them: the chain ends in one of the policy's roots, valid at appended_at, firmware not below the policy's

/// <summary>The evidence check of a registry whose tokens are attested PIV cards.</summary>
/// <remarks>Holds nothing but the parsed roots of the policies that it has met. May be shared between threads.</remarks>
public sealed class PivEvidence
{
    private static readonly HashSet<PinPolicy> PinAlways = [PinPolicy.Always, PinPolicy.MatchAlways];
    private static readonly HashSet<PinPolicy> PinOnce = [.. PinAlways, PinPolicy.Once, PinPolicy.MatchOnce];
    private static readonly HashSet<PinPolicy> PinAny = [.. PinOnce, PinPolicy.Never];
    private static readonly HashSet<TouchPolicy> TouchAlways = [TouchPolicy.Always];
    private static readonly HashSet<TouchPolicy> TouchCached = [TouchPolicy.Always, TouchPolicy.Cached];
    private static readonly HashSet<TouchPolicy> TouchAny = [.. TouchCached, TouchPolicy.Never];

    private readonly ConditionalWeakTable<RegistryPolicy, TrustAnchors> _anchors = [];

    /// <summary>What is wrong with the evidence; null if it satisfies the policy. An <see cref="EvidenceCheck"/>.</summary>
    public EvidenceFault? Check(EvidenceQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        AttestationCertificate? key9A, key9C, key9D;
        AttestationCertificate[] issuers;
        TrustAnchors anchors;
        try
        {
            var evidence = TokenEvidence.Decode(question.Blob.Span);
            (key9A, key9C, key9D) = (Parse(evidence.Authentication), Parse(evidence.Signature), Parse(evidence.Agreement));
            issuers = [.. evidence.Issuers.Select(AttestationCertificate.Parse)];
            anchors = AnchorsOf(question.Policy);
        }
        catch (DecodeException)
        {
            return EvidenceFault.Malformed;
        }
        if (question.AppendedAt > (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return EvidenceFault.Dates;
        var at = DateTimeOffset.FromUnixTimeSeconds((long)question.AppendedAt);
        AttestationVerdict authentication = Verify(key9A, issuers, anchors, at, RequirementOf9A(question));
        if (!authentication.IsAccepted)
            return FaultOf(authentication.Refusal.Value);

        // Without a serial number two keys could be of two devices, one of them anybody's.
        if (authentication.Key.Statement.Serial is not { } serial)
            return EvidenceFault.OtherDevice;
        AttestationRequirement agreement = RequirementOf(question, 0x9D, question.Token.AgreementSpki, serial) with { PinPolicies = PinOnce, TouchPolicies = TouchAny };
        AttestationVerdict verdict = Verify(key9D, issuers, anchors, at, agreement);
        if (!verdict.IsAccepted)
            return FaultOf(verdict.Refusal.Value);
        if (question.Token.SignatureKey is null)
            return key9C is null ? null : EvidenceFault.OtherKey;
        AttestationRequirement signature = RequirementOf(question, 0x9C, question.Token.SignatureSpki, serial) with { PinPolicies = PinAlways, TouchPolicies = TouchAlways };
        verdict = Verify(key9C, issuers, anchors, at, signature);
        return verdict.IsAccepted ? null : FaultOf(verdict.Refusal.Value);
    }

    private static AttestationCertificate? Parse(ReadOnlyMemory<byte> encoded) => encoded.IsEmpty ? null : AttestationCertificate.Parse(encoded);

    // The issuers are the same objects for each of the token's keys, and so are imported and verified once.
    private static AttestationVerdict Verify(
        AttestationCertificate? certificate, AttestationCertificate[] issuers, TrustAnchors anchors, DateTimeOffset at, AttestationRequirement requirement)
    {
        AttestationCertificate[] chain = certificate is null ? [] : [certificate, .. issuers];
        return AttestationVerifier.Verify(chain, anchors, at, requirement);
    }

    private static AttestationRequirement RequirementOf(EvidenceQuestion question, byte slot, ReadOnlySpan<byte> spki, uint? serial)
    {
        Protocol.FirmwareVersion firmware = question.Policy.MinimumFirmware;
        return new AttestationRequirement
        {
            SubjectPublicKeyInfo = spki.ToArray(),
            Slot = slot,
            Serial = serial,
            MinimumFirmware = new Attestation.FirmwareVersion(firmware.Major, firmware.Minor, firmware.Patch),
        };
    }

    private static AttestationRequirement RequirementOf9A(EvidenceQuestion question)
        => RequirementOf(question, 0x9A, question.Token.AuthenticationSpki, null) with
        {
            PinPolicies = question.Policy.Pin switch
            {
                PinRequirement.Always => PinAlways,
                PinRequirement.Once => PinOnce,
                _ => PinAny,
            },
            TouchPolicies = question.Policy.Touch switch
            {
                _ when question.Role == Role.Bot => TouchAny,
                TouchRequirement.Always => TouchAlways,
                TouchRequirement.Cached => TouchCached,
                _ => TouchAny,
            },
        };

    private static EvidenceFault FaultOf(AttestationRefusal refusal) => refusal switch
    {
        AttestationRefusal.Missing or AttestationRefusal.NotAnAttestation => EvidenceFault.Imported,
        AttestationRefusal.IssuerUnknown => EvidenceFault.UntrustedRoot,
        AttestationRefusal.SignatureInvalid or AttestationRefusal.SignatureAlgorithmRefused => EvidenceFault.Signature,
        AttestationRefusal.NotYetValid or AttestationRefusal.Expired => EvidenceFault.Dates,
        AttestationRefusal.KeyMismatch => EvidenceFault.OtherKey,
        AttestationRefusal.SlotUnknown or AttestationRefusal.WrongSlot => EvidenceFault.OtherSlot,
        AttestationRefusal.SerialUnknown or AttestationRefusal.SerialMismatch => EvidenceFault.OtherDevice,
        AttestationRefusal.FirmwareUnknown or AttestationRefusal.FirmwareTooOld => EvidenceFault.Firmware,
        AttestationRefusal.PolicyUnknown or AttestationRefusal.PinPolicyRefused => EvidenceFault.PinPolicy,
        AttestationRefusal.TouchPolicyRefused => EvidenceFault.TouchPolicy,
        _ => EvidenceFault.Malformed,
    };

    private TrustAnchors AnchorsOf(RegistryPolicy policy)
        => _anchors.GetValue(policy, static policy => TrustAnchors.Parse([.. policy.AttestationRoots.Select(static root => (ReadOnlyMemory<byte>)root)]));
}
