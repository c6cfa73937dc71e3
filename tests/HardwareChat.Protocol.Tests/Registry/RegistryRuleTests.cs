using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>Each rule of the registry, broken by exactly that.</summary>
public sealed class RegistryRuleTests
{
    private readonly TestCommunity _community = new();

    private TestToken Alice => _community.Token("alice");

    [Fact]
    public void A_leaf_that_is_no_leaf_stops_the_replica_as_Malformed()
    {
        RegistryReplica replica = _community.Replica();
        Assert.Equal(HeadVerdict.Stopped, replica.Accept([[1, 2, 3]], _community.Checkpoint()));
        Assert.Equal(RegistryRule.Malformed, replica.Stop!.Rule);
        Assert.False(replica.IsSound);
    }

    [Fact]
    public void UnknownVersion_is_told_from_malformed()
    {
        byte[] future = [0, 2, .. "whatever a later version says"u8];
        var statement = Statement.Decode(future);
        Assert.Equal(RegistryRule.UnknownVersion, _community.Refused(new SignedStatement(statement, [])));
    }

    [Fact]
    public void UnknownKind_is_told_from_malformed()
    {
        SignedStatement future = _community.Sign(new UnknownBody((StatementKind)10, [1, 2, 3]), Alice.As9C);
        Assert.Equal(RegistryRule.UnknownKind, _community.Refused(SignedStatement.Decode(Wire.TlsWriter.Encode(future))));
    }

    [Fact]
    public void GenesisFirst_and_only_first()
    {
        var other = new TestCommunity();
        Assert.Equal(RegistryRule.GenesisFirst, _community.Refused(other.Genesis));
        SignedStatement invite = _community.Sign(new Invite(default, null, Role.Member, _community.Time + 1), Alice.As9C);
        RegistryVerdict verdict = RegistryMachine.Apply(RegistryState.Empty, new RegistryLeaf(invite, 0), _community.Judge);
        Assert.Equal(RegistryRule.GenesisFirst, verdict.Rule);
    }

    [Fact]
    public void OtherRegistry_is_refused()
    {
        var other = new TestCommunity();
        Assert.Equal(RegistryRule.OtherRegistry, _community.Refused(other.Sign(new SignOut(Alice.Id), Alice.As9A)));
    }

    [Fact]
    public void TimeGoesBack_is_refused()
    {
        SignedStatement signOut = _community.Sign(new SignOut(Alice.Id), Alice.As9A);
        _community.Time = TestCommunity.Start - 1;
        Assert.Equal(RegistryRule.TimeGoesBack, _community.Refused(signOut));
    }

    [Fact]
    public void Repeated_is_refused_by_what_was_signed()
    {
        SignedStatement signOut = _community.Append(_community.Sign(new SignOut(Alice.Id), Alice.As9A));
        Assert.Equal(RegistryRule.Repeated, _community.Refused(signOut));
        Assert.Equal(RegistryRule.Repeated, _community.Refused(signOut with { Signatures = [Alice.As9A(signOut.Statement)] }));
    }

    [Fact]
    public void BaseSize_beyond_the_log_is_refused()
    {
        SignedStatement later = Rebase(new SignOut(Alice.Id), _community.State.Size + 1, _community.State.Root);
        Assert.Equal(RegistryRule.BaseSize, _community.Refused(later));
        Assert.Equal(RegistryRule.BaseSize, _community.Refused(Rebase(new SignOut(Alice.Id), 0, MerkleTree.EmptyRoot)));
    }

    [Fact]
    public void BaseRoot_of_another_history_is_refused()
        => Assert.Equal(RegistryRule.BaseRoot, _community.Refused(Rebase(new SignOut(Alice.Id), 1, Digest.Of([1]))));

    [Fact]
    public void Superseded_by_the_same_subject()
    {
        TestToken bob = _community.Enrol("bob");
        TestToken carol = _community.Enrol("carol");
        _community.Append(_community.RoleStatement("carol", Role.Admin));
        ulong head = _community.State.Size;
        SignedStatement heldBack = _community.Sign(new RoleChange(Handle.Parse("bob"), Role.Admin, []), head, carol.As9C);
        _community.Append(_community.Sign(new Revoke(bob.Id, RevocationReason.Lost, 0, false), Alice.As9C));
        Assert.Equal(RegistryRule.Superseded, _community.Refused(heldBack));
    }

