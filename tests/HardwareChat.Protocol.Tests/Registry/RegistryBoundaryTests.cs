using System.Text;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>What stands close to a rule of the registry: who may almost sign, what almost fits, what is said a second time.</summary>
public sealed class RegistryBoundaryTests
{
    private readonly TestCommunity _community = new();

    private TestToken Alice => _community.Token("alice");

    [Fact]
    public void SignerNotEntitled_to_add_a_token_to_another_user()
    {
        TestToken bob = _community.Enrol("bob");
        TestToken own = _community.NewToken("bob");
        var add = new AddToken(Handle.Parse("alice"), own.Enrolment);
        Assert.Equal(RegistryRule.SignerNotEntitled, _community.Refused(_community.Sign(add, [bob.As9A, .. own.AllKeys()])));
        Assert.Equal(RegistryRule.SignerNotEntitled, _community.Refused(_community.Sign(add, [Alice.As9A, bob.As9A, .. own.AllKeys()])));
        Assert.Equal(RegistryRule.SignerMissing, _community.Refused(_community.Sign(add, own.AllKeys())));
    }

    [Fact]
    public void SignerNotEntitled_for_a_rider_on_an_enrolment()
    {
        Key invite = _community.Invite();
        TestToken bob = _community.NewToken("bob");
        SignedStatement enrol = _community.Sign(new Enrol(Handle.Parse("bob"), bob.Enrolment), [.. bob.AllKeys(), TestCommunity.By(invite), Alice.As9A]);
        Assert.Equal(RegistryRule.SignerNotEntitled, _community.Refused(enrol));
        enrol = _community.Sign(new Enrol(Handle.Parse("bob"), bob.Enrolment), [.. bob.AllKeys(), TestCommunity.By(invite), Alice.As9C]);
        Assert.Equal(RegistryRule.SignerNotEntitled, _community.Refused(enrol));
    }

    [Fact]
    public void SignerUnknown_for_the_9C_of_an_admins_token_that_is_revoked()
    {
        TestToken second = _community.AddToken("alice");
        _community.Append(_community.RevokeStatement(Alice, second));
        SignedStatement invite = _community.Sign(new Invite(Digest.Of([1]), null, Role.Member, _community.Time + 60), Alice.As9C);
        Assert.Equal(RegistryRule.SignerUnknown, _community.Refused(invite));
        _community.Append(_community.Sign(new Invite(Digest.Of([1]), null, Role.Member, _community.Time + 60), second.As9C));
    }

    [Fact]
    public void SignerNotEntitled_where_members_invite_for_a_bot_and_by_a_bot()
    {
        var open = new TestCommunity(new RegistryPolicy { Version = 0, AttestationRoots = [], Inviters = Who.Members });
        TestToken bob = open.Enrol("bob");
        TestToken helper = open.Enrol("helper", role: Role.Bot);
        SignedStatement Invite(byte key, Role role, TestToken by) => open.Sign(new Invite(Digest.Of([key]), null, role, open.Time + 60), by.As9A);
        Assert.Equal(RegistryRule.SignerNotEntitled, open.Refused(Invite(1, Role.Bot, bob)));
        Assert.Equal(RegistryRule.SignerNotEntitled, open.Refused(Invite(1, Role.Member, helper)));
        open.Append(Invite(1, Role.Member, bob));
    }

    [Fact]
    public void KeyTaken_by_another_slot_of_the_same_token()
    {
        Key invite = _community.Invite();
        var fresh = TestToken.Create();
        var doubled = new TokenEnrolment(fresh.Enrolment.AuthenticationSpki, fresh.Enrolment.SignatureSpki, fresh.Enrolment.SignatureSpki, Digest.Of([1]));
        SignedStatement enrol = _community.Sign(new Enrol(Handle.Parse("bob"), doubled), fresh.As9A, fresh.As9C, TestCommunity.By(invite));
        Assert.Equal(RegistryRule.KeyTaken, _community.Refused(enrol));
    }

