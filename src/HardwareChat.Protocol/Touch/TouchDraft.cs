using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>A touch that waits for its token: what the card is to sign, and what comes of it.</summary>
/// <remarks>
/// The card's signature comes from outside, since asking for it takes a person and time: read <see cref="SigningInput"/>,
/// let 9A sign it, and hand the fixed-width signature to <see cref="Complete"/>.
/// </remarks>
public sealed class TouchDraft
{
    private readonly VerifyingKey _tokenKey;
    private readonly GrantItem[] _items;

    /// <summary>A draft over these items.</summary>
    /// <param name="token">The enrolled token that will sign.</param>
    /// <param name="registry">The registry as the toucher has verified it: its head goes into the touch.</param>
    /// <param name="sessionKey">A session key made for this touch alone.</param>
    /// <param name="items">1 to 256 items.</param>
    /// <param name="issuedAt">Unix seconds now.</param>
    /// <param name="notAfter">Unix seconds until which the session acts.</param>
    /// <exception cref="ArgumentException">No items or too many, or a lifetime that the policy does not allow.</exception>
    public TouchDraft(
        RegistryToken token, RegistryState registry, VerifyingKey sessionKey, IReadOnlyList<GrantItem> items, ulong issuedAt, ulong notAfter)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(sessionKey);
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count is 0 or > ProtocolLimits.GrantItemsPerTouch)
            throw new ArgumentException("A touch has 1 to 256 items.", nameof(items));
        if (notAfter < issuedAt || notAfter - issuedAt > registry.Policy.SessionLifetime)
            throw new ArgumentException("The policy does not allow a session of that length.", nameof(notAfter));
        _tokenKey = token.Keys.AuthenticationKey;
        _items = [.. items];
        Touch = new Touch
        {
            RegistryId = registry.Id,
            TokenId = token.Keys.TokenId,
            RegistrySize = registry.Size,
            RegistryRoot = registry.Root,
            SessionKey = sessionKey,
            IssuedAt = issuedAt,
            NotAfter = notAfter,
            Count = (uint)_items.Length,
            Root = MerkleTree.Root(LeafHashes(_items)),
        };
    }

    /// <summary>The touch.</summary>
    public Touch Touch { get; }

    /// <summary>The labelled bytes that 9A signs: hashed by ECDSA's hash, or whole for Ed25519.</summary>
    public byte[] SigningInput() => Labelled.Bytes(Labels.Touch, TlsWriter.Encode(Touch));

    /// <summary>The grants, one an item and in the items' order, once the token has signed.</summary>
    /// <param name="signature">Fixed width; an ECDSA signature is brought to its low-s form.</param>
    /// <exception cref="CryptographicException">The signature is not this token's over this touch.</exception>
    public IReadOnlyList<SignedGrant> Complete(ReadOnlySpan<byte> signature)
    {
        if (signature.Length != _tokenKey.Scheme.SignatureSize())
            throw new CryptographicException("The token's signature has not its algorithm's length.");
        byte[] normal = _tokenKey.Scheme == SignatureScheme.Ed25519 ? signature.ToArray() : EcdsaSignature.Normalise(_tokenKey.Scheme, signature);
        // A card that signs wrongly, by a fault or for another key, is found here and not by every reader of the room.
        if (!_tokenKey.Verify(Labels.Touch, TlsWriter.Encode(Touch), normal))
            throw new CryptographicException("The signature is not this token's over this touch.");
        Digest[] leaves = LeafHashes(_items);
        var grants = new SignedGrant[_items.Length];
        for (int i = 0; i < grants.Length; i++)
            grants[i] = new SignedGrant(Touch, normal, _items[i], (uint)i, MerkleTree.InclusionPath(leaves, i));
        return grants;
    }

    private static Digest[] LeafHashes(GrantItem[] items) => Array.ConvertAll(items, static item => MerkleTree.LeafHash(TlsWriter.Encode(item)));
}
