using System.Collections.Immutable;

namespace HardwareChat.Protocol;

/// <summary>A token in the registry, with what happened to it and at which index.</summary>
public sealed record RegistryToken
{
    /// <summary>Its keys.</summary>
    public required TokenEnrolment Keys { get; init; }

    /// <summary>Its user.</summary>
    public required Handle Handle { get; init; }

    /// <summary>Index of the leaf that enrolled it.</summary>
    public required ulong EnrolledAt { get; init; }

    /// <summary>The token that signed its addition; null for a user's first.</summary>
    public TokenId? AddedBy { get; init; }

    /// <summary>Index of the leaf that revoked it; null if none did.</summary>
    public ulong? RevokedAt { get; init; }

    /// <summary>Indices of the leaves that signed it out.</summary>
    public ImmutableList<ulong> SignOuts { get; init; } = [];

    /// <summary>Whether it is enrolled in the registry of the first <paramref name="size"/> leaves, revoked or not.</summary>
    public bool IsEnrolledAt(ulong size) => EnrolledAt < size;

    /// <summary>Whether it is revoked in the registry of the first <paramref name="size"/> leaves.</summary>
    public bool IsRevokedAt(ulong size) => RevokedAt < size;

    /// <summary>Whether a touch made at <paramref name="touchSize"/> is signed out at <paramref name="size"/>: a sign_out stands at an index in [touchSize, size).</summary>
    public bool IsSignedOutAt(ulong touchSize, ulong size) => SignOuts.Exists(index => index >= touchSize && index < size);
}

/// <summary>What a user was from one leaf on.</summary>
/// <param name="Since">Index of the leaf that said so.</param>
/// <param name="Role">The role.</param>
/// <param name="Rooms">A bot's rooms.</param>
public sealed record RoleSpan(ulong Since, Role Role, IReadOnlyList<RoomId> Rooms);

/// <summary>A user in the registry.</summary>
/// <param name="Handle">The name.</param>
/// <param name="Tokens">The tokens, oldest first, revoked ones too.</param>
/// <param name="Roles">The roles, oldest first.</param>
public sealed record RegistryUser(Handle Handle, ImmutableList<TokenId> Tokens, ImmutableList<RoleSpan> Roles)
{
    /// <summary>The role now.</summary>
    public Role Role => Roles[^1].Role;

    /// <summary>The role in the registry of the first <paramref name="size"/> leaves; null before the user's enrolment.</summary>
    public RoleSpan? RoleAt(ulong size) => Roles.FindLast(span => span.Since < size);
}

/// <summary>An invite in the registry.</summary>
/// <param name="Statement">What it says.</param>
/// <param name="UsedAt">Index of the enrolment that used it; null if none did.</param>
public sealed record RegistryInvite(Invite Statement, ulong? UsedAt);

/// <summary>What the log says after its first <see cref="Size"/> leaves. Immutable; <see cref="RegistryMachine"/> makes the next one.</summary>
/// <remarks>It remembers at which index everything happened, and so answers for any earlier size too: room entries are judged by the registry at their stamp.</remarks>
public sealed class RegistryState
{
    internal RegistryState()
    {
    }

    /// <summary>The state before the first leaf.</summary>
    public static RegistryState Empty { get; } = new();

    /// <summary>The registry's name: the StatementId of its genesis; zeros before the first leaf.</summary>
    public RegistryId Id { get; internal init; }

    /// <summary>Leaves.</summary>
    public ulong Size => Frontier.Size;

    /// <summary>The root over all leaves.</summary>
    public Digest Root => Roots[^1];

    /// <summary>appended_at of the last leaf.</summary>
    public ulong AppendedAt { get; internal init; }

    /// <summary>The recovery key, if the genesis named one.</summary>
    public Digest? RecoveryKey { get; internal init; }

    /// <summary>The policy now.</summary>
    public RegistryPolicy Policy => Policies[^1].Value;

    /// <summary>The relay's identity key now.</summary>
    public Digest RelayKey => RelayKeys[^1].Value;

    /// <summary>All tokens ever enrolled.</summary>
    public ImmutableDictionary<TokenId, RegistryToken> Tokens { get; internal init; } = ImmutableDictionary<TokenId, RegistryToken>.Empty;

    /// <summary>All users ever enrolled.</summary>
    public ImmutableDictionary<Handle, RegistryUser> Users { get; internal init; } = ImmutableDictionary<Handle, RegistryUser>.Empty;

