using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>What the registry says of a token, as far as a channel asks.</summary>
/// <param name="Key">Its 9A key.</param>
/// <param name="IsRevoked">Whether it has been revoked.</param>
/// <param name="SignedOutBefore">Touches that quote a registry smaller than this have been signed out; 0 if none.</param>
public sealed record EnrolledToken(VerifyingKey Key, bool IsRevoked, ulong SignedOutBefore);

/// <summary>Whom a relay lets in: what it knows, and its checks in their order.</summary>
/// <remarks>
/// The cheap checks come before the signature, so that a stranger costs the relay no verification. A resume is the same
/// handshake with the same grant, so nothing here is used up by a success.
/// </remarks>
public sealed class ChannelAdmission
{
    /// <summary>The registry that this relay serves.</summary>
    public required RegistryId RegistryId { get; init; }

    /// <summary>This relay.</summary>
    public required RelayId RelayId { get; init; }

    /// <summary>The enrolled token of this id, revoked or not; null if there is none.</summary>
    public required Func<TokenId, EnrolledToken?> FindToken { get; init; }

    /// <summary>The registry's root at a size; null if it has not been that large.</summary>
    public required Func<ulong, Digest?> RootAt { get; init; }

    /// <summary>Seconds for which the policy at this registry size lets a touch act.</summary>
    public required Func<ulong, ulong> SessionLifetimeAt { get; init; }

    /// <summary>Whether an invite with this key exists, is unused, and has not expired at this time.</summary>
    public required Func<Digest, ulong, bool> InviteIsOpen { get; init; }

    /// <summary>The admission of a relay whose registry stands so.</summary>
    public static ChannelAdmission Of(RegistryState registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return new ChannelAdmission
        {
            RegistryId = registry.Id,
            RelayId = RelayId.OfKey(registry.RelayKey.ToArray()),
            FindToken = id => registry.Token(id) is { } token ? Describe(token) : null,
            RootAt = registry.RootAt,
            SessionLifetimeAt = size => registry.PolicyAt(size)?.SessionLifetime ?? 0,
            InviteIsOpen = (key, now) => registry.Invite(KeyHash.Of(key.ToArray())) is { UsedAt: null } invite && now <= invite.Statement.Expiry,
        };
    }

    /// <summary>Checks a client's proof against the static key of its handshake.</summary>
    /// <returns>Unix seconds at which its channel ends.</returns>
    /// <exception cref="ChannelException">The rule that failed.</exception>
    public ulong Check(ClientAuth auth, ReadOnlySpan<byte> staticKey, ulong now) => auth switch
    {
        ClientAuth.Member member => CheckMember(member.Grant, staticKey, now),
        ClientAuth.Guest guest => CheckGuest(guest, staticKey, now),
        _ => throw new ArgumentException("no such kind of client", nameof(auth)),
    };

    private static EnrolledToken Describe(RegistryToken token)
        => new(token.Keys.AuthenticationKey, token.RevokedAt is not null, token.SignOuts is [.., var last] ? last + 1 : 0);

    private ulong CheckMember(SignedGrant grant, ReadOnlySpan<byte> staticKey, ulong now)
    {
        Touch touch = grant.Touch;
        Require(touch.RegistryId == RegistryId, ChannelRule.GrantIsOfThisRegistry);
        EnrolledToken token = FindToken(touch.TokenId) ?? throw new ChannelException(ChannelRule.TokenIsEnrolled);
        Require(!token.IsRevoked, ChannelRule.TokenIsNotRevoked);

        // A touch that quoted a head of its own invention would outlive every sign-out.
        Require(RootAt(touch.RegistrySize) == touch.RegistryRoot, ChannelRule.GrantHeadIsKnown);
        Require(touch.RegistrySize >= token.SignedOutBefore, ChannelRule.SessionIsNotSignedOut);

        bool started = touch.IssuedAt <= now || touch.IssuedAt - now <= ProtocolLimits.ClockSkew;
        bool lasts = now <= touch.NotAfter && touch.NotAfter - touch.IssuedAt <= SessionLifetimeAt(touch.RegistrySize);
        Require(started && lasts && grant.Item.EnterBy == touch.NotAfter, ChannelRule.GrantIsCurrent);

        Require(grant.Item.Purpose == GrantPurpose.Channel, ChannelRule.GrantIsForAChannel);
        Require(grant.Item.Context == RelayId.Value, ChannelRule.GrantIsForThisRelay);
        Require(grant.Item.Keys[0] == KeyHash.Of(staticKey), ChannelRule.GrantNamesTheStaticKey);
        Require(grant.ItemIsIncluded, ChannelRule.GrantIsInTheTouch);
        Require(token.Key.Verify(Labels.Touch, TlsWriter.Encode(touch), grant.Signature), ChannelRule.TouchIsSigned);
        return Math.Min(touch.NotAfter, checked(now + ProtocolLimits.ChannelLifetime));
    }

    private ulong CheckGuest(ClientAuth.Guest guest, ReadOnlySpan<byte> staticKey, ulong now)
    {
        Require(InviteIsOpen(guest.InviteKey, now), ChannelRule.InviteIsOpen);
        VerifyingKey inviteKey = VerifyingKey.FromRaw(SignatureScheme.Ed25519, guest.InviteKey.ToArray());
        Require(inviteKey.Verify(Labels.Guest, ClientAuth.Guest.SignedBytes(RelayId, staticKey), guest.Signature.Span), ChannelRule.GuestIsSigned);
        return checked(now + ProtocolLimits.GuestChannelLifetime);
    }

    private static void Require(bool holds, ChannelRule rule)
    {
        if (!holds)
            throw new ChannelException(rule);
    }
}
