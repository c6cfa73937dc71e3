namespace HardwareChat.Protocol.Tests;

/// <summary>Each rule of a room, broken by exactly that.</summary>
public sealed class RoomRuleTests
{
    private static readonly Handle AliceName = Handle.Parse("alice");
    private static readonly Handle BobName = Handle.Parse("bob");
    private static readonly Handle CarolName = Handle.Parse("carol");

    private readonly TestCommunity _community = new();
    private readonly TestToken _bob;
    private readonly TestToken _carol;
    private readonly TestSession _owner = new();
    private readonly RoomGenesis _genesis;
    private readonly TouchVerifier _verifier = new();
    private readonly SignedGrant _ownerGrant;
    private RoomPolicy? _policy;

    public RoomRuleTests()
    {
        _bob = _community.Enrol("bob");
        _carol = _community.Enrol("carol");
        _genesis = new RoomGenesis(_community.State.Id, [AliceName], Digest.Of("nonce"u8));
        _ownerGrant = _owner.RoomGrant(_community.Token("alice"), _community.State, _community.Time, Room);
    }

    private RoomId Room => _genesis.RoomId;

    private ulong Now => _community.Time;

    private Stamp Stamp => new(Now, _community.State.Size);

    private Committer Alice => new(AliceName, _community.Token("alice").Id, LeafState.Active, false);

    private Committer Bob => new(BobName, _bob.Id, LeafState.Active, false);

    private Committer CarolFromOutside => new(CarolName, _carol.Id, null, false);

    // The chain.

    [Fact]
    public void OtherRoom_Sequence_and_Previous_hold_the_chain()
    {
        RoomChain chain = RoomChain.Empty(Room).Take(Entry(0, Room.Value));
        RoomEntry next = Entry(1, chain.Head);
        Assert.Null(chain.Check(next, null));
        Assert.Equal(RoomRule.OtherRoom, chain.Check(next with { Room = new RoomId(default) }, null));
        Assert.Equal(RoomRule.Sequence, chain.Check(next with { Sequence = 2 }, null));
        Assert.Equal(RoomRule.Previous, chain.Check(next with { Previous = Room.Value }, null));
        Assert.Throws<ArgumentException>(() => chain.Take(next with { Sequence = 2 }));
    }

    [Fact]
    public void TimeGoesBack_RegistryGoesBack_and_MessageHash_hold_the_chain()
    {
        RoomChain chain = RoomChain.Empty(Room).Take(Entry(0, Room.Value));
        RoomEntry next = Entry(1, chain.Head);
        Assert.Equal(RoomRule.TimeGoesBack, chain.Check(next with { Stamp = Stamp with { Time = Now - 1 } }, null));
        Assert.Equal(RoomRule.RegistryGoesBack, chain.Check(next with { Stamp = Stamp with { RegistrySize = 1 } }, null));
        Assert.Equal(RoomRule.MessageHash, chain.Check(next, Digest.Of([1])));
        Assert.Null(chain.Check(next, next.MessageHash));
    }

    [Fact]
    public void Attack_25_an_entry_years_ahead_is_not_read_yet_AheadOfClock()
    {
        RoomEntry ahead = Entry(0, Room.Value) with { Stamp = Stamp with { Time = Now + 100_000_000 } };
        Assert.Equal(RoomRule.AheadOfClock, RoomChain.CheckReadable(ahead, Now, _community.State.Size));
        Assert.Null(RoomChain.CheckReadable(ahead with { Stamp = Stamp with { Time = Now + 300 } }, Now, _community.State.Size));
        // The reader's clock decides when it is read, never what it means.
        Assert.Null(RoomChain.CheckReadable(ahead, Now + 100_000_000, _community.State.Size));
    }

    [Fact]
    public void BeyondReplica_waits_for_the_registry()
        => Assert.Equal(RoomRule.BeyondReplica, RoomChain.CheckReadable(Entry(0, Room.Value), Now, _community.State.Size - 1));

    // Seen.

