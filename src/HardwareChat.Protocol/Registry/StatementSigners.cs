namespace HardwareChat.Protocol;

// Who signs what. 9A speaks for the person, 9C for the admin: a signature by 9A never counts as an admin's.
//
//   genesis    every founder token, 9A and 9C
//   invite     an admin; or a member's 9A where the policy lets members invite, for another member
//   enrol      the new 9A (and 9C), the invite key; an admin where evidence is vouched
//   add_token  an older token of that user (9A), the new 9A (and 9C); an admin where evidence is vouched, and for a bot
//   revoke     a token of that user (9A), or an admin
//   sign_out   a token of that user (9A), or an admin
//   role       policy.threshold admins, or the recovery key
//   policy     policy.threshold admins
//   relay      policy.threshold admins, or the recovery key
//
// Nobody else signs: a signature that the kind does not ask for is refused, so that nothing rides along unseen.

/// <summary>Rule 1 of the registry: the signers are what the kind asks for, and every signature verifies.</summary>
internal static class StatementSigners
{
    private enum SignerPart
    {
        NewKey,
        Person,
        Admin,
        Invite,
        Recovery,
    }

    private sealed record Signer(SignerPart Part, VerifyingKey Key, Handle? Handle, TokenId? Token);

    /// <summary>The rule that the signers break; null if none. <paramref name="ahead"/> may know some of the answers.</summary>
    public static RegistryRule? Check(RegistryState state, SignedStatement signed, ReadAhead? ahead = null)
    {
        if (signed.Signatures.DistinctBy(static signature => signature.Signer).Count() != signed.Signatures.Count)
            return RegistryRule.SignerTwice;
        var signers = new List<Signer>(signed.Signatures.Count);
        foreach (StatementSignature signature in signed.Signatures)
        {
            if (Resolve(state, signed.Statement.Body, signature.Signer) is not { } signer)
                return RegistryRule.SignerUnknown;
            signers.Add(signer);
        }
        if (CheckParts(state, signed.Statement.Body, signers) is { } rule)
            return rule;
        for (int i = 0; i < signers.Count; i++)
        {
            StatementSignature signature = signed.Signatures[i];
            VerifyingKey key = signers[i].Key;
            bool isSigned = ahead?.IsSigned(signed.Statement, signature, key) ?? ReadAhead.IsSignedBy(signed.Statement, signature, key);
            if (!isSigned)
                return RegistryRule.Signature;
        }
        return null;
    }

    /// <summary>The enrolled token of this signer, by 9A or 9C; null if it is no token's.</summary>
    public static RegistryToken? TokenOf(RegistryState state, Digest signer)
        => state.Token(new TokenId(signer)) ?? (state.SignatureKeys.TryGetValue(new KeyHash(signer), out TokenId id) ? state.Token(id) : null);

    /// <summary>The invite whose key signed.</summary>
    public static RegistryInvite? InviteOf(RegistryState state, SignedStatement signed)
        => signed.Signatures.Select(signature => state.Invite(new KeyHash(signature.Signer))).FirstOrDefault(static invite => invite is not null);

    /// <summary>The key of an invite.</summary>
    public static VerifyingKey KeyOf(Invite invite) => Ed25519(invite.InviteKey);

    /// <summary>The older token of that user that signed.</summary>
    public static TokenId? AdderOf(RegistryState state, SignedStatement signed, Handle handle)
        => signed.Signatures.Select(static signature => new TokenId(signature.Signer)).Where(id => state.Token(id)?.Handle == handle).Cast<TokenId?>().FirstOrDefault();

    private static Signer? Resolve(RegistryState state, StatementBody body, Digest signer)
    {
        foreach (TokenEnrolment token in body.NewTokens())
        {
            if (token.TokenId.Value == signer)
                return new Signer(SignerPart.NewKey, token.AuthenticationKey, null, token.TokenId);
            if (token.SignatureKeyHash?.Value == signer)
                return new Signer(SignerPart.NewKey, token.SignatureKey!, null, token.TokenId);
        }
        if (state.Token(new TokenId(signer)) is { } person)
            return person.RevokedAt is null ? new Signer(SignerPart.Person, person.Keys.AuthenticationKey, person.Handle, person.Keys.TokenId) : null;
        if (TokenOf(state, signer) is { } token9C)
        {
            bool admin = token9C.RevokedAt is null && state.Admins.Contains(token9C.Handle);
            return admin ? new Signer(SignerPart.Admin, token9C.Keys.SignatureKey!, token9C.Handle, token9C.Keys.TokenId) : null;
        }
        if (state.Invite(new KeyHash(signer)) is { } invite)
            return new Signer(SignerPart.Invite, KeyOf(invite.Statement), null, null);
        if (state.RecoveryKey is { } recovery && KeyHash.Of(recovery.ToArray()).Value == signer)
            return new Signer(SignerPart.Recovery, Ed25519(recovery), null, null);
        return null;
    }

