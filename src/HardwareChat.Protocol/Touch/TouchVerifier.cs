using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>Verifies touches against the registry, each signature once.</summary>
/// <remarks>
/// The cache is by SessionId, which names what was signed, and holds the signature that verified. Another signature under
/// the same touch is verified anew: were it believed, a reader that had seen the touch before and one that had not would
/// come to different verdicts. Not thread-safe.
/// </remarks>
public sealed class TouchVerifier
{
    private readonly Dictionary<SessionId, byte[]> _verified = [];
    private readonly Queue<SessionId> _order = new();

    /// <summary>
    /// The rule that this grant breaks by itself in the registry of the first <paramref name="size"/> leaves; null if none.
    /// Check 1 of Entry and of Standing.
    /// </summary>
    /// <param name="grant">The grant.</param>
    /// <param name="registry">The registry, at least as long as <paramref name="size"/>.</param>
    /// <param name="size">R.</param>
    public TouchRule? Verify(SignedGrant grant, RegistryState registry, ulong size)
    {
        ArgumentNullException.ThrowIfNull(grant);
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, registry.Size);
        Touch touch = grant.Touch;
        if (touch.RegistryId != registry.Id)
            return TouchRule.OtherRegistry;
        if (registry.Token(touch.TokenId) is not { } token || !token.IsEnrolledAt(size))
            return TouchRule.TokenUnknown;
        if (touch.RegistrySize > size || registry.PolicyAt(touch.RegistrySize) is not { } policy)
            return TouchRule.RegistrySize;
        if (touch.RegistryRoot != registry.RootAt(touch.RegistrySize))
            return TouchRule.RegistryRoot;
        if (touch.NotAfter - touch.IssuedAt > policy.SessionLifetime)
            return TouchRule.SessionLifetime;
        if (CheckEnterBy(grant, policy) is { } lifetime)
            return lifetime;
        if (!grant.ItemIsIncluded)
            return TouchRule.Path;
        return IsSigned(grant, token) ? null : TouchRule.Signature;
    }

    // channel: = not_after | room: <= issued_at + policy.room_entry | key_package: <= issued_at + policy.key_package_lifetime
    private static TouchRule? CheckEnterBy(SignedGrant grant, RegistryPolicy policy)
    {
        ulong issuedAt = grant.Touch.IssuedAt;
        ulong enterBy = grant.Item.EnterBy;
        bool holds = grant.Item.Purpose switch
        {
            GrantPurpose.Channel => enterBy == grant.Touch.NotAfter,
            GrantPurpose.Room => enterBy >= issuedAt && enterBy - issuedAt <= policy.RoomEntry,
            GrantPurpose.KeyPackage => enterBy >= issuedAt && enterBy - issuedAt <= policy.KeyPackageLifetime,
            _ => false,
        };
        return holds ? null : TouchRule.EntryLifetime;
    }

    private bool IsSigned(SignedGrant grant, RegistryToken token)
    {
        byte[] touch = TlsWriter.Encode(grant.Touch);
        var session = SessionId.OfTouch(touch);
        if (_verified.TryGetValue(session, out byte[]? known) && grant.Signature.SequenceEqual(known))
            return true;
        if (!token.Keys.AuthenticationKey.Verify(Labels.Touch, touch, grant.Signature))
            return false;
        if (_verified.TryAdd(session, grant.Signature.ToArray()))
            _order.Enqueue(session);
        if (_order.Count > ProtocolLimits.RememberedTouches)
            _verified.Remove(_order.Dequeue());
        return true;
    }
}
