using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>The MLS suite of sessions and of the rooms that they found, and what a session's leaves say.</summary>
internal static class SessionSuite
{
    /// <summary>Suite 0x0003.</summary>
    public static CipherSuite Value => CipherSuite.X25519ChaCha20Poly1305Sha256Ed25519;

    private static readonly Capabilities Supported = new(
        [CipherSuite.X25519ChaCha20Poly1305Sha256Ed25519.Id, CipherSuite.X25519Aes128GcmSha256Ed25519.Id],
        [new ExtensionType(RoomPolicy.ExtensionType), new ExtensionType(RoomRemovals.ExtensionType)]);

    /// <summary>A leaf whose identity is this grant.</summary>
    public static LeafContent LeafOf(SignedGrant grant) => new(new BasicCredential(TlsWriter.Encode(grant)), Supported);

    /// <summary>The public half of a session key as touches name it.</summary>
    public static VerifyingKey VerifyingKeyOf(SignaturePrivateKey key) => VerifyingKey.FromRaw(Protocol.SignatureScheme.Ed25519, key.PublicKey.Span);
}