    [Fact]
    public void Superseded_by_the_same_signer()
    {
        ulong head = _community.State.Size;
        SignedStatement first = _community.Sign(new Invite(Digest.Of([1]), null, Role.Member, _community.Time + 60), head, Alice.As9C);
        SignedStatement second = _community.Sign(new Invite(Digest.Of([2]), null, Role.Member, _community.Time + 60), head, Alice.As9C);
        _community.Append(first);
        Assert.Equal(RegistryRule.Superseded, _community.Refused(second));
    }

    [Fact]
    public void Superseded_by_what_was_said_about_the_signer()
    {
        TestToken bob = _community.Enrol("bob");
        _community.Append(_community.RoleStatement("bob", Role.Admin));
        ulong head = _community.State.Size;
        SignedStatement heldBack = _community.Sign(new Invite(Digest.Of([1]), null, Role.Member, _community.Time + 60), head, bob.As9C);
        _community.Append(_community.RoleStatement("bob", Role.Member));
        _community.Append(_community.RoleStatement("bob", Role.Admin));
        Assert.Equal(RegistryRule.Superseded, _community.Refused(heldBack));
    }

    [Fact]
    public void SignerTwice_is_refused()
        => Assert.Equal(RegistryRule.SignerTwice, _community.Refused(_community.Sign(new SignOut(Alice.Id), Alice.As9A, Alice.As9A)));

    [Fact]
    public void SignerUnknown_for_a_stranger_and_for_a_revoked_token()
    {
        var stranger = TestToken.Create();
        Assert.Equal(RegistryRule.SignerUnknown, _community.Refused(_community.Sign(new SignOut(Alice.Id), stranger.As9A)));
        TestToken bob = _community.Enrol("bob");
        _community.AddToken("bob");
        _community.Append(_community.RevokeStatement(bob, Alice));
        Assert.Equal(RegistryRule.SignerUnknown, _community.Refused(_community.Sign(new SignOut(_community.Token("bob", 1).Id), bob.As9A)));
    }

    [Fact]
    public void SignerUnknown_for_the_9C_of_somebody_who_is_no_admin()
    {
        TestToken bob = _community.Enrol("bob");
        Assert.Equal(RegistryRule.SignerUnknown, _community.Refused(_community.RoleStatement("bob", Role.Admin, bob)));
    }

    [Fact]
    public void SignerNotEntitled_for_the_9A_of_an_admin()
    {
        _community.Enrol("bob");
        SignedStatement role = _community.Sign(new RoleChange(Handle.Parse("bob"), Role.Admin, []), Alice.As9A);
        Assert.Equal(RegistryRule.SignerNotEntitled, _community.Refused(role));
    }

    [Fact]
    public void SignerNotEntitled_for_another_user_and_for_a_rider()
    {
        TestToken bob = _community.Enrol("bob");
        Assert.Equal(RegistryRule.SignerNotEntitled, _community.Refused(_community.Sign(new SignOut(Alice.Id), bob.As9A)));
        Assert.Equal(RegistryRule.SignerNotEntitled, _community.Refused(_community.Sign(new SignOut(bob.Id), bob.As9A, Alice.As9A)));
        SignedStatement invite = _community.Sign(new Invite(Digest.Of([1]), null, Role.Member, _community.Time + 60), bob.As9A);
        Assert.Equal(RegistryRule.SignerNotEntitled, _community.Refused(invite));
    }

    [Fact]
    public void SignerMissing_where_an_enrolment_lacks_the_new_key_the_invite_or_its_9C()
    {
        Key invite = _community.Invite();
        TestToken bob = _community.NewToken("bob");
        var enrol = new Enrol(Handle.Parse("bob"), bob.Enrolment);
        Assert.Equal(RegistryRule.SignerMissing, _community.Refused(_community.Sign(enrol, bob.As9A, bob.As9C)));
        Assert.Equal(RegistryRule.SignerMissing, _community.Refused(_community.Sign(enrol, bob.As9A, TestCommunity.By(invite))));
        Assert.Equal(RegistryRule.SignerMissing, _community.Refused(_community.Sign(enrol, bob.As9C, TestCommunity.By(invite))));
    }