    /// <summary>The users whose role is admin now.</summary>
    public ImmutableHashSet<Handle> Admins { get; internal init; } = [];

    /// <summary>The tokens that the last leaf revoked or signed out: their channels end now. Empty after any other leaf.</summary>
    public ImmutableList<TokenId> LastPutOut { get; internal init; } = [];

    internal MerkleFrontier Frontier { get; init; } = MerkleFrontier.Empty;

    internal ImmutableList<Digest> Roots { get; init; } = [MerkleTree.EmptyRoot];

    internal ImmutableList<(ulong Since, RegistryPolicy Value)> Policies { get; init; } = [];

    internal ImmutableList<(ulong Since, Digest Value)> RelayKeys { get; init; } = [];

    internal ImmutableDictionary<KeyHash, RegistryInvite> Invites { get; init; } = ImmutableDictionary<KeyHash, RegistryInvite>.Empty;

    internal ImmutableDictionary<KeyHash, TokenId> SignatureKeys { get; init; } = ImmutableDictionary<KeyHash, TokenId>.Empty;

    internal ImmutableHashSet<Digest> Spkis { get; init; } = [];

    internal ImmutableHashSet<string> Skeletons { get; init; } = [];

    internal ImmutableHashSet<StatementId> Statements { get; init; } = [];

    internal ImmutableDictionary<Subject, ulong> LastChanges { get; init; } = ImmutableDictionary<Subject, ulong>.Empty;

    /// <summary>The root over the first <paramref name="size"/> leaves; null beyond the last.</summary>
    public Digest? RootAt(ulong size) => size <= Size ? Roots[(int)size] : null;

    /// <summary>The policy in the registry of the first <paramref name="size"/> leaves; null for none, or beyond the last.</summary>
    public RegistryPolicy? PolicyAt(ulong size) => size > Size ? null : Policies.FindLast(span => span.Since < size).Value;

    /// <summary>The longest time, in seconds, for which any policy of the first <paramref name="size"/> leaves lets a grant open a door.</summary>
    public ulong LongestEntryAt(ulong size)
        => Policies.Where(span => span.Since < size).Select(static span => Math.Max(span.Value.RoomEntry, span.Value.KeyPackageLifetime)).DefaultIfEmpty().Max();

    /// <summary>The relay key in the registry of the first <paramref name="size"/> leaves; null for none, or beyond the last.</summary>
    public Digest? RelayKeyAt(ulong size)
        => size == 0 || size > Size ? null : RelayKeys.FindLast(span => span.Since < size).Value;

    /// <summary>Whether this statement stands in the log.</summary>
    public bool Contains(StatementId statement) => Statements.Contains(statement);

    /// <summary>The token with this name; null if none was ever enrolled.</summary>
    public RegistryToken? Token(TokenId id) => Tokens.GetValueOrDefault(id);

    /// <summary>The user with this handle; null if none was ever enrolled.</summary>
    public RegistryUser? User(Handle handle) => Users.GetValueOrDefault(handle);

    /// <summary>The invite with this key, and whether it is used; null if there is none.</summary>
    public RegistryInvite? Invite(KeyHash key) => Invites.GetValueOrDefault(key);

    /// <summary>Whether this user is an admin in the registry of the first <paramref name="size"/> leaves.</summary>
    public bool IsAdminAt(Handle handle, ulong size) => User(handle)?.RoleAt(size)?.Role == Role.Admin;

    /// <summary>Whether the user has a token that is not revoked and has a 9C key: whether it can sign as an admin.</summary>
    internal bool CanSignAsAdmin(Handle handle)
        => Users[handle].Tokens.Exists(id => Tokens[id] is { RevokedAt: null, Keys.SignatureKey: not null });

    internal RegistryState With(Action<RegistryChange> change)
    {
        var draft = new RegistryChange(this);
        change(draft);
        return draft.ToState();
    }
}

/// <summary>What a statement is about; the last index about each decides what is superseded.</summary>
internal readonly record struct Subject(byte Kind, string? Name, Digest Key)
{
    public static Subject Policy => new(1, null, default);

    public static Subject Relay => new(2, null, default);

    public static Subject Of(Handle handle) => new(3, handle.ToString(), default);

    public static Subject Of(TokenId token) => new(4, null, token.Value);

    public static Subject OfInvite(KeyHash key) => new(5, null, key.Value);

    public static Subject OfSigner(Digest signer) => new(6, null, signer);
}