    [Fact]
    public void A_genesis_names_each_person_and_key_once_and_begins_with_a_sound_policy_0()
    {
        TestToken one = TestToken.Create();
        TestToken two = TestToken.Create();
        RegistryPolicy policy = _community.State.Policy;
        Genesis Of(string first, TokenEnrolment a, string second, TokenEnrolment b)
            => new([new Founder(Handle.Parse(first), [a]), new Founder(Handle.Parse(second), [b])], default, policy, null);
        Assert.Equal(RegistryRule.HandleTaken, Found(Of("bob", one.Enrolment, "b0b", two.Enrolment)));
        Assert.Equal(RegistryRule.KeyTaken, Found(Of("bob", one.Enrolment, "carol", one.Enrolment)));
        Genesis good = Of("bob", one.Enrolment, "carol", two.Enrolment);
        Assert.Equal(RegistryRule.PolicyVersion, Found(good with { Policy = new RegistryPolicy { Version = 1, AttestationRoots = [] } }));
        Assert.Equal(RegistryRule.PolicyVersion, Found(good with { Policy = new RegistryPolicy { Version = 0, AttestationRoots = [], Threshold = 0 } }));
        Assert.Equal(RegistryRule.SignerMissing, Found(good));
    }

    [Fact]
    public void PolicyVersion_refuses_a_policy_out_of_its_ceilings_that_no_decoder_saw()
    {
        var policy = new RegistryPolicy { Version = 1, AttestationRoots = [], SessionLifetime = ProtocolLimits.SessionLifetimeCeiling + 1 };
        Assert.Equal(RegistryRule.PolicyVersion, _community.Refused(_community.Sign(new PolicyChange(policy), Alice.As9C)));
    }

    [Fact]
    public void An_invite_lets_in_to_its_last_second()
    {
        Key invite = _community.Invite();
        SignedStatement enrol = _community.EnrolStatement("bob", _community.NewToken("bob"), invite);
        ulong expiry = _community.State.Invite(KeyHash.Of(TestCommunity.Raw(invite).ToArray()))!.Statement.Expiry;
        _community.Time = expiry + 1;
        Assert.Equal(RegistryRule.InviteExpired, _community.Refused(enrol));
        _community.Time = expiry;
        _community.Append(enrol);
    }

    [Fact]
    public void What_also_added_meets_a_second_time_was_revoked_when_it_was()
    {
        TestToken bob = _community.Enrol("bob");
        TestToken added = _community.AddToken("bob");
        _community.Append(_community.RevokeStatement(added, Alice));
        ulong? first = _community.State.Token(added.Id)!.RevokedAt;
        _community.Append(_community.RevokeStatement(bob, Alice, alsoAdded: true));
        Assert.Equal(first, _community.State.Token(added.Id)!.RevokedAt);
        Assert.Equal([bob.Id], _community.State.LastPutOut);
    }

    [Fact]
    public void TokenUnknown_on_sight_fences_nothing()
    {
        var fence = new RevocationFence();
        var stranger = TestToken.Create();
        Assert.Equal(RegistryRule.TokenUnknown, fence.Take(_community.State, _community.RevokeStatement(stranger, Alice)));
        Assert.Empty(fence.Pending);
    }

    [Fact]
    public void A_replica_is_sound_from_its_first_head_and_stays_stopped_where_it_stopped()
    {
        RegistryReplica replica = _community.Replica();
        Assert.False(replica.IsSound);
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(_community.EncodedLeaves, _community.Checkpoint()));
        Assert.Equal(HeadVerdict.Accepted, replica.Accept([], _community.Checkpoint()));
        Assert.True(replica.IsSound);