    [Fact]
    public void SignerMissing_below_the_threshold_where_one_admin_signs_with_two_tokens()
    {
        var two = new TestCommunity(new RegistryPolicy { Version = 0, AttestationRoots = [], Threshold = 2 }, "alice", "bob");
        two.AddToken("alice");
        two.Enrol("carol");
        Assert.Equal(RegistryRule.SignerMissing, two.Refused(two.RoleStatement("carol", Role.Admin, two.Token("alice"), two.Token("alice", 1))));
        two.Append(two.RoleStatement("carol", Role.Admin, two.Token("alice"), two.Token("bob")));
    }

    [Fact]
    public void SignerMissing_where_the_policy_asks_for_a_voucher()
    {
        var vouched = new TestCommunity(new RegistryPolicy { Version = 0, AttestationRoots = [], Evidence = EvidenceRule.Vouched });
        Key invite = vouched.Invite();
        TestToken bob = vouched.NewToken("bob");
        vouched.LoseEvidence(bob);
        Assert.Equal(RegistryRule.SignerMissing, vouched.Refused(vouched.EnrolStatement("bob", bob, invite)));
        vouched.Append(vouched.Sign(
            new Enrol(Handle.Parse("bob"), bob.Enrolment), bob.As9A, bob.As9C, TestCommunity.By(invite), vouched.Token("alice").As9C));
    }

    [Fact]
    public void Signature_that_does_not_verify_is_refused()
    {
        SignedStatement signOut = _community.Sign(new SignOut(Alice.Id), Alice.As9A);
        byte[] broken = signOut.Signatures[0].Signature;
        broken[5] ^= 1;
        Assert.Equal(RegistryRule.Signature, _community.Refused(signOut));
    }

    [Fact]
    public void Founders_need_a_token_with_a_9C_key()
    {
        var token = TestToken.Create(admin: false);
        var genesis = new Genesis([new Founder(Handle.Parse("alice"), [token.Enrolment])], default, _community.State.Policy, null);
        Assert.Equal(RegistryRule.Founders, Found(genesis, token.As9A));
        Assert.Equal(RegistryRule.Founders, Found(genesis with { Founders = [] }));
        Assert.Equal(RegistryRule.Founders, Found(genesis with { Founders = [new Founder(Handle.Parse("alice"), [])] }));
    }

    [Fact]
    public void InviteSpent_twice_is_refused()
    {
        Key invite = _community.Invite();
        _community.Append(_community.EnrolStatement("bob", _community.NewToken("bob"), invite));
        Assert.Equal(RegistryRule.InviteSpent, _community.Refused(_community.EnrolStatement("carol", _community.NewToken("carol"), invite)));
        SignedStatement again = _community.Sign(new Invite(TestCommunity.Raw(invite), null, Role.Member, _community.Time + 60), Alice.As9C);
        Assert.Equal(RegistryRule.InviteSpent, _community.Refused(again));
    }

    [Fact]
    public void InviteExpired_by_appended_at()
    {
        Key invite = _community.Invite();
        SignedStatement enrol = _community.EnrolStatement("bob", _community.NewToken("bob"), invite);
        _community.Time += 3601;
        Assert.Equal(RegistryRule.InviteExpired, _community.Refused(enrol));
    }

    [Fact]
    public void InviteLifetime_of_more_than_thirty_days_or_none_is_refused()
    {
        ulong now = _community.Time;
        Assert.Equal(RegistryRule.InviteLifetime, _community.Refused(Invite(now)));
        Assert.Equal(RegistryRule.InviteLifetime, _community.Refused(Invite(now + ProtocolLimits.InviteLifetime + 1)));
        _community.Append(Invite(now + ProtocolLimits.InviteLifetime));

        SignedStatement Invite(ulong expiry) => _community.Sign(new Invite(Digest.Of([1]), null, Role.Member, expiry), Alice.As9C);
    }