    [Fact]
    public void Attack_40_a_lying_Seen_is_told_apart_SeenAhead_SeenRoom_SeenBeyondStamp_SeenRegistry()
    {
        RoomEntry entry = Entry(3, default);
        Digest head = Digest.Of("head"u8);
        var honest = new Seen(3, head, _community.State.Size, _community.State.Root);
        Assert.Null(honest.Check(entry, head, _community.State));
        Assert.Equal(RoomRule.SeenAhead, (honest with { RoomSize = 4 }).Check(entry, null, _community.State));
        Assert.Equal(RoomRule.SeenRoom, (honest with { RoomHead = default }).Check(entry, head, _community.State));
        Assert.Equal(RoomRule.SeenBeyondStamp, (honest with { RegistrySize = honest.RegistrySize + 1 }).Check(entry, head, _community.State));
        Assert.Equal(RoomRule.SeenRegistry, (honest with { RegistryRoot = default }).Check(entry, head, _community.State));
    }

    [Fact]
    public void SeenStale_before_the_epoch_began_or_too_many_entries_back()
    {
        RoomEntry entry = Entry(3000, default);
        var seen = new Seen(3000 - ProtocolLimits.SeenReach, default, 0, default);
        Assert.Null(seen.CheckReach(entry, seen.RoomSize));
        Assert.Equal(RoomRule.SeenStale, seen.CheckReach(entry, seen.RoomSize + 1));
        Assert.Equal(RoomRule.SeenStale, (seen with { RoomSize = seen.RoomSize - 1 }).CheckReach(entry, 0));
        Assert.Equal(RoomRule.SeenAhead, (seen with { RoomSize = 3001 }).CheckReach(entry, 0));
    }

    // What an entry holds.

    [Fact]
    public void Attack_33_content_under_another_Kind_is_skipped()
    {
        Assert.Null(EntryContent.Check(EntryKind.Handshake, ContentKind.Commit, 10));
        Assert.Null(EntryContent.Check(EntryKind.Handshake, ContentKind.Proposal, 10));
        Assert.Null(EntryContent.Check(EntryKind.External, ContentKind.ExternalCommit, 10));
        Assert.Null(EntryContent.Check(EntryKind.Application, ContentKind.Application, 10));
        Assert.Equal(RoomRule.Kind, EntryContent.Check(EntryKind.Handshake, ContentKind.Application, 10));
        Assert.Equal(RoomRule.Kind, EntryContent.Check(EntryKind.Application, ContentKind.Commit, 10));
        Assert.Equal(RoomRule.Kind, EntryContent.Check(EntryKind.Handshake, ContentKind.ExternalCommit, 10));
        Assert.Equal(RoomRule.Kind, EntryContent.Check(EntryKind.External, ContentKind.Commit, 10));
        Assert.All(Enum.GetValues<EntryKind>(), kind => Assert.Equal(RoomRule.Kind, EntryContent.Check(kind, ContentKind.Other, 10)));
    }

    [Fact]
    public void Size_beyond_the_kinds_limit_is_skipped()
        => Assert.Equal(RoomRule.Size, EntryContent.Check(EntryKind.Application, ContentKind.Application, ProtocolLimits.ApplicationMessageBytes + 1));

    [Fact]
    public void SenderGone_and_SenderNotActive_for_content()
    {
        Assert.Null(EntryContent.CheckSender(LeafState.Active));
        Assert.Equal(RoomRule.SenderGone, EntryContent.CheckSender(null));
        Assert.Equal(RoomRule.SenderNotActive, EntryContent.CheckSender(LeafState.Dormant));
        Assert.Equal(RoomRule.SenderNotActive, EntryContent.CheckSender(LeafState.Void));
    }

    // Who may commit what.

