using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>ATTACKS.md, "Hostile relay: registry", at the level of the state machine and the replica.</summary>
public sealed class RegistryAttackTests
{
    private readonly TestCommunity _community = new();

    private TestToken Alice => _community.Token("alice");

    [Fact]
    public void Attack_11_a_rollback_to_an_older_signed_checkpoint_is_a_RegistryFork_with_both_kept()
    {
        byte[] older = _community.Checkpoint();
        _community.Enrol("bob");
        RegistryReplica replica = _community.Replica();
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(_community.EncodedLeaves, _community.Checkpoint()));
        byte[] newer = replica.Head!.Encode();

        Assert.Equal(HeadVerdict.Fork, replica.Accept([], older));
        Assert.Equal(newer, replica.Fork!.Seen!.Encode());
        Assert.Equal(older, replica.Fork.Offered.Encode());
        Assert.False(replica.IsSound);
        Assert.Equal(HeadVerdict.Fork, replica.Accept([], newer));
    }

    [Fact]
    public void Attack_11_another_root_at_the_same_size_is_a_RegistryFork()
    {
        RegistryReplica replica = _community.Replica();
        replica.Accept(_community.EncodedLeaves, _community.Checkpoint());
        byte[] other = Checkpoint.Of(_community.State.Id, _community.State.Size, Digest.Of([1])).Sign(_community.RelayIdentity).Encode();
        Assert.Equal(HeadVerdict.Fork, replica.Accept([], other));
    }

    [Fact]
    public void Attack_11_a_head_that_the_invite_pinned_cannot_be_left()
    {
        var replica = new RegistryReplica(_community.State.Id, _community.Judge, pinned: (1, Digest.Of([1])));
        Assert.Equal(HeadVerdict.Fork, replica.Accept(_community.EncodedLeaves, _community.Checkpoint()));
    }

    [Fact]
    public void Attack_11_a_checkpoint_of_another_key_changes_nothing()
    {
        RegistryReplica replica = _community.Replica();
        using Key stranger = Key.Create(SignatureAlgorithm.Ed25519);
        RegistryState state = _community.State;
        byte[] Forged(ulong size, Digest root) => Checkpoint.Of(state.Id, size, root).Sign(stranger).Encode();

        // The true head, an older one, another root, none: by a stranger's key neither believed nor a fork.
        Assert.Equal(HeadVerdict.Refused, replica.Accept(_community.EncodedLeaves, Forged(state.Size, state.Root)));
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(_community.EncodedLeaves, _community.Checkpoint()));
        Assert.Equal(HeadVerdict.Refused, replica.Accept([], Forged(state.Size, state.Root)));
        Assert.Equal(HeadVerdict.Refused, replica.Accept([], Forged(state.Size, Digest.Of([1]))));
        Assert.Equal(HeadVerdict.Refused, replica.Accept([], Forged(0, MerkleTree.EmptyRoot)));
        Assert.True(replica.IsSound);
        Assert.Equal(_community.Checkpoint(), replica.Head!.Encode());
    }

    [Fact]
    public void Leaves_beyond_their_head_are_refused_and_no_fork()
    {
        byte[] older = _community.Checkpoint();
        _community.Enrol("bob");
        RegistryReplica replica = _community.Replica();
        Assert.Equal(HeadVerdict.Refused, replica.Accept(_community.EncodedLeaves, older));
        Assert.Null(replica.Fork);
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(_community.EncodedLeaves, _community.Checkpoint()));
        byte[] other = Checkpoint.Of(_community.State.Id, 1, Digest.Of([1])).Sign(_community.RelayIdentity).Encode();
        Assert.Equal(HeadVerdict.Fork, _community.Replica().Accept(_community.EncodedLeaves, other));
    }

    [Fact]
    public void Attack_11_a_head_below_the_one_that_the_invite_pinned_is_a_fork_whatever_leaves_come_with_it()
    {
        byte[] older = _community.Checkpoint();
        ulong size = _community.State.Size + 2;
        _community.Enrol("bob");
        var replica = new RegistryReplica(_community.State.Id, _community.Judge, pinned: (size, _community.State.Root));
        Assert.Equal(HeadVerdict.Fork, replica.Accept(_community.EncodedLeaves, older));
        Assert.Null(replica.Fork!.Seen);
        var pinned = new RegistryReplica(_community.State.Id, _community.Judge, pinned: (size, _community.State.Root));
        Assert.Equal(HeadVerdict.Accepted, pinned.Accept(_community.EncodedLeaves, _community.Checkpoint()));
    }

    [Fact]
    public void Attack_14_a_replayed_role_after_the_demotion_stops_the_replica()
    {
        _community.Enrol("bob");
        SignedStatement promotion = _community.Append(_community.RoleStatement("bob", Role.Admin));
        _community.Append(_community.RoleStatement("bob", Role.Member));
        _community.AssertReplicaStops(RegistryRule.Repeated, promotion);
    }

    [Fact]
    public void Attack_14_a_high_s_is_refused_before_it_stands_and_the_same_statement_after()
    {
        _community.Enrol("bob");
        SignedStatement promotion = _community.RoleStatement("bob", Role.Admin);
        SignedStatement malleated = promotion with { Signatures = [promotion.Signatures[0] with { Signature = TestToken.Malleate(promotion.Signatures[0].Signature) }] };
        _community.AssertReplicaStops(RegistryRule.Signature, malleated);
        _community.Append(promotion);
        _community.Append(_community.RoleStatement("bob", Role.Member));
        _community.AssertReplicaStops(RegistryRule.Repeated, malleated);
    }

    [Fact]
    public void Attack_15_a_role_that_was_held_back_is_Superseded()
    {
        TestToken bob = _community.Enrol("bob");
        _community.AddToken("alice");
        SignedStatement heldBack = _community.RoleStatement("bob", Role.Admin);
        _community.Append(_community.Sign(new Revoke(bob.Id, RevocationReason.Lost, 0, false), _community.Token("alice", 1).As9C));
        _community.AssertReplicaStops(RegistryRule.Superseded, heldBack);
    }

    [Fact]
    public void Attack_16_a_statement_from_history_A_does_not_stand_in_history_B()
    {
        RegistryState shared = _community.State;
        _community.Enrol("bob");
        SignedStatement onA = _community.RoleStatement("bob", Role.Admin);
        _community.State = shared;
        _community.Leaves.RemoveRange(1, _community.Leaves.Count - 1);
        _community.Enrol("bob");
        Assert.Equal(onA.Statement.BaseSize, _community.State.Size);
        _community.AssertReplicaStops(RegistryRule.BaseRoot, onA);
    }

    [Fact]
    public void Attack_17_an_invite_signature_in_flight_does_not_serve_the_relays_own_token()
    {
        Key invite = _community.Invite();
        SignedStatement inFlight = _community.EnrolStatement("bob", _community.NewToken("bob"), invite);
        TestToken relays = _community.NewToken("mallory");
        SignedStatement own = _community.Sign(new Enrol(Handle.Parse("bob"), relays.Enrolment), relays.As9A, relays.As9C);
        SignedStatement stolen = own with { Signatures = [.. own.Signatures, inFlight.Signatures[^1]] };
        _community.AssertReplicaStops(RegistryRule.Signature, stolen);
        _community.Append(inFlight);
    }

    [Fact]
    public void Attack_18_evidence_forged_left_out_or_swapped_stops_the_replica_with_the_reason()
    {
        Key invite = _community.Invite();
        TestToken bob = _community.NewToken("bob");
        SignedStatement enrol = _community.EnrolStatement("bob", bob, invite);
        TestToken other = _community.NewToken("bob");
        foreach (byte[]? blob in (byte[]?[])[null, [], other.Blob, [.. bob.Blob, 0]])
        {
            var judge = new EvidenceJudge(hash => hash == bob.Enrolment.Evidence ? (ReadOnlyMemory<byte>?)blob : _community.Judge.Source(hash), static _ => null);
            var replica = new RegistryReplica(_community.State.Id, judge);
            (byte[][] leaves, byte[] head) = _community.Forge(enrol);
            Assert.Equal(HeadVerdict.Stopped, replica.Accept(leaves, head));
            Assert.Equal(RegistryRule.EvidenceMissing, replica.Stop!.Rule);
        }
        _community.Evidence = static _ => EvidenceFault.UntrustedRoot;
        Assert.Equal(EvidenceFault.UntrustedRoot, _community.Try(enrol).Fault);
    }

    [Fact]
    public void Attack_18_leaves_reordered_dropped_or_added_do_not_meet_the_checkpoint()
    {
        _community.Enrol("bob");
        byte[][] leaves = _community.EncodedLeaves;
        byte[] head = _community.Checkpoint();
        Assert.Equal(HeadVerdict.Incomplete, _community.Replica().Accept(leaves[..^1], head));
        Assert.Equal(HeadVerdict.Stopped, _community.Replica().Accept([leaves[0], leaves[2], leaves[1]], head));
        Assert.Equal(HeadVerdict.Fork, _community.Replica().Accept(leaves, Checkpoint.Of(_community.State.Id, 3, Digest.Of([1])).Sign(_community.RelayIdentity).Encode()));
        Assert.Equal(HeadVerdict.Refused, _community.Replica().Accept(leaves, _community.Checkpoint(2)));
        Assert.Equal(HeadVerdict.Accepted, _community.Replica().Accept(leaves, head));
    }

    [Fact]
    public void Attack_19_a_statement_by_a_token_revoked_two_entries_earlier_is_refused()
    {
        TestToken bob = _community.Enrol("bob");
        _community.AddToken("bob");
        SignedStatement late = _community.Sign(new SignOut(_community.Token("bob", 1).Id), bob.As9A);
        _community.Append(_community.RevokeStatement(bob, Alice));
        _community.Enrol("carol");
        _community.AssertReplicaStops(RegistryRule.Superseded, late);
        _community.AssertReplicaStops(
            RegistryRule.SignerUnknown, _community.Sign(new SignOut(_community.Token("bob", 1).Id), bob.As9A));
    }

    [Fact]
    public void Attack_20_of_two_admins_who_change_one_policy_the_second_is_Superseded()
    {
        var two = new TestCommunity(null, "alice", "bob");
        SignedStatement byAlice = Policy("alice", 600);
        SignedStatement byBob = Policy("bob", 300);
        two.Append(byAlice);
        two.AssertReplicaStops(RegistryRule.Superseded, byBob);

        SignedStatement Policy(string admin, ulong roomEntry)
            => two.Sign(new PolicyChange(new RegistryPolicy { Version = 1, AttestationRoots = [], RoomEntry = roomEntry }), two.Token(admin).As9C);
    }

    [Fact]
    public void Attack_20_of_two_admins_who_demote_each_other_one_remains()
    {
        var two = new TestCommunity(null, "alice", "bob");
        SignedStatement byAlice = two.RoleStatement("bob", Role.Member, two.Token("alice"));
        SignedStatement byBob = two.RoleStatement("alice", Role.Member, two.Token("bob"));
        two.Append(byAlice);
        two.AssertReplicaStops(RegistryRule.Superseded, byBob);
        Assert.Equal([Handle.Parse("alice")], two.State.Admins);
    }

    [Fact]
    public void Attack_21_an_unknown_kind_or_version_stops_the_replica()
    {
        _community.AssertReplicaStops(RegistryRule.UnknownKind, _community.Sign(new UnknownBody((StatementKind)200, [1]), Alice.As9C));
        _community.AssertReplicaStops(RegistryRule.UnknownVersion, new SignedStatement(Statement.Decode([9, 9, 1, 2, 3]), []));
    }

    [Theory]
    [InlineData(EvidenceFault.UntrustedRoot)]
    [InlineData(EvidenceFault.Imported)]
    [InlineData(EvidenceFault.TouchPolicy)]
    [InlineData(EvidenceFault.Firmware)]
    [InlineData(EvidenceFault.OtherSlot)]
    public void Attack_54_a_token_that_the_policy_refuses_cannot_enrol_and_is_told_why(EvidenceFault fault)
    {
        Key invite = _community.Invite();
        _community.Evidence = question => question.Policy.Touch == TouchRequirement.Always && question.Role != Role.Bot ? fault : null;
        RegistryVerdict verdict = _community.Try(_community.EnrolStatement("bob", _community.NewToken("bob"), invite));
        Assert.Equal(fault, verdict.Fault);
    }

    [Fact]
    public void Attack_55_a_stolen_token_and_all_that_it_added_are_out_together()
    {
        TestToken stolen = _community.Enrol("bob");
        ulong since = _community.State.Size;
        TestToken second = _community.AddToken("bob");
        TestToken third = _community.NewToken("bob");
        _community.Append(_community.AddTokenStatement("bob", second, third));
        _community.Append(_community.RevokeStatement(stolen, Alice, alsoAdded: true, since));
        Assert.All((TestToken[])[stolen, second, third], token => Assert.True(_community.State.Token(token.Id)!.IsRevokedAt(_community.State.Size)));
        Assert.All((TestToken[])[stolen, second, third], token => Assert.False(_community.State.Token(token.Id)!.IsRevokedAt(_community.State.Size - 1)));
    }

    [Fact]
    public void Attack_55_what_a_token_added_before_it_was_suspect_stays()
    {
        TestToken stolen = _community.Enrol("bob");
        TestToken before = _community.AddToken("bob");
        _community.Append(_community.RevokeStatement(stolen, Alice, alsoAdded: true, _community.State.Size));
        Assert.False(_community.State.Token(before.Id)!.IsRevokedAt(_community.State.Size));
    }

    [Fact]
    public void Attack_56_the_last_admin_cannot_revoke_itself_and_the_recovery_key_appoints_another()
    {
        TestToken bob = _community.Enrol("bob");
        _community.AssertReplicaStops(RegistryRule.AdminsRemain, _community.RevokeStatement(Alice, Alice));

        using var typed = RecoveryKey.Parse(_community.Recovery.ToPaper().ToLowerInvariant());
        using Key recovery = typed.ToKey();
        _community.Append(_community.Sign(new RoleChange(Handle.Parse("bob"), Role.Admin, []), TestCommunity.By(recovery)));
        _community.Append(_community.RevokeStatement(Alice, bob));
        Assert.True(_community.State.IsAdminAt(Handle.Parse("bob"), _community.State.Size));
        SignedStatement policy = _community.Sign(
            new PolicyChange(new RegistryPolicy { Version = 1, AttestationRoots = [] }), TestCommunity.By(recovery));
        Assert.Equal(RegistryRule.SignerNotEntitled, _community.Refused(policy));
    }

    // The recovery key is none that a reader asks ahead of a leaf's turn: it is asked in its turn.
    [Fact]
    public void A_forged_signature_of_the_recovery_key_or_of_a_stranger_stops_the_replica()
    {
        using Key recovery = _community.Recovery.ToKey();
        SignedStatement good = _community.Sign(new RoleChange(Handle.Parse("alice"), Role.Admin, []), TestCommunity.By(recovery));
        byte[] forged = [.. good.Signatures[0].Signature];
        forged[3] ^= 1;
        _community.AssertReplicaStops(RegistryRule.Signature, good with { Signatures = [good.Signatures[0] with { Signature = forged }] });
        using Key stranger = Key.Create(SignatureAlgorithm.Ed25519);
        _community.AssertReplicaStops(RegistryRule.SignerUnknown, _community.Sign(new RoleChange(Handle.Parse("alice"), Role.Admin, []), TestCommunity.By(stranger)));
        _community.Append(good);
    }

    [Fact]
    public void A_relay_change_is_followed_and_the_retired_key_signs_no_head()
    {
        using Key retired = _community.RelayIdentity;
        using Key next = Key.Create(SignatureAlgorithm.Ed25519);
        _community.Append(_community.Sign(new RelayChange(TestCommunity.Raw(next)), Alice.As9C));
        RegistryReplica replica = _community.Replica();
        Assert.Equal(HeadVerdict.Refused, replica.Accept(_community.EncodedLeaves, _community.Checkpoint()));
        _community.RelayIdentity = next;
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(_community.EncodedLeaves, _community.Checkpoint()));
    }

    [Fact]
    public void A_witness_that_is_configured_must_have_cosigned()
    {
        using Key key = Key.Create(SignatureAlgorithm.Ed25519);
        var witness = new WitnessKey("witness.example/w1", TestCommunity.Raw(key));
        SignedNote note = SignedNote.Parse(_community.Checkpoint());
        RegistryReplica replica = _community.Replica(witness);
        Assert.Equal(HeadVerdict.Refused, replica.Accept(_community.EncodedLeaves, note.Encode()));

        ulong time = TestCommunity.Start;
        byte[] signature = SignatureAlgorithm.Ed25519.Sign(key, System.Text.Encoding.UTF8.GetBytes($"cosignature/v1\ntime {time}\n{note.Text}"));
        byte[] timestamp = BitConverter.GetBytes(System.Net.IPAddress.HostToNetworkOrder((long)time));
        var line = new NoteSignature(
            witness.Name, SignedNote.KeyIdOf(witness.Name, SignedNote.CosignatureType, witness.PublicKey.ToArray()), [.. timestamp, .. signature]);
        byte[] cosigned = (note with { Signatures = [.. note.Signatures, line] }).Encode();
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(_community.EncodedLeaves, cosigned));
        Assert.Equal(cosigned, replica.Head!.Encode());
        Assert.Equal(time, replica.Head.CosignedAt(witness.Name, witness.PublicKey));
    }
}
