using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>A session of the test: a session key, leaf keys, and touches over them.</summary>
public sealed class TestSession
{
    private readonly Key _key = Key.Create(SignatureAlgorithm.Ed25519);

    public VerifyingKey PublicKey => VerifyingKey.FromRaw(SignatureScheme.Ed25519, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public byte[] EncryptionKey { get; } = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32);

    public byte[] InitKey { get; } = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32);

    public byte[] Sign(byte[] bytes) => SignatureAlgorithm.Ed25519.Sign(_key, bytes);

    /// <summary>The grants of one touch over these items.</summary>
    public IReadOnlyList<SignedGrant> Touch(TestToken token, RegistryState registry, ulong issuedAt, params GrantItem[] items)
    {
        var draft = new TouchDraft(registry.Token(token.Id)!, registry, PublicKey, items, issuedAt, issuedAt + registry.Policy.SessionLifetime);
        return draft.Complete(token.Sign(draft.SigningInput()));
    }

    public SignedGrant RoomGrant(TestToken token, RegistryState registry, ulong issuedAt, RoomId room)
        => Touch(token, registry, issuedAt, GrantItem.ForRoom(room, EncryptionKey, issuedAt + registry.Policy.RoomEntry))[0];

    public SignedGrant KeyPackageGrant(TestToken token, RegistryState registry, ulong issuedAt)
        => Touch(token, registry, issuedAt, GrantItem.ForKeyPackage(EncryptionKey, InitKey, issuedAt + registry.Policy.KeyPackageLifetime))[0];

    public LeafFacts Leaf(SignedGrant grant) => new()
    {
        Grant = grant,
        SignatureKey = PublicKey.Raw.ToArray(),
        Scheme = SignatureScheme.Ed25519,
        EncryptionKey = EncryptionKey,
        InitKey = grant.Item.Purpose == GrantPurpose.KeyPackage ? InitKey : default(ReadOnlyMemory<byte>),
        Lifetime = grant.Item.Purpose == GrantPurpose.KeyPackage ? (grant.Touch.IssuedAt, grant.Item.EnterBy) : null,
    };
}