    [Fact]
    public void SenderNotActive_and_RenewalOnly_for_a_commit()
    {
        Committer dormant = Bob with { State = LeafState.Dormant, Renews = true };
        Assert.Null(Commit(dormant));
        Assert.Equal(RoomRule.SenderNotActive, Commit(dormant with { Renews = false }));
        Assert.Equal(RoomRule.SenderNotActive, Commit(dormant with { State = LeafState.Void }));
        Assert.Equal(RoomRule.RenewalOnly, Commit(dormant, new ProposedChange.Add(CarolName)));
    }

    [Fact]
    public void AddNotAllowed_unless_the_policy_lets_invite()
    {
        Assert.Equal(RoomRule.AddNotAllowed, Commit(Bob, new ProposedChange.Add(CarolName)));
        Assert.Null(Commit(Alice, new ProposedChange.Add(CarolName)));
        Assert.Null(CommitIn(Policy(inviters: Who.Members), Bob, new ProposedChange.Add(CarolName)));
        Assert.Equal(RoomRule.AddNotAllowed, CommitIn(Policy(new Door.Everybody(), Who.Members), CarolFromOutside, new ProposedChange.ExternalInit(), new ProposedChange.Add(BobName)));
    }

    [Fact]
    public void DoorClosed_to_whom_it_does_not_name()
    {
        Assert.Equal(RoomRule.DoorClosed, Commit(CarolFromOutside, new ProposedChange.ExternalInit()));
        Assert.Null(CommitIn(Policy(new Door.Everybody()), CarolFromOutside, new ProposedChange.ExternalInit()));
        Assert.Null(CommitIn(Policy(new Door.Listed([CarolName])), CarolFromOutside, new ProposedChange.ExternalInit()));
        Assert.Equal(RoomRule.DoorClosed, CommitIn(Policy(new Door.Listed([BobName])), CarolFromOutside, new ProposedChange.ExternalInit()));
        Assert.Equal(RoomRule.DoorClosed, CommitIn(Policy(new Door.Listed([BobName])), Alice, new ProposedChange.Add(CarolName)));
        var resync = new ProposedChange.Remove(new RemovedLeaf(CarolName, _carol.Id, LeafState.Dormant, Now - 100), false);
        Assert.Null(Commit(CarolFromOutside, new ProposedChange.ExternalInit(), resync));
    }

    [Fact]
    public void RemoveNotAllowed_but_for_admins_void_leaves_oneself_and_resync()
    {
        var carol = new RemovedLeaf(CarolName, _carol.Id, LeafState.Active, Now - 100);
        Assert.Equal(RoomRule.RemoveNotAllowed, Commit(Bob, new ProposedChange.Remove(carol, false)));
        Assert.Equal(RoomRule.RemoveNotAllowed, Commit(Bob, new ProposedChange.Remove(carol with { State = LeafState.Dormant }, false)));
        Assert.Null(Commit(Bob, new ProposedChange.Remove(carol with { State = LeafState.Void }, false)));
        Assert.Null(Commit(Bob, new ProposedChange.Remove(carol, true) { ByReferenceOf = CarolName }));
        var bobs = new ProposedChange.Remove(new RemovedLeaf(BobName, _bob.Id, LeafState.Dormant, Now - 100), false);
        Assert.Equal(RoomRule.RemoveNotAllowed, CommitIn(Policy(new Door.Everybody()), CarolFromOutside, new ProposedChange.ExternalInit(), bobs));
    }

    [Fact]
    public void ProposalKind_that_no_room_takes()
    {
        Assert.Equal(RoomRule.ProposalKind, Commit(Alice, new ProposedChange.Other()));
        Assert.Equal(RoomRule.ProposalKind, Commit(Alice, new ProposedChange.PreSharedKey(new byte[1])));
        Assert.Equal(RoomRule.ProposalKind, Commit(Alice, new ProposedChange.ExternalInit()));
        Assert.Equal(RoomRule.ProposalKind, CommitIn(Policy(new Door.Everybody()), CarolFromOutside));
    }