        RegistryReplica stopped = _community.Replica();
        Assert.Equal(HeadVerdict.Stopped, stopped.Accept([[1]], _community.Checkpoint()));
        Assert.Equal(HeadVerdict.Stopped, stopped.Accept(_community.EncodedLeaves, _community.Checkpoint()));
        Assert.False(stopped.IsSound);
    }

    [Fact]
    public void A_replica_reads_its_own_registry_alone()
    {
        var other = new TestCommunity();
        var replica = new RegistryReplica(_community.State.Id, other.Judge);
        Assert.Equal(HeadVerdict.Refused, replica.Accept(other.EncodedLeaves, other.Checkpoint()));

        // The other's leaves under a head that claims to be of this one.
        byte[] claim = Checkpoint.Of(_community.State.Id, other.State.Size, other.State.Root).Sign(other.RelayIdentity).Encode();
        Assert.Equal(HeadVerdict.Stopped, replica.Accept(other.EncodedLeaves, claim));
        Assert.Equal((0UL, RegistryRule.OtherRegistry), (replica.Stop!.Index, replica.Stop.Rule));
    }

    [Fact]
    public void A_cosignature_that_is_not_the_witnesss_over_this_head_is_none()
    {
        using Key key = Key.Create(SignatureAlgorithm.Ed25519);
        using Key stranger = Key.Create(SignatureAlgorithm.Ed25519);
        var witness = new WitnessKey("witness.example/w1", TestCommunity.Raw(key));
        SignedNote note = SignedNote.Parse(_community.Checkpoint());
        NoteSignature Line(Key by, ulong time, string text, int cut = 0)
        {
            byte[] signature = SignatureAlgorithm.Ed25519.Sign(by, Encoding.UTF8.GetBytes($"cosignature/v1\ntime {time}\n{text}"));
            byte[] timestamp = new byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(timestamp, time);
            uint id = SignedNote.KeyIdOf(witness.Name, SignedNote.CosignatureType, witness.PublicKey.ToArray());
            return new NoteSignature(witness.Name, id, [.. timestamp, .. signature.AsSpan(cut)]);
        }
        NoteSignature good = Line(key, TestCommunity.Start, note.Text);
        Assert.Equal(TestCommunity.Start, (note with { Signatures = [good] }).CosignedAt(witness.Name, witness.PublicKey));
        Assert.Equal((ulong)long.MaxValue, (note with { Signatures = [Line(key, long.MaxValue, note.Text)] }).CosignedAt(witness.Name, witness.PublicKey));
        NoteSignature[] bad =
        [
            Line(stranger, TestCommunity.Start, note.Text),
            Line(key, TestCommunity.Start, note.Text + "more\n"),
            Line(key, 1UL + long.MaxValue, note.Text),
            Line(key, TestCommunity.Start, note.Text, cut: 1),
            good with { Signature = [.. good.Signature, 0] },
            good with { Signature = [1, 2, 3] },
        ];
        Assert.All(bad, line =>
        {
            Assert.Null((note with { Signatures = [line] }).CosignedAt(witness.Name, witness.PublicKey));
            Assert.Null((note with { Signatures = [good, line] }).CosignedAt(witness.Name, witness.PublicKey));
            byte[] head = (note with { Signatures = [.. note.Signatures, line] }).Encode();
            Assert.Equal(HeadVerdict.Refused, _community.Replica(witness).Accept(_community.EncodedLeaves, head));
        });
    }

    [Fact]
    public void A_head_with_a_second_line_of_the_relays_key_that_does_not_verify_is_refused()
    {
        SignedNote note = SignedNote.Parse(_community.Checkpoint());
        byte[] broken = [.. note.Signatures[0].Signature];
        broken[0] ^= 1;
        byte[] head = (note with { Signatures = [note.Signatures[0], note.Signatures[0] with { Signature = broken }] }).Encode();
        Assert.Equal(HeadVerdict.Refused, _community.Replica().Accept(_community.EncodedLeaves, head));
    }

    [Theory]
    [InlineData("text\n\n— a AAAAAAA=\n— b")]
    [InlineData("text\n\n— a AAAAAA==\n")]
    [InlineData("text\n\n—  AAAAAAA=\n")]
    public void A_note_ends_with_its_last_signature(string text) => Assert.Throws<DecodeException>(() => SignedNote.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_note_has_its_limits()
    {
        const string line = "— a AAAAAAA=\n";
        string Of(int length) => new string('x', length - line.Length - Encoding.UTF8.GetByteCount("—") + 1 - 2) + "\n\n" + line;
        byte[] longest = Encoding.UTF8.GetBytes(Of(ProtocolLimits.CheckpointBytes));
        Assert.Equal(ProtocolLimits.CheckpointBytes, longest.Length);
        SignedNote.Parse(longest);
        Assert.Throws<DecodeException>(() => SignedNote.Parse([(byte)'x', .. longest]));
        string most = "x\n\n" + string.Concat(Enumerable.Repeat(line, ProtocolLimits.CheckpointSignatures));
        Assert.Equal(ProtocolLimits.CheckpointSignatures, SignedNote.Parse(Encoding.UTF8.GetBytes(most)).Signatures.Count);
        Assert.Throws<DecodeException>(() => SignedNote.Parse(Encoding.UTF8.GetBytes(most + line)));
    }

    [Fact]
    public void Lists_of_a_statement_have_their_limits()
    {
        SignedStatement signOut = _community.Sign(new SignOut(Alice.Id), Alice.As9A);
        SignedStatement Signed(int count) => signOut with { Signatures = [.. Enumerable.Repeat(new StatementSignature(default, []), count)] };
        Assert.Equal(ProtocolLimits.StatementSignatures, SignedStatement.Decode(TlsWriter.Encode(Signed(ProtocolLimits.StatementSignatures))).Signatures.Count);
        Assert.Throws<DecodeException>(() => SignedStatement.Decode(TlsWriter.Encode(Signed(ProtocolLimits.StatementSignatures + 1))));

        RegistryPolicy policy = _community.State.Policy;
        Genesis Of(int founders, int tokens)
            => new([.. Enumerable.Repeat(new Founder(Handle.Parse("bob"), [.. Enumerable.Repeat(Alice.Enrolment, tokens)]), founders)], default, policy, null);
        Assert.Equal(ProtocolLimits.Founders, ((Genesis)Again(Of(ProtocolLimits.Founders, 1))).Founders.Count);
        Assert.Equal(ProtocolLimits.TokensPerUser, ((Genesis)Again(Of(1, ProtocolLimits.TokensPerUser))).Founders[0].Tokens.Count);
        Assert.Throws<DecodeException>(() => Again(Of(ProtocolLimits.Founders + 1, 1)));
        Assert.Throws<DecodeException>(() => Again(Of(1, ProtocolLimits.TokensPerUser + 1)));

        PolicyChange Roots(int count) => new(new RegistryPolicy { Version = 1, AttestationRoots = [.. Enumerable.Repeat(new byte[] { 1 }, count)] });
        Assert.Equal(ProtocolLimits.AttestationRoots, ((PolicyChange)Again(Roots(ProtocolLimits.AttestationRoots))).Policy.AttestationRoots.Count);
        Assert.Throws<DecodeException>(() => Again(Roots(ProtocolLimits.AttestationRoots + 1)));
    }

    [Fact]
    public void What_no_statement_says_is_malformed()
    {
        Assert.Equal(Handle.Parse("bob"), ((Invite)Again(new Invite(default, Handle.Parse("bob"), Role.Bot, 5))).Handle);
        Assert.Throws<DecodeException>(() => Again(new Invite(default, null, Role.Admin, 5)));
        Assert.Throws<DecodeException>(() => Again(new Invite(default, null, (Role)9, 5)));
        Assert.Throws<DecodeException>(() => Again(new Revoke(Alice.Id, (RevocationReason)9, 0, false)));
        Assert.Throws<DecodeException>(() => Again(new RoleChange(Handle.Parse("bob"), Role.Member, [new RoomId(default)])));
        Assert.Throws<DecodeException>(() => Again(new PolicyChange(new RegistryPolicy { Version = 1, AttestationRoots = [], Threshold = 0 })));
        Assert.Throws<DecodeException>(() => Again(new PolicyChange(new RegistryPolicy { Version = 1, AttestationRoots = [], RoomEntry = 0 })));
        TestToken token = TestToken.Create(SignatureScheme.Ed25519);
        Assert.Throws<DecodeException>(() => new TokenEnrolment(token.Enrolment.AuthenticationSpki, token.Enrolment.AuthenticationSpki, [], default));
    }

    private StatementBody Again(StatementBody body)
        => SignedStatement.Decode(TlsWriter.Encode(new SignedStatement(
            new Statement { RegistryId = _community.State.Id, BaseSize = 1, BaseRoot = default, SignedAt = 0, Body = body }, []))).Statement.Body;

    private RegistryRule? Found(Genesis genesis)
    {
        var statement = new Statement { RegistryId = default, BaseSize = 0, BaseRoot = MerkleTree.EmptyRoot, SignedAt = 0, Body = genesis };
        return RegistryMachine.Apply(RegistryState.Empty, new RegistryLeaf(new SignedStatement(statement, []), 0), _community.Judge).Rule;
    }
}