    [Fact]
    public void InviteHandle_is_kept_for_whom_it_names()
    {
        Key invite = _community.Invite("bob");
        Assert.Equal(RegistryRule.InviteHandle, _community.Refused(_community.EnrolStatement("carol", _community.NewToken("carol"), invite)));
        _community.Append(_community.EnrolStatement("bob", _community.NewToken("bob"), invite));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("al1ce")]
    [InlineData("allce")]
    public void HandleTaken_by_the_same_or_a_look_alike(string handle)
    {
        Key invite = _community.Invite();
        Assert.Equal(RegistryRule.HandleTaken, _community.Refused(_community.EnrolStatement(handle, _community.NewToken("x"), invite)));
    }

    [Fact]
    public void HandleTaken_stays_taken_when_its_user_is_out()
    {
        TestToken bob = _community.Enrol("bob");
        _community.Append(_community.RevokeStatement(bob, Alice));
        Key invite = _community.Invite();
        Assert.Equal(RegistryRule.HandleTaken, _community.Refused(_community.EnrolStatement("bob", _community.NewToken("bob"), invite)));
    }

    [Fact]
    public void UserUnknown_has_no_role()
        => Assert.Equal(RegistryRule.UserUnknown, _community.Refused(_community.RoleStatement("nobody", Role.Member)));

    [Fact]
    public void KeyTaken_by_an_earlier_enrolment_even_a_revoked_one()
    {
        TestToken bob = _community.Enrol("bob");
        _community.Append(_community.RevokeStatement(bob, Alice));
        Key invite = _community.Invite();
        Assert.Equal(RegistryRule.KeyTaken, _community.Refused(_community.EnrolStatement("carol", bob, invite)));
    }

    [Fact]
    public void KeyTaken_by_any_slot()
    {
        Key invite = _community.Invite();
        var fresh = TestToken.Create();
        var stolen9D = new TokenEnrolment(
            fresh.Enrolment.AuthenticationSpki, Alice.Enrolment.AgreementSpki, fresh.Enrolment.SignatureSpki, fresh.Enrolment.Evidence);
        SignedStatement enrol = _community.Sign(
            new Enrol(Handle.Parse("bob"), stolen9D), fresh.As9A, fresh.As9C, TestCommunity.By(invite));
        Assert.Equal(RegistryRule.KeyTaken, _community.Refused(enrol));
    }

    [Fact]
    public void TokensPerUser_are_eight()
    {
        for (int i = 1; i < ProtocolLimits.TokensPerUser; i++)
            _community.AddToken("alice");
        Assert.Equal(RegistryRule.TokensPerUser, _community.Refused(_community.AddTokenStatement("alice", Alice, _community.NewToken("alice"))));
    }

    [Fact]
    public void TokenUnknown_cannot_be_revoked()
        => Assert.Equal(RegistryRule.TokenUnknown, _community.Refused(_community.RevokeStatement(TestToken.Create(), Alice)));

    [Fact]
    public void TokenRevoked_cannot_be_revoked_again()
    {
        TestToken bob = _community.Enrol("bob");
        _community.Append(_community.RevokeStatement(bob, Alice));
        Assert.Equal(RegistryRule.TokenRevoked, _community.Refused(_community.RevokeStatement(bob, Alice)));
    }

    [Fact]
    public void RoleChange_to_admin_needs_a_9C_key()
    {
        _community.Enrol("bob", admin: false);
        Assert.Equal(RegistryRule.RoleChange, _community.Refused(_community.RoleStatement("bob", Role.Admin)));
    }

    [Fact]
    public void RoleChange_neither_to_nor_from_bot()
    {
        _community.Enrol("bob");
        _community.Enrol("helper", role: Role.Bot);
        Assert.Equal(RegistryRule.RoleChange, _community.Refused(_community.RoleStatement("bob", Role.Bot)));
        Assert.Equal(RegistryRule.RoleChange, _community.Refused(_community.RoleStatement("helper", Role.Member)));
        _community.Append(_community.Sign(new RoleChange(Handle.Parse("helper"), Role.Bot, [new RoomId(Digest.Of([1]))]), Alice.As9C));
    }