    [Fact]
    public void ByReference_is_for_leaving_only()
    {
        var carol = new RemovedLeaf(CarolName, _carol.Id, LeafState.Active, Now - 100);
        Assert.Equal(RoomRule.ByReference, Commit(Alice, new ProposedChange.Add(CarolName) { ByReferenceOf = BobName }));
        Assert.Equal(RoomRule.ByReference, Commit(Alice, new ProposedChange.Remove(carol, false) { ByReferenceOf = BobName }));
    }

    [Fact]
    public void Phrase_of_the_door_exactly_once()
    {
        RoomPolicy policy = Policy(new Door.Phrase(PhraseParameters.Create(3)));
        byte[] id = Phrase.PskId(Room, 3);
        Assert.Null(CommitIn(policy, CarolFromOutside, new ProposedChange.ExternalInit(), new ProposedChange.PreSharedKey(id)));
        Assert.Equal(RoomRule.Phrase, CommitIn(policy, CarolFromOutside, new ProposedChange.ExternalInit()));
        Assert.Equal(RoomRule.Phrase, CommitIn(policy, CarolFromOutside, new ProposedChange.ExternalInit(), new ProposedChange.PreSharedKey(id), new ProposedChange.PreSharedKey(id)));
        Assert.Equal(RoomRule.Phrase, CommitIn(policy, CarolFromOutside, new ProposedChange.ExternalInit(), new ProposedChange.PreSharedKey(Phrase.PskId(Room, 2))));
        Assert.Equal(RoomRule.Phrase, CommitIn(policy, CarolFromOutside, new ProposedChange.ExternalInit(), new ProposedChange.PreSharedKey(null)));
        Assert.Equal(RoomRule.Phrase, CommitIn(Policy(new Door.Everybody()), CarolFromOutside, new ProposedChange.ExternalInit(), new ProposedChange.PreSharedKey(id)));
    }

    [Fact]
    public void ContextNotAllowed_to_others_or_for_other_extensions()
    {
        RoomPolicy next = Policy(version: 1);
        Assert.Null(Commit(Alice, new ProposedChange.Context(next, RoomRemovals.None, false)));
        Assert.Equal(RoomRule.ContextNotAllowed, Commit(Bob, new ProposedChange.Context(next, RoomRemovals.None, false)));
        Assert.Equal(RoomRule.ContextNotAllowed, Commit(Alice, new ProposedChange.Context(next, RoomRemovals.None, true)));
    }

    [Fact]
    public void RemovalMissing_where_an_admin_removes_without_a_floor()
    {
        var remove = new ProposedChange.Remove(new RemovedLeaf(CarolName, _carol.Id, LeafState.Active, Now - 100), false);
        Assert.Equal(RoomRule.RemovalMissing, Commit(Alice, remove));
        Assert.Null(Commit(Alice, remove, Context(new Removal(CarolName, _carol.Id, Now))));
        Assert.Null(Commit(Alice, remove, Context(new Removal(CarolName, null, Removal.Ban))));
        Assert.Equal(RoomRule.RemovalMismatch, Commit(Alice, remove, Context(new Removal(BobName, null, Now))));
    }

    [Fact]
    public void RemovalMissing_where_the_floor_is_below_the_touch_that_it_is_to_keep_out()
    {
        // carol's clock goes two minutes fast: a floor at the relay's time would let the same touch in again.
        var ahead = new RemovedLeaf(CarolName, _carol.Id, LeafState.Active, Now + 120);
        var remove = new ProposedChange.Remove(ahead, false);
        Assert.Equal(RoomRule.RemovalMissing, Commit(Alice, remove, Context(new Removal(CarolName, _carol.Id, Now + 119))));
        Assert.Null(Commit(Alice, remove, Context(new Removal(CarolName, _carol.Id, Now + 120))));

        // Nor does the floor of an earlier removal, above which she came back.
        var before = new RoomRemovals([new Removal(CarolName, null, Now - 500)]);
        Assert.Equal(RoomRule.RemovalMissing, before.CheckFollows(before, [ahead with { IssuedAt = Now - 400 }], Now, 600));
        Assert.Null(new RoomRemovals([new Removal(CarolName, null, Now)]).CheckFollows(before, [ahead with { IssuedAt = Now - 400 }], Now, 600));
    }

