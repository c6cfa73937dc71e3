using NSec.Cryptography;

namespace HardwareChat.Protocol;

/// <summary>Fixed keys of both ends, for the fuzz entries of the handshake: they protect nothing.</summary>
internal sealed class FuzzKeys : IDisposable
{
    public const ulong Now = 1_800_000_000;

    private readonly Key _identity = Ed25519(1);

    public Key Relay { get; } = X25519(2);

    public Key Client { get; } = X25519(3);

    public RelayAuth RelayAuth()
        => Protocol.RelayAuth.Certify(
            _identity, new RelayStatic(default, new Digest(Relay.PublicKey.Export(KeyBlobFormat.RawPublicKey)), Now - 1, Now + 1), null);

    public ChannelAdmission Admission() => new()
    {
        RegistryId = default,
        RelayId = RelayId.OfKey(_identity.PublicKey.Export(KeyBlobFormat.RawPublicKey)),
        FindToken = _ => new EnrolledToken(VerifyingKey.FromRaw(SignatureScheme.Ed25519, _identity.PublicKey.Export(KeyBlobFormat.RawPublicKey)), false, 0),
        RootAt = size => size == 0 ? default(Digest) : null,
        SessionLifetimeAt = static _ => 12 * 3600,
        InviteIsOpen = static (_, _) => true,
    };

    public void Dispose()
    {
        _identity.Dispose();
        Relay.Dispose();
        Client.Dispose();
    }

    private static Key Ed25519(byte seed) => Key.Import(SignatureAlgorithm.Ed25519, Seed(seed), KeyBlobFormat.RawPrivateKey);

    private static Key X25519(byte seed) => Key.Import(KeyAgreementAlgorithm.X25519, Seed(seed), KeyBlobFormat.RawPrivateKey);

    private static byte[] Seed(byte value) => [.. Enumerable.Repeat(value, 32)];
}