    [Fact]
    public void PolicyVersion_is_the_next_one()
    {
        Assert.Equal(RegistryRule.PolicyVersion, _community.Refused(Policy(0)));
        Assert.Equal(RegistryRule.PolicyVersion, _community.Refused(Policy(2)));
        _community.Append(Policy(1));

        SignedStatement Policy(ulong version)
            => _community.Sign(new PolicyChange(new RegistryPolicy { Version = version, AttestationRoots = [] }), Alice.As9C);
    }

    [Fact]
    public void EvidenceMissing_is_refused()
    {
        Key invite = _community.Invite();
        TestToken bob = _community.NewToken("bob");
        _community.LoseEvidence(bob);
        Assert.Equal(RegistryRule.EvidenceMissing, _community.Refused(_community.EnrolStatement("bob", bob, invite)));
    }

    [Fact]
    public void EvidenceRefused_says_why()
    {
        Key invite = _community.Invite();
        TestToken bob = _community.NewToken("bob");
        EvidenceQuestion? asked = null;
        _community.Evidence = question =>
        {
            asked = question;
            return EvidenceFault.TouchPolicy;
        };
        RegistryVerdict verdict = _community.Try(_community.EnrolStatement("bob", bob, invite));
        Assert.Equal((RegistryRule.EvidenceRefused, EvidenceFault.TouchPolicy), (verdict.Rule!.Value, verdict.Fault!.Value));
        Assert.Equal((bob.Id, _community.Time, Role.Member), (asked!.Token.TokenId, asked.AppendedAt, asked.Role));
    }

    [Fact]
    public void Evidence_is_asked_for_once_by_whoever_keeps_the_log()
    {
        Key invite = _community.Invite();
        RegistryState before = _community.State;
        TestToken bob = _community.NewToken("bob");
        SignedStatement enrol = _community.EnrolStatement("bob", bob, invite);
        _community.LoseEvidence(bob);
        Assert.NotNull(RegistryMachine.Apply(before, new RegistryLeaf(enrol, _community.Time), EvidenceJudge.AlreadyJudged).State);
        SignedStatement unsigned = enrol with { Signatures = [enrol.Signatures[0] with { Signature = new byte[64] }, .. enrol.Signatures.Skip(1)] };
        Assert.Equal(RegistryRule.Signature, RegistryMachine.Apply(before, new RegistryLeaf(unsigned, _community.Time), EvidenceJudge.AlreadyJudged).Rule);
    }

    [Fact]
    public void AdminsRemain_for_demotion_revocation_and_threshold()
    {
        Assert.Equal(RegistryRule.AdminsRemain, _community.Refused(_community.RoleStatement("alice", Role.Member)));
        Assert.Equal(RegistryRule.AdminsRemain, _community.Refused(_community.RevokeStatement(Alice, Alice)));
        var two = new RegistryPolicy { Version = 1, AttestationRoots = [], Threshold = 2 };
        Assert.Equal(RegistryRule.AdminsRemain, _community.Refused(_community.Sign(new PolicyChange(two), Alice.As9C)));
    }

    [Fact]
    public void Every_rule_of_the_registry_is_named_by_a_test()
        => RuleNames.AssertNamed<RegistryRule>(typeof(RegistryRuleTests));

    private SignedStatement Rebase(StatementBody body, ulong size, Digest root)
    {
        var statement = new Statement { RegistryId = _community.State.Id, BaseSize = size, BaseRoot = root, SignedAt = 0, Body = body };
        return new SignedStatement(statement, [Alice.As9A(statement)]);
    }

    private RegistryRule? Found(Genesis genesis, params Func<Statement, StatementSignature>[] signers)
    {
        var statement = new Statement { RegistryId = default, BaseSize = 0, BaseRoot = MerkleTree.EmptyRoot, SignedAt = 0, Body = genesis };
        var leaf = new RegistryLeaf(new SignedStatement(statement, [.. signers.Select(sign => sign(statement))]), 0);
        return RegistryMachine.Apply(RegistryState.Empty, leaf, _community.Judge).Rule;
    }
}