    [Fact]
    public void RemovalMismatch_for_a_floor_out_of_nothing_and_for_one_that_vanishes()
    {
        var old = new Removal(CarolName, null, Now - 1000);
        var before = new RoomRemovals([old]);
        Assert.Null(before.CheckFollows(before, [], Now, 2000));
        Assert.Equal(RoomRule.RemovalMismatch, RoomRemovals.None.CheckFollows(before, [], Now, 2000));
        Assert.Null(RoomRemovals.None.CheckFollows(before, [], Now, 999));
        Assert.Equal(RoomRule.RemovalMismatch, new RoomRemovals([old with { Floor = Now }]).CheckFollows(before, [], Now, 2000));
        Assert.Equal(RoomRule.RemovalMismatch, before.CheckFollows(RoomRemovals.None, [], Now, 2000));
        var banned = new RoomRemovals([new Removal(CarolName, null, Removal.Ban)]);
        Assert.Null(RoomRemovals.None.CheckFollows(banned, [], Now, 2000));
        Assert.Empty(before.With([], Now, 999).Removals);
        Assert.Equal([old], before.With([], Now, 2000).Removals);
    }

    [Fact]
    public void RemovalFloorTime_is_the_stamps_within_five_minutes()
    {
        var removed = new RemovedLeaf(CarolName, _carol.Id, LeafState.Active, Now - 400);
        Assert.Null(new RoomRemovals([new Removal(CarolName, null, Now - 300)]).CheckFollows(RoomRemovals.None, [removed], Now, 0));
        Assert.Equal(RoomRule.RemovalFloorTime, new RoomRemovals([new Removal(CarolName, null, Now - 301)]).CheckFollows(RoomRemovals.None, [removed], Now, 0));
        Assert.Equal(RoomRule.RemovalFloorTime, new RoomRemovals([new Removal(CarolName, null, Now + 301)]).CheckFollows(RoomRemovals.None, [removed], Now, 0));
    }

    [Fact]
    public void RoomFull_at_a_thousand_leaves()
    {
        var add = new ProposedChange.Add(CarolName);
        Assert.Null(CommitTable.Check(Alice, [add], Before(Policy(), 999), Stamp, _community.State, _verifier));
        Assert.Equal(RoomRule.RoomFull, CommitTable.Check(Alice, [add], Before(Policy(), 1000), Stamp, _community.State, _verifier));
    }

    // The policy.

    [Fact]
    public void PolicyGenesis_names_the_room() => Assert.Equal(RoomRule.PolicyGenesis, CheckPolicy(Policy(), new RoomId(default)));

    [Fact]
    public void PolicyRegistry_is_this_one()
    {
        RoomGenesis other = _genesis with { RegistryId = default };
        Assert.Equal(RoomRule.PolicyRegistry, CheckPolicy(Resign(Policy() with { Genesis = other }), other.RoomId));
    }

    [Fact]
    public void PolicyVersion_never_goes_back_and_is_the_next_in_a_commit()
    {
        Assert.Equal(RoomRule.PolicyVersion, CheckPolicy(Policy(version: 1), Room, leastVersion: 2));
        Assert.Equal(RoomRule.PolicyVersion, Commit(Alice, new ProposedChange.Context(Policy(version: 2), RoomRemovals.None, false)));
        Assert.Equal(RoomRule.PolicyVersion, Commit(Alice, new ProposedChange.Context(Policy(new Door.Everybody()), RoomRemovals.None, false)));
    }

    [Fact]
    public void PolicyGrant_must_verify()
    {
        var forged = new SignedGrant(_ownerGrant.Touch with { TokenId = _bob.Id }, _ownerGrant.Signature, _ownerGrant.Item, 0, _ownerGrant.Path);
        Assert.Equal(RoomRule.PolicyGrant, CheckPolicy(Resign(Policy() with { Signer = forged }), Room));
    }

