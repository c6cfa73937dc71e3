namespace HardwareChat.Mls;

/// <summary>Whatever holds a member's signature key: memory, a token, a remote signer.</summary>
/// <remarks>A seam: <see cref="SignaturePrivateKey"/> is the one in memory. Implementations are used by one thread at a time.</remarks>
public interface IMlsSigner
{
    /// <summary>The algorithm, which must be the cipher suite's.</summary>
    SignatureScheme Scheme { get; }

    /// <summary>The key by which others verify.</summary>
    SignaturePublicKey PublicKey { get; }

    /// <summary>Signs the encoded SignContent of RFC 9420 §5.1.2, whole; ECDSA hashes it and gives DER.</summary>
    byte[] Sign(ReadOnlySpan<byte> signContent);
}
