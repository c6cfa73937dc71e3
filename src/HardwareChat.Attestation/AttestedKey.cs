namespace HardwareChat.Attestation;

/// <summary>A key that its token's maker vouches for: generated in the token, and never outside it.</summary>
/// <param name="SubjectPublicKeyInfo">The key, DER.</param>
/// <param name="Slot">The slot, such as 0x9A; null where the attestation does not say.</param>
/// <param name="Statement">What the attestation says of token and key.</param>
/// <param name="RootName">The name by which we know the root; null for a root that we do not know.</param>
/// <param name="RootSubject">What the root calls itself.</param>
/// <param name="RootFingerprint">SHA-256 of the root certificate.</param>
public sealed record AttestedKey(
    ReadOnlyMemory<byte> SubjectPublicKeyInfo,
    byte? Slot,
    AttestationExtensions Statement,
    string? RootName,
    string RootSubject,
    ReadOnlyMemory<byte> RootFingerprint);
