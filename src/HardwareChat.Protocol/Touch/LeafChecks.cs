namespace HardwareChat.Protocol;

/// <summary>How a leaf, or a leaf's new credential, appears.</summary>
public enum EntryWay
{
    /// <summary>Added by a member, from a key package.</summary>
    Add = 1,

    /// <summary>By its own external commit.</summary>
    External,

    /// <summary>A commit that changes the committer's own credential.</summary>
    Renewal,
}

/// <summary>What the checks need of a leaf; the caller takes it from the MLS LeafNode.</summary>
public sealed record LeafFacts
{
    /// <summary>The credential's identity, decoded.</summary>
    public required SignedGrant Grant { get; init; }

    /// <summary>signature_key.</summary>
    public required ReadOnlyMemory<byte> SignatureKey { get; init; }

    /// <summary>The scheme of the suite.</summary>
    public required SignatureScheme Scheme { get; init; }

    /// <summary>encryption_key.</summary>
    public required ReadOnlyMemory<byte> EncryptionKey { get; init; }

    /// <summary>The key package's init_key, where the leaf comes from one that is at hand.</summary>
    public ReadOnlyMemory<byte> InitKey { get; init; }

    /// <summary>The lifetime, where leaf_node_source is key_package; else null.</summary>
    public (ulong NotBefore, ulong NotAfter)? Lifetime { get; init; }
}

/// <summary>The leaves that were there before an entry.</summary>
/// <param name="OfToken">Leaves of the same token, without those that the same commit removes.</param>
/// <param name="OfUser">Leaves of the same user, without those that the same commit removes.</param>
public readonly record struct LeafCount(int OfToken, int OfUser);

// Two moments, two checks.
//
// Entry: a leaf appears by Add or external commit, or a commit changes its own credential. At the entry's stamp (T, R):
//   1  the token's signature verifies; the token is enrolled at R; registry_size <= R, registry_root is the root there
//   2  session_key and session_scheme are the leaf's signature_key and the suite's scheme
//   3  purpose room, context this room, keys[0] = H("key", encryption_key); or, for an Add, purpose key_package,
//      keys = encryption_key and init_key, and the leaf's lifetime = [issued_at, enter_by]
//   4  issued_at <= T + 300 and T <= enter_by; not void; above the room's removal floor; a bot in its rooms
//   5  renewal: same token_id, later issued_at. An external commit's Remove: a leaf of the same token_id with the same
//      session key or an earlier issued_at. At most 4 leaves a token, 8 a user
//
// Standing: every other time a leaf is seen. 1 and 2 hold; a leaf from a key package still matches keys[0] and the lifetime;
// in each later commit of that leaf the credential is byte for byte the same.

/// <summary>The two checks of a leaf against the touch in its credential. Pure but for the verifier's cache of signatures.</summary>
public sealed class LeafChecks
{
    private readonly TouchVerifier _verifier;

    /// <summary>Checks that share this verifier's cache.</summary>
    public LeafChecks(TouchVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        _verifier = verifier;
    }

