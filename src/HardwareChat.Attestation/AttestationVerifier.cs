using System.Globalization;
using HardwareChat.Wire;

namespace HardwareChat.Attestation;

// Slot certificate (made by the token's ATTEST command) <- F9 certificate (in the token) <- intermediates <- root.
//
// The checks stand in the order of AttestationRefusal: first the chain, link by link and with RFC 5280 §6.1's rules for each, then what it
// states. Time is the caller's, since a replica judges an enrolment by the time it was appended and not by today's date.

/// <summary>Verifies attestation chains. Pure: the same bytes and the same time always get the same verdict.</summary>
public static class AttestationVerifier
{
    /// <summary>The most certificates that a token may present.</summary>
    public const int MaxPresented = 6;

    private const int MaxPath = 8;

    // Yubico/yubikey-manager#522: YubiKeys of this firmware left the factory with an F9 certificate without basicConstraints.
    private static readonly FirmwareVersion WithoutBasicConstraints = new(5, 2, 4);

    /// <summary>Judges a chain.</summary>
    /// <param name="presented">The certificates, DER: the slot's first, then F9's, then whatever follows up to the root, which may be left out.</param>
    /// <param name="anchors">Whom we trust.</param>
    /// <param name="at">The time for which validity is judged.</param>
    /// <param name="requirement">What the attestation has to show.</param>
    public static AttestationVerdict Verify(
        IReadOnlyList<ReadOnlyMemory<byte>> presented, TrustAnchors anchors, DateTimeOffset at, AttestationRequirement requirement)
    {
        ArgumentNullException.ThrowIfNull(presented);
        if (CheckCount(presented.Count) is AttestationVerdict count)
            return count;
        try
        {
            return Verify([.. presented.Select(AttestationCertificate.Parse)], anchors, at, requirement);
        }
        catch (DecodeException refusal)
        {
            return AttestationVerdict.Refuse(AttestationRefusal.Malformed, refusal.Message);
        }
    }

    /// <summary>Judges a chain of parsed certificates: those that several chains share, as the keys of one token do, are verified once.</summary>
    public static AttestationVerdict Verify(
        IReadOnlyList<AttestationCertificate> presented, TrustAnchors anchors, DateTimeOffset at, AttestationRequirement requirement)
    {
        ArgumentNullException.ThrowIfNull(presented);
        ArgumentNullException.ThrowIfNull(anchors);
        ArgumentNullException.ThrowIfNull(requirement);
        if (CheckCount(presented.Count) is AttestationVerdict count)
            return count;

        // What the anchors hold is taken from there, where its key is imported and its own signature verified once for all chains.
        List<AttestationCertificate> chain = [.. presented.Select(anchors.Own)];
        if (chain[0].Attestation.IsEmpty)
            return AttestationVerdict.Refuse(AttestationRefusal.NotAnAttestation, chain[0].SubjectName);

        if (Complete(chain, anchors) is AttestationVerdict incomplete)
            return incomplete;
        for (int i = 0; i < chain.Count; i++)
        {
            if (CheckLink(chain, i, at) is AttestationVerdict broken)
                return broken;
        }

        return CheckStatement(chain, requirement);
    }

    private static AttestationVerdict? CheckCount(int presented) => presented switch
    {
        0 => AttestationVerdict.Refuse(AttestationRefusal.Missing, ""),
        > MaxPresented => AttestationVerdict.Refuse(AttestationRefusal.ChainTooLong, $"{presented} certificates"),
        _ => null,
    };

    // Puts the presented certificates in line with their issuers, and adds from the anchors what is missing up to a root.
    private static AttestationVerdict? Complete(List<AttestationCertificate> chain, TrustAnchors anchors)
    {
        for (int i = 0; i + 1 < chain.Count; i++)
        {
            if (!IsNamedIssuer(chain[i + 1], chain[i]) || chain[i].IsSelfIssued)
                return AttestationVerdict.Refuse(AttestationRefusal.ChainOutOfOrder, chain[i + 1].SubjectName);
        }

        while (!anchors.Roots.Contains(chain[^1]))
        {
            AttestationCertificate last = chain[^1];
            List<AttestationCertificate> candidates = last.IsSelfIssued
                ? []
                : [.. anchors.Roots.Concat(anchors.Intermediates).Where(candidate => IsNamedIssuer(candidate, last))];

            // Only a choice is worth a verification here: the link is checked below in any case.
            AttestationCertificate? issuer = candidates.Count > 1
                ? candidates.Find(candidate => last.IsSignedBy(candidate)) ?? candidates[0]
                : candidates.FirstOrDefault();
            if (issuer is null)
                return AttestationVerdict.Refuse(AttestationRefusal.IssuerUnknown, last.IssuerName);
            chain.Add(issuer);
            if (chain.Count > MaxPath)
                return AttestationVerdict.Refuse(AttestationRefusal.ChainTooLong, last.SubjectName);
        }

        return null;
    }

