namespace HardwareChat.Tokens.Piv;

/// <summary>The algorithm identifiers of PIV (SP 800-78-4 §6.2) and those that YubiKeys added with firmware 5.7.</summary>
public enum PivAlgorithm
{
    /// <summary>Triple DES with three keys; a management key.</summary>
    TripleDes = 0x03,

    /// <summary>RSA with 1024 bits. Known so that it can be named; never generated.</summary>
    Rsa1024 = 0x06,

    /// <summary>RSA with 2048 bits.</summary>
    Rsa2048 = 0x07,

    /// <summary>AES-128; a management key.</summary>
    Aes128 = 0x08,

    /// <summary>AES-192; a management key.</summary>
    Aes192 = 0x0A,

    /// <summary>AES-256; a management key.</summary>
    Aes256 = 0x0C,

    /// <summary>RSA with 3072 bits (YubiKey 5.7).</summary>
    Rsa3072 = 0x05,

    /// <summary>RSA with 4096 bits (YubiKey 5.7).</summary>
    Rsa4096 = 0x16,

    /// <summary>NIST P-256: ECDSA and ECDH.</summary>
    EccP256 = 0x11,

    /// <summary>NIST P-384: ECDSA and ECDH.</summary>
    EccP384 = 0x14,

    /// <summary>Ed25519 (YubiKey 5.7): signs the whole message.</summary>
    Ed25519 = 0xE0,

    /// <summary>X25519 (YubiKey 5.7).</summary>
    X25519 = 0xE1,

    /// <summary>The PIN, as GET METADATA names it (YubiKey 5.3).</summary>
    Pin = 0xFF,
}