    [Fact]
    public void PolicySignerRevoked_wants_another_owner()
    {
        RoomPolicy policy = Policy();
        ulong before = _community.State.Size;
        _community.AddToken("alice");
        _community.Append(_community.RevokeStatement(_community.Token("alice"), _community.Token("alice", 1)));
        Assert.Null(policy.Check(Room, _community.State, before, _verifier, 0));
        Assert.Equal(RoomRule.PolicySignerRevoked, CheckPolicy(policy, Room));
    }

    [Fact]
    public void PolicySigner_is_an_owner_or_an_admin_of_the_registry()
    {
        var session = new TestSession();
        RoomPolicy byBob = Policy() with { Signer = session.RoomGrant(_bob, _community.State, Now, Room) };
        byBob = byBob with { Signature = session.Sign(byBob.SigningInput()) };
        Assert.Equal(RoomRule.PolicySigner, CheckPolicy(byBob, Room));
        _community.Append(_community.RoleStatement("bob", Role.Admin));
        Assert.Null(CheckPolicy(byBob, Room));
    }

    [Fact]
    public void PolicySignature_covers_every_field()
    {
        RoomPolicy policy = Policy();
        Assert.Null(CheckPolicy(RoomPolicy.Decode(Wire.TlsWriter.Encode(policy)), Room));
        Assert.All<RoomPolicy>(
            [
                policy with { Version = 5 },
                policy with { Admins = [BobName] },
                policy with { Inviters = Who.Members },
                policy with { Door = new Door.Everybody() },
                policy with { Linger = 1 },
                policy with { Retention = 1 },
            ],
            changed => Assert.Equal(RoomRule.PolicySignature, CheckPolicy(changed, Room)));
    }

    [Theory]
    [InlineData(ProtocolLimits.PhraseMemoryFloor - 1, 3)]
    [InlineData(ProtocolLimits.PhraseMemoryCeiling + 1, 3)]
    [InlineData(ProtocolLimits.PhraseMemoryFloor, 2)]
    [InlineData(ProtocolLimits.PhraseMemoryFloor, 17)]
    public void PhraseWork_below_the_floor_or_above_the_ceiling_is_refused(uint memory, uint passes)
    {
        PhraseParameters weak = PhraseParameters.Create(0) with { Memory = memory, Passes = passes };
        Assert.Equal(RoomRule.PhraseWork, CheckPolicy(Policy(new Door.Phrase(weak)), Room));
        Assert.Throws<ArgumentException>(() => Phrase.Derive("six words", Room, weak, new byte[32]));
    }

    // The roster.

    [Fact]
    public void RosterNotOwner_may_add_but_neither_drop_nor_move_the_door()
    {
        Roster roster = Roster.Of(_genesis);
        Assert.False(roster.MayRead(BobName));
        roster = roster.Apply([new RosterChange.Add(BobName)], AliceName).Roster!;
        Assert.True(roster.MayAppend(BobName, EntryKind.Application));
        roster = roster.Apply([new RosterChange.Add(CarolName)], BobName).Roster!;
        Assert.All<RosterChange>(
            [new RosterChange.Drop(CarolName), new RosterChange.Open(), new RosterChange.Close()],
            change => Assert.Equal((null, RoomRule.RosterNotOwner), roster.Apply([new RosterChange.Add(BobName), change], BobName)));
        Assert.False(roster.Apply([new RosterChange.Drop(CarolName)], AliceName).Roster!.MayRead(CarolName));
        Assert.True(roster.Apply([new RosterChange.Drop(AliceName)], AliceName).Roster!.MayRead(AliceName));
    }

