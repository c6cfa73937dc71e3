using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>A leaf of a room, and whose it is.</summary>
/// <param name="Leaf">The leaf.</param>
/// <param name="Handle">The user.</param>
/// <param name="Token">The token.</param>
/// <param name="Grant">The leaf's identity.</param>
/// <param name="IsInvited">Whether it has neither committed nor spoken since it was added, as far as this reader has seen.</param>
public sealed record Member(LeafIndex Leaf, Handle Handle, TokenId Token, SignedGrant Grant, bool IsInvited)
{
    /// <summary>The session that acts in this leaf.</summary>
    public SessionId Session => Grant.Touch.SessionId;

    /// <summary>The member in a leaf whose token the registry has.</summary>
    internal static Member Of(LeafIndex index, LeafNode leaf, RegistryState registry)
        => Of(index, leaf, Grants.Of(leaf), registry);

    internal static Member Of(LeafIndex index, LeafNode leaf, SignedGrant grant, RegistryState registry)
    {
        RegistryToken token = registry.Token(grant.Touch.TokenId)
            ?? throw new RoomRuleException(EntryFault.Of(TouchRule.TokenUnknown), "a leaf's token is not in the registry");
        // A leaf that a commit has made has acted; one from a key package has been put there by somebody else.
        return new Member(index, token.Handle, grant.Touch.TokenId, grant, leaf.Source == LeafNodeSource.KeyPackage);
    }
}
