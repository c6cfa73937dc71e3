namespace HardwareChat.Protocol;

// Who may commit what. Proposals are by value, but for the Remove of oneself, which is by reference.
//
//   Add                     whom the policy lets invite; of a user whom the door lets be in the room
//   Remove                  an admin, any leaf, with a Removal; anybody, a void leaf; an external commit, its token's older leaf;
//                           by reference, oneself
//   GroupContextExtensions  an admin: the next RoomPolicy, and Removals that follow; nothing else changes
//   PreSharedKey            an external commit through the door `phrase`: exactly that one
//   ExternalInit            an external commit
//   anything else           nobody: Update, ReInit, external senders
//   a dormant leaf          its own renewal and nothing else; a void one nothing

/// <summary>A proposal of a commit, as far as a room's rules go; the caller takes it from MLS.</summary>
public abstract record ProposedChange
{
    private ProposedChange()
    {
    }

    /// <summary>Whether it came by reference, and from whom; null for by value.</summary>
    public Handle? ByReferenceOf { get; init; }

    /// <summary>Add of a leaf that passes Entry.</summary>
    /// <param name="Handle">Its user.</param>
    public sealed record Add(Handle Handle) : ProposedChange;

    /// <summary>Remove.</summary>
    /// <param name="Leaf">The leaf.</param>
    /// <param name="IsSender">Whether the proposal's sender is that leaf.</param>
    public sealed record Remove(RemovedLeaf Leaf, bool IsSender) : ProposedChange;

    /// <summary>GroupContextExtensions, decoded.</summary>
    /// <param name="Policy">The policy in it.</param>
    /// <param name="Removals">The removals in it.</param>
    /// <param name="ChangesOther">Whether any other extension differs from the group's.</param>
    public sealed record Context(RoomPolicy Policy, RoomRemovals Removals, bool ChangesOther) : ProposedChange;

    /// <summary>PreSharedKey.</summary>
    /// <param name="PskId">Of an external PSK; null for a resumption PSK.</param>
    public sealed record PreSharedKey(ReadOnlyMemory<byte>? PskId) : ProposedChange;

    /// <summary>ExternalInit.</summary>
    public sealed record ExternalInit : ProposedChange;

    /// <summary>Update, ReInit, or a type that this code does not know.</summary>
    public sealed record Other : ProposedChange;
}

/// <summary>Who commits.</summary>
/// <param name="Handle">The user.</param>
/// <param name="Token">The token.</param>
/// <param name="State">What the leaf was before the commit; null for an external commit, which has none.</param>
/// <param name="Renews">Whether the commit renews the sender's own credential, and the renewal passes Entry.</param>
public readonly record struct Committer(Handle Handle, TokenId Token, LeafState? State, bool Renews);

/// <summary>The room as it was before a commit.</summary>
/// <param name="Room">The room.</param>
/// <param name="Policy">Its policy.</param>
/// <param name="Removals">Its removals.</param>
/// <param name="Leaves">Its leaves.</param>
public sealed record RoomBefore(RoomId Room, RoomPolicy Policy, RoomRemovals Removals, int Leaves)
{
    /// <summary>What the checks of leaves need of it.</summary>
    public RoomRules Rules => new(Room, Policy.Linger, Removals);
}

/// <summary>The table of who may commit what, as one pure function.</summary>
public static class CommitTable
{
    /// <summary>The rule that a commit breaks; null if none.</summary>
    /// <param name="committer">Who commits.</param>
    /// <param name="changes">The proposals that it covers.</param>
    /// <param name="room">The room before it.</param>
    /// <param name="stamp">(T, R) of its entry.</param>
    /// <param name="registry">The registry, at least as long as R.</param>
    /// <param name="verifier">Verifies the signer of a new policy.</param>
    public static RoomRule? Check(
        Committer committer, IReadOnlyList<ProposedChange> changes, RoomBefore room, Stamp stamp, RegistryState registry, TouchVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(changes);
        ArgumentNullException.ThrowIfNull(room);
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(verifier);
        if (committer.State is { } state && state != LeafState.Active)
            return CheckRenewal(committer, state, changes);
        foreach (ProposedChange change in changes)
        {
            RoomRule? rule = change switch
            {
                _ when change.ByReferenceOf is not null && change is not ProposedChange.Remove { IsSender: true } => RoomRule.ByReference,
                ProposedChange.Add add => CheckAdd(committer, add, room.Policy),
                ProposedChange.Remove remove => CheckRemove(committer, remove, room.Policy),
                ProposedChange.Context context => CheckContext(committer, context, room, stamp, registry, verifier),
                ProposedChange.PreSharedKey or ProposedChange.ExternalInit => committer.State is null ? null : RoomRule.ProposalKind,
                _ => RoomRule.ProposalKind,
            };
            if (rule is not null)
                return rule;
        }
        if (committer.State is null && CheckDoor(committer, changes, room) is { } door)
            return door;
        return CheckRemovals(committer, changes, room, stamp, registry) ?? CheckSize(committer, changes, room);
    }