    /// <summary>The rule that this entry breaks; null if none.</summary>
    /// <param name="leaf">The leaf as it will be.</param>
    /// <param name="way">How it appears.</param>
    /// <param name="stamp">(T, R) of the entry.</param>
    /// <param name="registry">The registry, at least as long as R.</param>
    /// <param name="room">The room's linger and removals.</param>
    /// <param name="before">The leaves already there.</param>
    /// <param name="former">Renewal: the leaf's credential so far.</param>
    /// <param name="removed">External commit: the credentials of the leaves that it removes.</param>
    public TouchRule? Entry(
        LeafFacts leaf,
        EntryWay way,
        Stamp stamp,
        RegistryState registry,
        RoomRules room,
        LeafCount before,
        SignedGrant? former = null,
        IReadOnlyList<SignedGrant>? removed = null)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(room);
        if (way == EntryWay.Renewal && former is null)
            throw new ArgumentNullException(nameof(former), "A renewal has a former credential.");
        return _verifier.Verify(leaf.Grant, registry, stamp.RegistrySize)
            ?? CheckSession(leaf)
            ?? CheckItem(leaf, way, room.Room)
            ?? CheckMoment(leaf.Grant, stamp, registry, room)
            ?? CheckBot(leaf.Grant, stamp, registry, room.Room)
            ?? (way == EntryWay.Renewal ? CheckRenewal(leaf.Grant.Touch, former!.Touch) : null)
            ?? CheckResync(leaf.Grant.Touch, removed ?? [])
            ?? (way == EntryWay.Renewal ? null : CheckCount(before));
    }

    /// <summary>The rule that a leaf breaks as it stands; null if none. What it may do is another question: <see cref="LeafStates.At"/>.</summary>
    /// <param name="leaf">The leaf as it is.</param>
    /// <param name="registrySize">R.</param>
    /// <param name="registry">The registry, at least as long as R.</param>
    /// <param name="former">The credential before a commit of this leaf that is no renewal; null where there was no commit.</param>
    public TouchRule? Standing(LeafFacts leaf, ulong registrySize, RegistryState registry, SignedGrant? former = null)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        ArgumentNullException.ThrowIfNull(registry);
        return _verifier.Verify(leaf.Grant, registry, registrySize)
            ?? CheckSession(leaf)
            ?? CheckKeyPackageLeaf(leaf)
            ?? (former is null || IsSame(former, leaf.Grant) ? null : TouchRule.CredentialChanged);
    }

    private static TouchRule? CheckSession(LeafFacts leaf)
    {
        if (leaf.Grant.Touch.SessionKey.Scheme != leaf.Scheme)
            return TouchRule.SessionScheme;
        return leaf.SignatureKey.Span.SequenceEqual(leaf.Grant.Touch.SessionKey.Raw) ? null : TouchRule.SessionKey;
    }

    private static TouchRule? CheckItem(LeafFacts leaf, EntryWay way, RoomId room)
    {
        GrantItem item = leaf.Grant.Item;
        if (item.Purpose != (way == EntryWay.Add ? GrantPurpose.KeyPackage : GrantPurpose.Room))
            return TouchRule.Purpose;
        if (way != EntryWay.Add && item.Context != room.Value)
            return TouchRule.Context;
        bool keys = item.Keys[0] == KeyHash.Of(leaf.EncryptionKey.Span)
            && (way != EntryWay.Add || item.Keys[1] == KeyHash.Of(leaf.InitKey.Span));
        if (!keys)
            return TouchRule.Keys;
        return way != EntryWay.Add || leaf.Lifetime == (leaf.Grant.Touch.IssuedAt, item.EnterBy) ? null : TouchRule.Lifetime;
    }

    private static TouchRule? CheckKeyPackageLeaf(LeafFacts leaf)
    {
        if (leaf.Lifetime is not { } lifetime)
            return null;
        GrantItem item = leaf.Grant.Item;
        if (item.Purpose != GrantPurpose.KeyPackage)
            return TouchRule.Purpose;
        if (item.Keys[0] != KeyHash.Of(leaf.EncryptionKey.Span))
            return TouchRule.Keys;
        return lifetime == (leaf.Grant.Touch.IssuedAt, item.EnterBy) ? null : TouchRule.Lifetime;
    }

    private static TouchRule? CheckMoment(SignedGrant grant, Stamp stamp, RegistryState registry, RoomRules room)
    {
        Touch touch = grant.Touch;
        if (touch.IssuedAt > stamp.Time && touch.IssuedAt - stamp.Time > ProtocolLimits.ClockSkew)
            return TouchRule.IssuedAhead;
        if (stamp.Time > grant.Item.EnterBy)
            return TouchRule.EnterBy;
        if (room.Removals.Forbid(registry.Token(touch.TokenId)!.Handle, touch))
            return TouchRule.RemovalFloor;
        return LeafStates.At(touch, stamp, registry, room) == LeafState.Void ? TouchRule.Void : null;
    }

    private static TouchRule? CheckBot(SignedGrant grant, Stamp stamp, RegistryState registry, RoomId room)
    {
        RegistryUser user = registry.User(registry.Token(grant.Touch.TokenId)!.Handle)!;
        bool elsewhere = user.RoleAt(stamp.RegistrySize) is { Role: Role.Bot } bot && !bot.Rooms.Contains(room);
        return elsewhere ? TouchRule.BotRoom : null;
    }

    private static TouchRule? CheckRenewal(Touch touch, Touch former)
    {
        if (touch.TokenId != former.TokenId)
            return TouchRule.RenewalToken;
        return touch.IssuedAt > former.IssuedAt ? null : TouchRule.RenewalOrder;
    }

    private static TouchRule? CheckResync(Touch touch, IReadOnlyList<SignedGrant> removed)
    {
        foreach (SignedGrant old in removed)
        {
            bool older = old.Touch.SessionKey.Equals(touch.SessionKey) || old.Touch.IssuedAt < touch.IssuedAt;
            if (old.Touch.TokenId != touch.TokenId || !older)
                return TouchRule.ResyncRemoval;
        }
        return null;
    }

    private static TouchRule? CheckCount(LeafCount before)
    {
        if (before.OfToken >= ProtocolLimits.LeavesPerToken)
            return TouchRule.LeavesPerToken;
        return before.OfUser >= ProtocolLimits.LeavesPerUser ? TouchRule.LeavesPerUser : null;
    }

    private static bool IsSame(SignedGrant former, SignedGrant now)
        => Wire.TlsWriter.Encode(former).AsSpan().SequenceEqual(Wire.TlsWriter.Encode(now));
}
