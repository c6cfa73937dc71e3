namespace HardwareChat.Mls;

/// <summary>The signature algorithms of the cipher suites, by their numbers in TLS (RFC 8446 §4.2.3).</summary>
public enum SignatureScheme
{
    /// <summary>No scheme.</summary>
    None = 0,

    /// <summary>ECDSA over P-256 with SHA-256, DER-encoded.</summary>
    EcdsaSecp256r1Sha256 = 0x0403,

    /// <summary>ECDSA over P-384 with SHA-384, DER-encoded.</summary>
    EcdsaSecp384r1Sha384 = 0x0503,

    /// <summary>ECDSA over P-521 with SHA-512, DER-encoded.</summary>
    EcdsaSecp521r1Sha512 = 0x0603,

    /// <summary>Ed25519 (RFC 8032), verified strictly.</summary>
    Ed25519 = 0x0807,
}