    [Fact]
    public void An_open_door_takes_external_commits_and_nothing_else()
    {
        Roster roster = Roster.Of(_genesis).Apply([new RosterChange.Open()], AliceName).Roster!;
        Assert.True(roster.MayAppend(CarolName, EntryKind.External));
        Assert.False(roster.MayAppend(CarolName, EntryKind.Handshake));
        Assert.False(roster.MayRead(CarolName));
        roster = roster.Apply([], CarolName).Roster!;
        Assert.True(roster.MayRead(CarolName));
        roster = roster.Apply([new RosterChange.Close()], AliceName).Roster!;
        Assert.False(roster.MayAppend(BobName, EntryKind.External));
        Assert.True(roster.MayRead(CarolName));
    }

    [Fact]
    public void External_commits_are_three_a_token_and_thirty_a_room_in_an_hour()
    {
        ExternalCommitRate rate = ExternalCommitRate.None;
        for (int i = 0; i < 3; i++)
        {
            Assert.True(rate.Allows(_bob.Id, Now));
            rate = rate.Take(_bob.Id, Now);
        }
        Assert.False(rate.Allows(_bob.Id, Now + 3599));
        Assert.True(rate.Allows(_bob.Id, Now + 3600));
        Assert.True(rate.Allows(_carol.Id, Now));
        for (int i = 0; i < 27; i++)
            rate = rate.Take(new TokenId(Digest.Of([(byte)i])), Now);
        Assert.False(rate.Allows(_carol.Id, Now));
        Assert.True(rate.Allows(_carol.Id, Now + 3600));
        Assert.Single(rate.Take(_carol.Id, Now + 3600).Recent);
    }

    [Fact]
    public void Receipts_know_their_own_entries_and_leaves_again()
    {
        using var receipts = new Receipts(Digest.Of("seed"u8).ToArray());
        using var other = new Receipts(Digest.Of("other seed"u8).ToArray());
        RoomEntry entry = Entry(1, Room.Value);
        byte[] receipt = receipts.OfEntry(entry);
        Assert.True(receipts.IsOfEntry(entry, receipt));
        Assert.False(other.IsOfEntry(entry, receipt));
        Assert.False(receipts.IsOfEntry(entry with { Sequence = 2 }, receipt));
        byte[] leaf = receipts.OfLeaf(3, entry.Hash);
        Assert.True(receipts.IsOfLeaf(3, entry.Hash, leaf));
        Assert.False(receipts.IsOfLeaf(4, entry.Hash, leaf));
        Assert.False(receipts.IsOfEntry(entry, leaf));
    }

    [Fact]
    public void Every_rule_of_a_room_is_named_by_a_test() => RuleNames.AssertNamed<RoomRule>(typeof(RoomRuleTests));

    private ProposedChange.Context Context(params Removal[] removals) => new(_policy ??= Policy(), new RoomRemovals(removals), false);

    private RoomEntry Entry(ulong sequence, Digest previous) => new(Room, sequence, previous, Stamp, EntryKind.Handshake, Digest.Of("message"u8));

    private RoomPolicy Policy(Door? door = null, Who inviters = Who.Admins, ulong version = 0) => Resign(new RoomPolicy
    {
        Genesis = _genesis,
        Version = version,
        Admins = [],
        Inviters = inviters,
        Door = door ?? new Door.Closed(),
        Linger = ProtocolLimits.LingerDefault,
        Retention = 1_000_000,
        Signer = _ownerGrant,
        Signature = default,
    });

    private RoomPolicy Resign(RoomPolicy policy) => policy with { Signature = _owner.Sign(policy.SigningInput()) };

    private RoomBefore Before(RoomPolicy policy, int leaves = 3) => new(Room, policy, RoomRemovals.None, leaves);

    private RoomRule? Commit(Committer committer, params ProposedChange[] changes) => CommitIn(_policy ??= Policy(), committer, changes);

    private RoomRule? CommitIn(RoomPolicy policy, Committer committer, params ProposedChange[] changes)
        => CommitTable.Check(committer, changes, Before(policy), Stamp, _community.State, _verifier);

    private RoomRule? CheckPolicy(RoomPolicy policy, RoomId room, ulong leastVersion = 0)
        => policy.Check(room, _community.State, _community.State.Size, _verifier, leastVersion);
}
