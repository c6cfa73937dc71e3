using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>Grants as the identities of MLS leaves.</summary>
internal static class Grants
{
    /// <summary>The grant that is a leaf's identity.</summary>
    /// <exception cref="DecodeException">The credential is of another type, or holds no grant.</exception>
    public static SignedGrant Of(LeafNode leaf)
        => leaf.Credential is BasicCredential basic ? SignedGrant.Decode(basic.Identity) : throw new DecodeException("a leaf's identity is no grant", 0);

    /// <summary>What the checks of touches need of a leaf.</summary>
    public static LeafFacts FactsOf(LeafNode leaf, SignedGrant grant, CipherSuite suite, KeyPackage? keyPackage = null) => new()
    {
        Grant = grant,
        SignatureKey = leaf.SignatureKey.Span.ToArray(),
        Scheme = suite.SignatureScheme == Mls.SignatureScheme.Ed25519 ? Protocol.SignatureScheme.Ed25519 : Protocol.SignatureScheme.EcdsaSecp256r1Sha256,
        EncryptionKey = leaf.EncryptionKey.Span.ToArray(),
        InitKey = keyPackage is null ? default(ReadOnlyMemory<byte>) : keyPackage.InitKey.Span.ToArray(),
        Lifetime = leaf.Lifetime is { } lifetime ? (lifetime.NotBefore, lifetime.NotAfter) : null,
    };
}

/// <summary>What MLS asks while it works: whether an identity is a grant at all, over the leaf's own key.</summary>
/// <remarks>
/// Nothing here knows a stamp or a registry: those judge the staged commit as a whole (<see cref="CommitJudge"/>), one's own that comes back
/// like everybody else's. A leaf that this refuses is refused by every reader alike.
/// </remarks>
internal sealed class GrantCredentials : ICredentialCheck
{
    public static GrantCredentials Instance { get; } = new();

    public bool Accepts(LeafEntry entry)
    {
        try
        {
            return Grants.Of(entry.Leaf).Touch.SessionKey.Raw.SequenceEqual(entry.Leaf.SignatureKey.Span);
        }
        catch (DecodeException)
        {
            return false;
        }
    }

    public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => false;

    public bool IsSameClient(LeafNode left, LeafNode right) => left.Credential.Equals(right.Credential);
}
