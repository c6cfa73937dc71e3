namespace HardwareChat.Protocol;

// Valid at index i, where S = the state after 0..i-1, is a function of the log and of nothing else:
//
//   1  signers are what the table asks in S; the same StatementId has not appeared; kind and version are known
//   2  base_size <= i and base_root = the root at base_size: a signature made on one history cannot be moved to another
//   3  nothing about the same subject, about a signer, and nothing by the same signer was appended in base_size..i-1
//   4  enrol: the invite is unused and, by appended_at, not expired; the handle is free; the evidence verifies
//   5  admins who can sign remain; a key is enrolled once, ever
//
// The cheap checks come before the signatures, and the evidence last. A leaf that breaks a rule stops the reader there.

/// <summary>What came of a leaf: the next state, or the rule that it breaks.</summary>
/// <param name="State">The next state; null if a rule is broken.</param>
/// <param name="Rule">The rule; null if none is broken.</param>
/// <param name="Fault">What is wrong with the evidence, where that is the rule.</param>
public readonly record struct RegistryVerdict(RegistryState? State, RegistryRule? Rule, EvidenceFault? Fault = null)
{
    internal static RegistryVerdict Broken(RegistryRule rule) => new(null, rule);
}

/// <summary>The registry's state machine: the relay runs it before it appends, and every replica before it believes.</summary>
public static class RegistryMachine
{
    /// <summary>The state after one more leaf, or the rule that the leaf breaks. Pure.</summary>
    public static RegistryVerdict Apply(RegistryState state, RegistryLeaf leaf, EvidenceJudge evidence)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(leaf);
        ArgumentNullException.ThrowIfNull(evidence);
        return Apply(state, leaf, evidence, null);
    }

    /// <summary>The same, of a leaf of which some things have been asked before its turn.</summary>
    internal static RegistryVerdict Apply(RegistryState state, RegistryLeaf leaf, ReadAhead ahead) => Apply(state, leaf, ahead.Evidence, ahead);

    private static RegistryVerdict Apply(RegistryState state, RegistryLeaf leaf, EvidenceJudge evidence, ReadAhead? ahead)
    {
        SignedStatement signed = leaf.Statement;
        if (CheckPlace(state, signed.Statement) is { } place)
            return RegistryVerdict.Broken(place);
        if (leaf.AppendedAt < state.AppendedAt)
            return RegistryVerdict.Broken(RegistryRule.TimeGoesBack);
        if (signed.Statement.Body is Genesis genesis && CheckFounders(genesis) is { } founders)
            return RegistryVerdict.Broken(founders);
        if (CheckSuperseded(state, signed) is { } superseded)
            return RegistryVerdict.Broken(superseded);
        if (StatementSigners.Check(state, signed, ahead) is { } signers)
            return RegistryVerdict.Broken(signers);
        if (CheckBody(state, leaf) is { } body)
            return RegistryVerdict.Broken(body);
        RegistryState next = Advance(state, leaf);
        if (CheckAdmins(next, signed) is { } admins)
            return RegistryVerdict.Broken(admins);
        return EvidenceOf(next, leaf, evidence) ?? new RegistryVerdict(next, null);
    }

    /// <summary>The rule that a revoke or sign_out breaks when it comes by another way than the log; null if it must be believed at once.</summary>
    /// <remarks>
    /// The same rules, but for those that the log's order decides: it may be superseded or stand already, and still fences.
    /// <see cref="RegistryRule.BaseSize"/> means that it was signed on a longer log than this: read that first.
    /// </remarks>
    public static RegistryRule? CheckOnSight(RegistryState state, SignedStatement news)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(news);
        if (news.Statement.Body is not (Revoke or SignOut))
            return RegistryRule.UnknownKind;
        if (CheckPlace(state, news.Statement) is { } place && place != RegistryRule.Repeated)
            return place;
        TokenId token = news.Statement.Body is Revoke revoke ? revoke.Token : ((SignOut)news.Statement.Body).Token;
        return StatementSigners.Check(state, news) ?? (state.Token(token) is null ? RegistryRule.TokenUnknown : null);
    }

    private static RegistryRule? CheckPlace(RegistryState state, Statement statement)
    {
        if (statement.Version != Statement.CurrentVersion)
            return RegistryRule.UnknownVersion;
        if (statement.Body is UnknownBody)
            return RegistryRule.UnknownKind;
        if (statement.Body is Genesis != (state.Size == 0))
            return RegistryRule.GenesisFirst;
        if (statement.RegistryId != state.Id)
            return RegistryRule.OtherRegistry;
        if (state.Contains(statement.Id))
            return RegistryRule.Repeated;
        if (statement.BaseSize > state.Size || (state.Size > 0 && statement.BaseSize == 0))
            return RegistryRule.BaseSize;
        return statement.BaseRoot == state.RootAt(statement.BaseSize) ? null : RegistryRule.BaseRoot;
    }

    private static RegistryRule? CheckFounders(Genesis genesis)
    {
        bool sound = genesis.Founders.Count is > 0 and <= ProtocolLimits.Founders
            && genesis.Founders.All(static founder => founder.Tokens.Count is > 0 and <= ProtocolLimits.TokensPerUser
                && founder.Tokens.All(static token => token.SignatureKey is not null));
        if (!sound)
            return RegistryRule.Founders;
        if (genesis.Founders.DistinctBy(static founder => founder.Handle.Skeleton).Count() != genesis.Founders.Count)
            return RegistryRule.HandleTaken;
        var spkis = genesis.NewTokens().SelectMany(static token => token.SpkiHashes()).ToList();
        if (spkis.Distinct().Count() != spkis.Count)
            return RegistryRule.KeyTaken;
        return genesis.Policy.Version == 0 && genesis.Policy.Fault is null ? null : RegistryRule.PolicyVersion;
    }

    private static RegistryRule? CheckSuperseded(RegistryState state, SignedStatement signed)
    {
        foreach (Subject subject in Subjects(signed.Statement.Body).Concat(SubjectsOfSigners(state, signed)))
        {
            if (state.LastChanges.TryGetValue(subject, out ulong last) && last >= signed.Statement.BaseSize)
                return RegistryRule.Superseded;
        }
        return null;
    }

    private static IEnumerable<Subject> Subjects(StatementBody body) => body switch
    {
        Genesis genesis => genesis.Founders.Select(static founder => Subject.Of(founder.Handle)).Append(Subject.Policy).Append(Subject.Relay),
        Invite invite => [Subject.OfInvite(KeyHash.Of(invite.InviteKey.ToArray()))],
        Enrol enrol => [Subject.Of(enrol.Handle), Subject.Of(enrol.Token.TokenId)],
        AddToken add => [Subject.Of(add.Handle), Subject.Of(add.Token.TokenId)],
        Revoke revoke => [Subject.Of(revoke.Token)],
        SignOut signOut => [Subject.Of(signOut.Token)],
        RoleChange role => [Subject.Of(role.Handle)],
        PolicyChange => [Subject.Policy],
        RelayChange => [Subject.Relay],
        _ => [],
    };

    // A signature by somebody about whom something was said since is held back too: who was demoted and appointed again has
    // not signed now what was signed before. The signer's user counts, not only the subject of the statement.
    private static IEnumerable<Subject> SubjectsOfSigners(RegistryState state, SignedStatement signed)
    {
        foreach (StatementSignature signature in signed.Signatures)
        {
            yield return Subject.OfSigner(signature.Signer);
            if (StatementSigners.TokenOf(state, signature.Signer) is { } token)
                yield return Subject.Of(token.Handle);
        }
    }

    private static RegistryRule? CheckBody(RegistryState state, RegistryLeaf leaf) => leaf.Statement.Statement.Body switch
    {
        Invite invite => CheckInvite(state, invite, leaf.AppendedAt),
        Enrol enrol => CheckEnrol(state, enrol, leaf),
        AddToken add => CheckAddToken(state, add),
        Revoke revoke => CheckToken(state, revoke.Token),
        SignOut signOut => CheckToken(state, signOut.Token),
        RoleChange role => CheckRole(state, role),
        PolicyChange change => change.Policy.Version == state.Policy.Version + 1 && change.Policy.Fault is null ? null : RegistryRule.PolicyVersion,
        _ => null,
    };

    private static RegistryRule? CheckInvite(RegistryState state, Invite invite, ulong appendedAt)
    {
        if (invite.Expiry <= appendedAt || invite.Expiry - appendedAt > ProtocolLimits.InviteLifetime)
            return RegistryRule.InviteLifetime;
        return state.Invite(KeyHash.Of(invite.InviteKey.ToArray())) is null ? null : RegistryRule.InviteSpent;
    }

    private static RegistryRule? CheckEnrol(RegistryState state, Enrol enrol, RegistryLeaf leaf)
    {
        RegistryInvite invite = StatementSigners.InviteOf(state, leaf.Statement)!;
        if (invite.UsedAt is not null)
            return RegistryRule.InviteSpent;
        if (invite.Statement.Expiry < leaf.AppendedAt)
            return RegistryRule.InviteExpired;
        if (invite.Statement.Handle is { } reserved && reserved != enrol.Handle)
            return RegistryRule.InviteHandle;
        if (state.Skeletons.Contains(enrol.Handle.Skeleton))
            return RegistryRule.HandleTaken;
        return CheckKeys(state, enrol.Token);
    }

    private static RegistryRule? CheckAddToken(RegistryState state, AddToken add)
    {
        if (state.User(add.Handle) is not { } user)
            return RegistryRule.UserUnknown;
        if (user.Tokens.Count(id => state.Tokens[id].RevokedAt is null) >= ProtocolLimits.TokensPerUser)
            return RegistryRule.TokensPerUser;
        return CheckKeys(state, add.Token);
    }

    private static RegistryRule? CheckKeys(RegistryState state, TokenEnrolment token)
    {
        var spkis = token.SpkiHashes().ToList();
        return spkis.Distinct().Count() == spkis.Count && !spkis.Exists(state.Spkis.Contains) ? null : RegistryRule.KeyTaken;
    }

    private static RegistryRule? CheckToken(RegistryState state, TokenId id) => state.Token(id) switch
    {
        null => RegistryRule.TokenUnknown,
        { RevokedAt: not null } => RegistryRule.TokenRevoked,
        _ => null,
    };

    private static RegistryRule? CheckRole(RegistryState state, RoleChange change)
    {
        if (state.User(change.Handle) is not { } user)
            return RegistryRule.UserUnknown;
        bool sound = (user.Role == Role.Bot) == (change.Role == Role.Bot) && (change.Role != Role.Admin || state.CanSignAsAdmin(change.Handle));
        return sound ? null : RegistryRule.RoleChange;
    }

    private static RegistryState Advance(RegistryState state, RegistryLeaf leaf)
    {
        Statement statement = leaf.Statement.Statement;
        return state.With(change =>
        {
            change.Frontier = change.Frontier.Append(leaf.Hash);
            change.AppendedAt = leaf.AppendedAt;
            change.Statements = change.Statements.Add(statement.Id);
            foreach (Subject subject in Subjects(statement.Body))
                change.Touched(subject);
            foreach (StatementSignature signature in leaf.Statement.Signatures)
                change.Touched(Subject.OfSigner(signature.Signer));
            Take(change, state, leaf.Statement);
        });
    }

    private static void Take(RegistryChange change, RegistryState before, SignedStatement signed)
    {
        switch (signed.Statement.Body)
        {
            case Genesis genesis:
                change.Id = new RegistryId(signed.Statement.Id.Value);
                change.Policies = change.Policies.Add((change.Index, genesis.Policy));
                change.RelayKeys = change.RelayKeys.Add((change.Index, genesis.RelayKey));
                change.RecoveryKey = genesis.RecoveryKey;
                foreach (Founder founder in genesis.Founders)
                {
                    change.AddUser(founder.Handle, Role.Admin);
                    foreach (TokenEnrolment token in founder.Tokens)
                        change.AddToken(founder.Handle, token, null);
                }
                break;
            case Invite invite:
                change.Invites = change.Invites.Add(KeyHash.Of(invite.InviteKey.ToArray()), new RegistryInvite(invite, null));
                break;
            case Enrol enrol:
                RegistryInvite used = StatementSigners.InviteOf(before, signed)!;
                change.Invites = change.Invites.SetItem(KeyHash.Of(used.Statement.InviteKey.ToArray()), used with { UsedAt = change.Index });
                change.AddUser(enrol.Handle, used.Statement.Role);
                change.AddToken(enrol.Handle, enrol.Token, null);
                break;
            case AddToken add:
                change.AddToken(add.Handle, add.Token, StatementSigners.AdderOf(before, signed, add.Handle));
                break;
            case Revoke revoke:
                foreach (TokenId id in RevokedBy(before, revoke))
                    change.RevokeToken(id);
                break;
            case SignOut signOut:
                change.SignTokenOut(signOut.Token);
                break;
            case RoleChange role:
                change.SetRole(role.Handle, role.Role, role.Rooms);
                break;
            case PolicyChange policy:
                change.Policies = change.Policies.Add((change.Index, policy.Policy));
                break;
            case RelayChange relay:
                change.RelayKeys = change.RelayKeys.Add((change.Index, relay.RelayKey));
                break;
            default:
                throw new InvalidOperationException("A statement of an unknown kind has passed the checks.");
        }
    }

    /// <summary>The tokens that a revoke puts out: its own and, where it says so, what that token added since, and what those added.</summary>
    internal static IReadOnlyList<TokenId> RevokedBy(RegistryState state, Revoke revoke)
    {
        var revoked = new List<TokenId> { revoke.Token };
        if (!revoke.AlsoAdded || state.Token(revoke.Token) is not { } first)
            return revoked;
        // A user's tokens are listed oldest first, so that whoever added one stands before it.
        foreach (TokenId id in state.Users[first.Handle].Tokens)
        {
            RegistryToken token = state.Tokens[id];
            if (token.AddedBy is { } adder && token.EnrolledAt >= revoke.SuspectSince && revoked.Contains(adder) && !revoked.Contains(id))
                revoked.Add(id);
        }
        return revoked;
    }

    private static RegistryRule? CheckAdmins(RegistryState next, SignedStatement signed)
    {
        int threshold = next.Policy.Threshold;
        int required = signed.Statement.Body switch
        {
            Genesis or PolicyChange => threshold,
            RoleChange { Role: Role.Member } => threshold,
            // A stolen token must go even where that leaves fewer than the threshold; never where it leaves nobody.
            Revoke => 1,
            _ => 0,
        };
        return required == 0 || next.Admins.Count(next.CanSignAsAdmin) >= required ? null : RegistryRule.AdminsRemain;
    }

    private static RegistryVerdict? EvidenceOf(RegistryState next, RegistryLeaf leaf, EvidenceJudge evidence)
    {
        IEnumerable<(Handle Handle, TokenEnrolment Token)> enrolled = leaf.Statement.Statement.Body switch
        {
            Genesis genesis => genesis.Founders.SelectMany(static founder => founder.Tokens.Select(token => (founder.Handle, token))),
            Enrol enrol => [(enrol.Handle, enrol.Token)],
            AddToken add => [(add.Handle, add.Token)],
            _ => [],
        };
        if (next.Policy.Evidence == EvidenceRule.Vouched || ReferenceEquals(evidence, EvidenceJudge.AlreadyJudged))
            return null;
        foreach ((Handle handle, TokenEnrolment token) in enrolled)
        {
            if (evidence.Source(token.Evidence) is not { } blob || Digest.Of(blob.Span) != token.Evidence)
                return RegistryVerdict.Broken(RegistryRule.EvidenceMissing);
            var question = new EvidenceQuestion(token, blob, next.Policy, next.Users[handle].Role, leaf.AppendedAt);
            if (evidence.Check(question) is { } fault)
                return new RegistryVerdict(null, RegistryRule.EvidenceRefused, fault);
        }
        return null;
    }
}
