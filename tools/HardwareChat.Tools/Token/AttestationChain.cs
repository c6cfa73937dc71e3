using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tools;

/// <summary>The certificates by which a token vouches for a slot's key, and the judgement of them.</summary>
internal static class AttestationChain
{
    // DESIGN: what signs in somebody's name wants that somebody's PIN and touch.
    private static readonly HashSet<PinPolicy> PinWanted = [PinPolicy.Once, PinPolicy.Always, PinPolicy.MatchOnce, PinPolicy.MatchAlways];
    private static readonly HashSet<TouchPolicy> TouchWanted = [TouchPolicy.Always];
    private static readonly FirmwareVersion WithMetadata = new(5, 3, 0);

    /// <summary>The slot's attestation, then the token's own certificate if it has one; DER.</summary>
    public static async Task<IReadOnlyList<byte[]>> ReadAsync(IToken token, PivSlot slot, CancellationToken cancellation)
    {
        using X509Certificate2 attestation = await AttestAsync(token, slot, cancellation);
        using X509Certificate2? own = await token.GetCertificateAsync(PivSlot.Attestation, cancellation);
        return own is null ? [attestation.RawData] : [attestation.RawData, own.RawData];
    }

    /// <summary>The roots and intermediates of a PEM file.</summary>
    public static async Task<TrustAnchors> ReadRootsAsync(FileInfo file, CancellationToken cancellation)
        => TrustAnchors.ParsePem(await SmallFile.ReadAsync(file, SmallFile.LongestPem, cancellation));

    /// <summary>What a key must show that signs in this slot: PIN and touch in 9A and 9C, the PIN in 9D, nothing elsewhere.</summary>
    public static AttestationRequirement RequirementOf(PivSlot slot, bool anyPolicy) => new()
    {
        Slot = slot.Id,
        PinPolicies = anyPolicy || !(slot == PivSlot.Authentication || slot == PivSlot.Signature || slot == PivSlot.KeyManagement) ? null : PinWanted,
        TouchPolicies = anyPolicy || !(slot == PivSlot.Authentication || slot == PivSlot.Signature) ? null : TouchWanted,
    };

    /// <summary>Judges a chain by today's date.</summary>
    /// <exception cref="FailureException">Refused, with the reason in words.</exception>
    public static AttestedKey Verify(IReadOnlyList<byte[]> chain, TrustAnchors anchors, AttestationRequirement requirement)
    {
        AttestationVerdict verdict = AttestationVerifier.Verify(
            [.. chain.Select(certificate => (ReadOnlyMemory<byte>)certificate)], anchors, DateTimeOffset.UtcNow, requirement);
        if (verdict.IsAccepted)
            return verdict.Key;
        throw Refused(verdict.Refusal.Value, verdict.Detail);
    }

    // A card says the same of an empty slot and of a key that was imported; the person is told which.
    private static async Task<X509Certificate2> AttestAsync(IToken token, PivSlot slot, CancellationToken cancellation)
    {
        try
        {
            return await token.AttestAsync(slot, cancellation);
        }
        catch (PivNotFoundException) when (token.Info.Firmware >= WithMetadata)
        {
            if (await token.GetMetadataAsync(slot, cancellation) is null)
                throw TokenKeys.Empty(slot);
            throw Refused(AttestationRefusal.Missing, "");
        }
    }

    private static FailureException Refused(AttestationRefusal refusal, string detail)
    {
        (string message, string[] hints) = Words(refusal);
        string more = detail.Length > 0 ? $" ({PrintableText.Of(detail)})" : "";
        return new FailureException(ExitCode.AttestationRefused, "attestation-" + Kebab(refusal), $"{message}{more}.", hints);
    }

    private static (string Message, string[] Hints) Words(AttestationRefusal refusal) => refusal switch
    {
        AttestationRefusal.Missing => ("nothing attests this key: it was imported, or the token cannot attest", ["a key that is to be attested must be generated in the token: hwchat-tools token init"]),
        AttestationRefusal.Malformed => ("a certificate of the attestation cannot be read", []),
        AttestationRefusal.ChainTooLong => ("the attestation has more certificates than any token's", []),
        AttestationRefusal.NotAnAttestation => ("this is no attestation: it says nothing of the token or the key", []),
        AttestationRefusal.ChainOutOfOrder => ("the attestation's certificates are not in order", ["the slot's first, then the token's own, then its issuers"]),
        AttestationRefusal.IssuerUnknown => ("the issuer of the attestation is missing", ["add the certificate of that issuer to the file of --roots; Yubico's are on developers.yubico.com/PKI"]),
        AttestationRefusal.SignatureAlgorithmRefused => ("a certificate of the attestation is signed by an algorithm that is unknown or too weak", []),
        AttestationRefusal.SignatureInvalid => ("a certificate of the attestation was not signed by its issuer", []),
        AttestationRefusal.IssuerIsNoAuthority => ("an issuer of the attestation is no certificate authority", []),
        AttestationRefusal.PathLengthExceeded => ("an issuer of the attestation may not have so many below it", []),
        AttestationRefusal.CriticalExtensionUnknown => ("a certificate of the attestation has a critical extension that is not understood", []),
        AttestationRefusal.NotYetValid => ("a certificate of the attestation is not valid yet", ["see whether this machine's clock is right"]),
        AttestationRefusal.Expired => ("a certificate of the attestation has expired", ["see whether this machine's clock is right"]),
        AttestationRefusal.KeyMismatch => ("the attestation is of another key", []),
        AttestationRefusal.SlotUnknown => ("the attestation does not say of which slot it is", []),
        AttestationRefusal.WrongSlot => ("the attestation is of another slot", []),
        AttestationRefusal.SerialUnknown => ("the attestation does not say of which token it is", []),
        AttestationRefusal.SerialMismatch => ("the attestation is of another token", []),
        AttestationRefusal.FirmwareUnknown => ("the attestation does not say which firmware the token has", []),
        AttestationRefusal.FirmwareTooOld => ("the token's firmware is too old", ["firmware cannot be updated; an administrator may lower the minimum, in writing"]),
        AttestationRefusal.PolicyUnknown => ("the attestation does not say what PIN and touch the key wants", ["--any-policy accepts it"]),
        AttestationRefusal.PinPolicyRefused => ("the key does not want a PIN", ["generate it with --pin-policy once or always; a policy is fixed when the key is made", "--any-policy accepts it"]),
        AttestationRefusal.TouchPolicyRefused => ("the key does not want a touch each time", ["generate it with --touch always; a policy is fixed when the key is made", "--any-policy accepts it"]),
        _ => ($"the attestation was refused: {refusal}", []),
    };

    private static string Kebab(AttestationRefusal refusal)
        => string.Concat(refusal.ToString().Select((letter, at) => char.IsUpper(letter) ? (at > 0 ? "-" : "") + char.ToLowerInvariant(letter) : letter.ToString()));
}