    private static RoomRule? CheckRenewal(Committer committer, LeafState state, IReadOnlyList<ProposedChange> changes)
    {
        if (state == LeafState.Void || !committer.Renews)
            return RoomRule.SenderNotActive;
        return changes.Count == 0 ? null : RoomRule.RenewalOnly;
    }

    private static RoomRule? CheckAdd(Committer committer, ProposedChange.Add add, RoomPolicy policy)
    {
        if (committer.State is null || (policy.Inviters == Who.Admins && !policy.IsAdmin(committer.Handle)))
            return RoomRule.AddNotAllowed;
        return policy.Admits(add.Handle) ? null : RoomRule.DoorClosed;
    }

    private static RoomRule? CheckRemove(Committer committer, ProposedChange.Remove remove, RoomPolicy policy)
    {
        bool allowed = committer.State is null
            ? remove.Leaf.Token == committer.Token && remove.ByReferenceOf is null
            : remove.Leaf.State == LeafState.Void || remove.ByReferenceOf is not null || policy.IsAdmin(committer.Handle);
        return allowed ? null : RoomRule.RemoveNotAllowed;
    }

    private static RoomRule? CheckContext(
        Committer committer, ProposedChange.Context context, RoomBefore room, Stamp stamp, RegistryState registry, TouchVerifier verifier)
    {
        if (committer.State is null || !room.Policy.IsAdmin(committer.Handle) || context.ChangesOther)
            return RoomRule.ContextNotAllowed;
        byte[] before = Wire.TlsWriter.Encode(room.Policy);
        if (before.AsSpan().SequenceEqual(Wire.TlsWriter.Encode(context.Policy)))
            return null;
        if (room.Policy.Version == ulong.MaxValue || context.Policy.Version != room.Policy.Version + 1)
            return RoomRule.PolicyVersion;
        return context.Policy.Check(room.Room, registry, stamp.RegistrySize, verifier, context.Policy.Version);
    }

    private static RoomRule? CheckDoor(Committer committer, IReadOnlyList<ProposedChange> changes, RoomBefore room)
    {
        if (changes.Count(static change => change is ProposedChange.ExternalInit) != 1)
            return RoomRule.ProposalKind;
        RoomPolicy policy = room.Policy;
        // A closed door still lets a member's own token come back in place of its older leaf.
        bool comesBack = changes.Any(static change => change is ProposedChange.Remove);
        bool open = policy.Door is Door.Closed ? comesBack : policy.Admits(committer.Handle);
        if (!open)
            return RoomRule.DoorClosed;
        var keys = changes.OfType<ProposedChange.PreSharedKey>().ToList();
        bool fits = policy.Door is Door.Phrase phrase
            ? keys is [{ PskId: { } id }] && id.Span.SequenceEqual(Phrase.PskId(room.Room, phrase.Parameters.Version))
            : keys.Count == 0;
        return fits ? null : RoomRule.Phrase;
    }

    private static RoomRule? CheckRemovals(
        Committer committer, IReadOnlyList<ProposedChange> changes, RoomBefore room, Stamp stamp, RegistryState registry)
    {
        if (committer.State is null)
            return null;
        var removed = changes.OfType<ProposedChange.Remove>()
            .Where(static remove => remove.ByReferenceOf is null && remove.Leaf.State != LeafState.Void)
            .Select(static remove => remove.Leaf)
            .ToList();
        RoomRemovals after = changes.OfType<ProposedChange.Context>().FirstOrDefault()?.Removals ?? room.Removals;
        bool untouched = removed.Count == 0 && ReferenceEquals(after, room.Removals);
        return untouched ? null : after.CheckFollows(room.Removals, removed, stamp.Time, registry.LongestEntryAt(stamp.RegistrySize));
    }

    private static RoomRule? CheckSize(Committer committer, IReadOnlyList<ProposedChange> changes, RoomBefore room)
    {
        int added = changes.Count(static change => change is ProposedChange.Add) + (committer.State is null ? 1 : 0);
        int removed = changes.Count(static change => change is ProposedChange.Remove);
        return room.Leaves + added - removed > ProtocolLimits.RoomLeaves ? RoomRule.RoomFull : null;
    }
}
