using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>A signature algorithm with its curve and hash: the code points of TLS (RFC 8446 §4.2.3), as in MLS suites.</summary>
public enum SignatureScheme : ushort
{
    /// <summary>ECDSA on P-256 over SHA-256.</summary>
    EcdsaSecp256r1Sha256 = 0x0403,

    /// <summary>ECDSA on P-384 over SHA-384.</summary>
    EcdsaSecp384r1Sha384 = 0x0503,

    /// <summary>Ed25519 (RFC 8032), of the bytes whole.</summary>
    Ed25519 = 0x0807,
}

/// <summary>What the code points mean on the wire.</summary>
public static class SignatureSchemes
{
    /// <summary>uint16; a code point that this version does not know is malformed.</summary>
    public static SignatureScheme ReadSignatureScheme(this ref TlsReader reader)
    {
        var scheme = (SignatureScheme)reader.ReadUInt16();
        return Enum.IsDefined(scheme) ? scheme : throw reader.Malformed("no such signature scheme");
    }

    /// <summary>Bytes of a signature: r || s, or R || S.</summary>
    public static int SignatureSize(this SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 => 64,
        SignatureScheme.EcdsaSecp384r1Sha384 => 96,
        SignatureScheme.Ed25519 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };

    /// <summary>Bytes of a public key as MLS carries it: an uncompressed point, or 32 bytes.</summary>
    public static int PublicKeySize(this SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 => 65,
        SignatureScheme.EcdsaSecp384r1Sha384 => 97,
        SignatureScheme.Ed25519 => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };
}