    private static RegistryRule? CheckParts(RegistryState state, StatementBody body, List<Signer> signers) => body switch
    {
        Genesis genesis => CheckExactly(signers, newKeys: genesis.Founders.Sum(static founder => 2 * founder.Tokens.Count)),
        Invite invite => CheckInviter(state, invite, signers),
        Enrol enrol => CheckExactly(signers, NewKeys(enrol.Token), invites: 1, admins: state.Policy.Evidence == EvidenceRule.Vouched ? 1 : 0),
        AddToken add => CheckAdder(state, add, signers),
        Revoke revoke => CheckOwnerOrAdmin(state, revoke.Token, signers),
        SignOut signOut => CheckOwnerOrAdmin(state, signOut.Token, signers),
        RoleChange or RelayChange when signers is [{ Part: SignerPart.Recovery }] => null,
        RoleChange or RelayChange or PolicyChange => CheckThreshold(state, signers),
        _ => RegistryRule.SignerNotEntitled,
    };

    private static RegistryRule? CheckExactly(List<Signer> signers, int newKeys = 0, int persons = 0, int admins = 0, int invites = 0)
    {
        RegistryRule? fault = null;
        foreach ((SignerPart part, int wanted) in ((SignerPart, int)[])
            [(SignerPart.NewKey, newKeys), (SignerPart.Person, persons), (SignerPart.Admin, admins), (SignerPart.Invite, invites), (SignerPart.Recovery, 0)])
        {
            int found = signers.Count(signer => signer.Part == part);
            if (found > wanted)
                return RegistryRule.SignerNotEntitled;
            if (found < wanted)
                fault = RegistryRule.SignerMissing;
        }
        return fault;
    }

    private static RegistryRule? CheckInviter(RegistryState state, Invite invite, List<Signer> signers) => signers switch
    {
        [] => RegistryRule.SignerMissing,
        [{ Part: SignerPart.Admin }] => null,
        [{ Part: SignerPart.Person, Handle: { } inviter }] when state.Policy.Inviters == Who.Members
            && invite.Role == Role.Member && state.Users[inviter].Role != Role.Bot => null,
        _ => RegistryRule.SignerNotEntitled,
    };

    private static RegistryRule? CheckAdder(RegistryState state, AddToken add, List<Signer> signers)
    {
        if (signers.Exists(signer => signer.Part == SignerPart.Person && signer.Handle != add.Handle))
            return RegistryRule.SignerNotEntitled;
        bool vouched = state.Policy.Evidence == EvidenceRule.Vouched || state.User(add.Handle)?.Role == Role.Bot;
        return CheckExactly(signers, NewKeys(add.Token), persons: 1, admins: vouched ? 1 : 0);
    }

    private static RegistryRule? CheckOwnerOrAdmin(RegistryState state, TokenId token, List<Signer> signers) => signers switch
    {
        [] => RegistryRule.SignerMissing,
        [{ Part: SignerPart.Admin }] => null,
        [{ Part: SignerPart.Person, Handle: { } handle }] when state.Token(token) is not { } owned || owned.Handle == handle => null,
        _ => RegistryRule.SignerNotEntitled,
    };

    private static RegistryRule? CheckThreshold(RegistryState state, List<Signer> signers)
    {
        if (signers.Exists(static signer => signer.Part != SignerPart.Admin))
            return RegistryRule.SignerNotEntitled;
        // One admin with two tokens is one admin.
        return signers.Select(static signer => signer.Handle).Distinct().Count() >= state.Policy.Threshold ? null : RegistryRule.SignerMissing;
    }

    private static int NewKeys(TokenEnrolment token) => token.SignatureKey is null ? 1 : 2;

    private static VerifyingKey Ed25519(Digest key) => VerifyingKey.FromRaw(SignatureScheme.Ed25519, key.ToArray());
}