    // RFC 5280 §6.1.3 and §6.1.4, for the certificate at i and its issuer; a root is trusted for its key, but held to its own dates.
    private static AttestationVerdict? CheckLink(List<AttestationCertificate> chain, int i, DateTimeOffset at)
    {
        AttestationCertificate certificate = chain[i];
        if (i + 1 < chain.Count)
        {
            AttestationCertificate issuer = chain[i + 1];
            if (!CertificateSignature.IsSupported(certificate.SignatureAlgorithm))
                return AttestationVerdict.Refuse(AttestationRefusal.SignatureAlgorithmRefused, certificate.SubjectName);
            if (!certificate.IsSignedBy(issuer))
                return AttestationVerdict.Refuse(AttestationRefusal.SignatureInvalid, certificate.SubjectName);
            if (!(issuer.Constraints.IsAuthority || IsExcused(chain, i + 1)) || !issuer.Constraints.MaySignCertificates)
                return AttestationVerdict.Refuse(AttestationRefusal.IssuerIsNoAuthority, issuer.SubjectName);

            // "the maximum number of non-self-issued intermediate certificates that may follow this certificate"; the end is at 0, so i follow.
            if (issuer.Constraints.PathLength < i)
                return AttestationVerdict.Refuse(AttestationRefusal.PathLengthExceeded, issuer.SubjectName);
        }

        if (certificate.Constraints.UnknownCritical is string unknown)
            return AttestationVerdict.Refuse(AttestationRefusal.CriticalExtensionUnknown, $"{certificate.SubjectName}: {unknown}");
        if (at < certificate.NotBefore)
            return AttestationVerdict.Refuse(AttestationRefusal.NotYetValid, $"{certificate.SubjectName}: {Text(certificate.NotBefore)}");
        if (at > certificate.NotAfter)
            return AttestationVerdict.Refuse(AttestationRefusal.Expired, $"{certificate.SubjectName}: {Text(certificate.NotAfter)}");
        return null;
    }

    private static AttestationVerdict CheckStatement(List<AttestationCertificate> chain, AttestationRequirement requirement)
    {
        AttestationCertificate end = chain[0], root = chain[^1];
        AttestationExtensions statement = end.Attestation;
        byte? slot = ReadSlot(end.SubjectName);

        if (requirement.SubjectPublicKeyInfo is ReadOnlyMemory<byte> key && !key.Span.SequenceEqual(end.SubjectPublicKeyInfo.Span))
            return AttestationVerdict.Refuse(AttestationRefusal.KeyMismatch, "");
        if (requirement.Slot is byte wantedSlot && slot != wantedSlot)
        {
            return slot is null
                ? AttestationVerdict.Refuse(AttestationRefusal.SlotUnknown, end.SubjectName)
                : AttestationVerdict.Refuse(AttestationRefusal.WrongSlot, $"{slot:X2}, not {wantedSlot:X2}");
        }

        if (requirement.Serial is uint wantedSerial && statement.Serial != wantedSerial)
        {
            return statement.Serial is null
                ? AttestationVerdict.Refuse(AttestationRefusal.SerialUnknown, "")
                : AttestationVerdict.Refuse(AttestationRefusal.SerialMismatch, $"{statement.Serial}, not {wantedSerial}");
        }

        if (requirement.MinimumFirmware is FirmwareVersion minimum)
        {
            if (statement.Firmware is not FirmwareVersion firmware)
                return AttestationVerdict.Refuse(AttestationRefusal.FirmwareUnknown, "");
            if (firmware < minimum)
                return AttestationVerdict.Refuse(AttestationRefusal.FirmwareTooOld, $"{firmware}, and {minimum} is the least");
        }

        if (requirement.PinPolicies is not null || requirement.TouchPolicies is not null)
        {
            if (statement.PinPolicy is not PinPolicy pin || statement.TouchPolicy is not TouchPolicy touch)
                return AttestationVerdict.Refuse(AttestationRefusal.PolicyUnknown, "");
            if (requirement.PinPolicies?.Contains(pin) == false)
                return AttestationVerdict.Refuse(AttestationRefusal.PinPolicyRefused, pin.ToString());
            if (requirement.TouchPolicies?.Contains(touch) == false)
                return AttestationVerdict.Refuse(AttestationRefusal.TouchPolicyRefused, touch.ToString());
        }

        byte[] fingerprint = root.ComputeFingerprint();
        return AttestationVerdict.Accept(new AttestedKey(
            end.SubjectPublicKeyInfo, slot, statement, KnownRoot.TryName(fingerprint), root.SubjectName, fingerprint));
    }

    // The F9 certificate of a YubiKey with firmware 5.2.4, and of no other: without basicConstraints, between the slot's certificate and the
    // root and nothing else. Were the chain allowed to be longer, the owner of any token could put its own slot certificate in F9's place.
    private static bool IsExcused(List<AttestationCertificate> chain, int issuer)
        => issuer == 1 && chain.Count == 3
            && !chain[issuer].Constraints.HasBasicConstraints && chain[0].Attestation.Firmware == WithoutBasicConstraints;

    private static bool IsNamedIssuer(AttestationCertificate issuer, AttestationCertificate certificate)
        => issuer.Subject.Span.SequenceEqual(certificate.Issuer.Span);

    // "YubiKey PIV Attestation 9a": the slot stands in the subject and nowhere else.
    private static byte? ReadSlot(string subject)
    {
        const string Marker = "Attestation ";
        int at = subject.LastIndexOf(Marker, StringComparison.Ordinal);
        return at >= 0 && byte.TryParse(subject.AsSpan(at + Marker.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte slot)
            ? slot
            : null;
    }

    private static string Text(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);
}