/// <summary>The next state while it is being made.</summary>
internal sealed class RegistryChange(RegistryState before)
{
    public RegistryId Id { get; set; } = before.Id;

    public ulong Index { get; } = before.Size;

    public ulong AppendedAt { get; set; } = before.AppendedAt;

    public Digest? RecoveryKey { get; set; } = before.RecoveryKey;

    public ImmutableDictionary<TokenId, RegistryToken> Tokens { get; set; } = before.Tokens;

    public ImmutableDictionary<Handle, RegistryUser> Users { get; set; } = before.Users;

    public ImmutableHashSet<Handle> Admins { get; set; } = before.Admins;

    public ImmutableList<TokenId> PutOut { get; private set; } = [];

    public MerkleFrontier Frontier { get; set; } = before.Frontier;

    public ImmutableList<(ulong Since, RegistryPolicy Value)> Policies { get; set; } = before.Policies;

    public ImmutableList<(ulong Since, Digest Value)> RelayKeys { get; set; } = before.RelayKeys;

    public ImmutableDictionary<KeyHash, RegistryInvite> Invites { get; set; } = before.Invites;

    public ImmutableDictionary<KeyHash, TokenId> SignatureKeys { get; set; } = before.SignatureKeys;

    public ImmutableHashSet<Digest> Spkis { get; set; } = before.Spkis;

    public ImmutableHashSet<string> Skeletons { get; set; } = before.Skeletons;

    public ImmutableHashSet<StatementId> Statements { get; set; } = before.Statements;

    public ImmutableDictionary<Subject, ulong> LastChanges { get; set; } = before.LastChanges;

    public void Touched(Subject subject) => LastChanges = LastChanges.SetItem(subject, Index);

    public void AddUser(Handle handle, Role role)
    {
        Users = Users.Add(handle, new RegistryUser(handle, [], [new RoleSpan(Index, role, [])]));
        Skeletons = Skeletons.Add(handle.Skeleton);
        if (role == Role.Admin)
            Admins = Admins.Add(handle);
    }

    public void AddToken(Handle handle, TokenEnrolment keys, TokenId? addedBy)
    {
        Tokens = Tokens.Add(keys.TokenId, new RegistryToken { Keys = keys, Handle = handle, EnrolledAt = Index, AddedBy = addedBy });
        RegistryUser user = Users[handle];
        Users = Users.SetItem(handle, user with { Tokens = user.Tokens.Add(keys.TokenId) });
        Spkis = Spkis.Union(keys.SpkiHashes());
        if (keys.SignatureKeyHash is { } signatureKey)
            SignatureKeys = SignatureKeys.Add(signatureKey, keys.TokenId);
        Touched(Subject.Of(keys.TokenId));
    }

    public void RevokeToken(TokenId id)
    {
        RegistryToken token = Tokens[id];
        if (token.RevokedAt is not null)
            return;
        Tokens = Tokens.SetItem(id, token with { RevokedAt = Index });
        PutOut = PutOut.Add(id);
        Touched(Subject.Of(id));
        Touched(Subject.Of(token.Handle));
    }

    public void SignTokenOut(TokenId id)
    {
        RegistryToken token = Tokens[id];
        Tokens = Tokens.SetItem(id, token with { SignOuts = token.SignOuts.Add(Index) });
        PutOut = PutOut.Add(id);
    }

    public void SetRole(Handle handle, Role role, IReadOnlyList<RoomId> rooms)
    {
        RegistryUser user = Users[handle];
        Users = Users.SetItem(handle, user with { Roles = user.Roles.Add(new RoleSpan(Index, role, rooms)) });
        Admins = role == Role.Admin ? Admins.Add(handle) : Admins.Remove(handle);
    }

    public RegistryState ToState()
        => new()
        {
            Id = Id,
            AppendedAt = AppendedAt,
            RecoveryKey = RecoveryKey,
            Tokens = Tokens,
            Users = Users,
            Admins = Admins,
            LastPutOut = PutOut,
            Frontier = Frontier,
            Roots = Frontier.Size > before.Size ? before.Roots.Add(Frontier.Root) : before.Roots,
            Policies = Policies,
            RelayKeys = RelayKeys,
            Invites = Invites,
            SignatureKeys = SignatureKeys,
            Spkis = Spkis,
            Skeletons = Skeletons,
            Statements = Statements,
            LastChanges = LastChanges,
        };
}
