using HardwareChat.Wire;

namespace HardwareChat.Protocol.Tests;

/// <summary>What stands close to a rule of a room: the last value that passes, and what only almost fits.</summary>
public sealed class RoomBoundaryTests
{
    private static readonly Handle AliceName = Handle.Parse("alice");
    private static readonly Handle BobName = Handle.Parse("bob");

    private readonly TestCommunity _community = new();
    private readonly TestToken _bob;
    private readonly TestSession _owner = new();
    private readonly RoomGenesis _genesis;
    private readonly SignedGrant _grant;

    public RoomBoundaryTests()
    {
        _bob = _community.Enrol("bob");
        _genesis = new RoomGenesis(_community.State.Id, [AliceName], Digest.Of("nonce"u8));
        _grant = _owner.RoomGrant(_community.Token("alice"), _community.State, _community.Time, _genesis.RoomId);
    }

    private ulong Now => _community.Time;

    private Committer Alice => new(AliceName, _community.Token("alice").Id, LeafState.Active, false);

    [Fact]
    public void RemoveNotAllowed_by_reference_in_an_external_commit()
    {
        var own = new ProposedChange.Remove(new RemovedLeaf(BobName, _bob.Id, LeafState.Dormant, Now - 100), true) { ByReferenceOf = BobName };
        var outside = new Committer(BobName, _bob.Id, null, false);
        Assert.Equal(RoomRule.RemoveNotAllowed, Commit(Policy() with { Door = new Door.Everybody() }, outside, new ProposedChange.ExternalInit(), own));
        Assert.Null(Commit(Policy() with { Door = new Door.Everybody() }, outside, new ProposedChange.ExternalInit(), own with { ByReferenceOf = null }));
    }

    [Fact]
    public void ContextNotAllowed_in_an_external_commit_even_of_an_owner()
    {
        RoomPolicy policy = Policy() with { Door = new Door.Everybody() };
        var outside = new Committer(AliceName, _community.Token("alice").Id, null, false);
        Assert.Equal(
            RoomRule.ContextNotAllowed,
            Commit(policy, outside, new ProposedChange.ExternalInit(), new ProposedChange.Context(policy, RoomRemovals.None, false)));
    }

    [Fact]
    public void PolicyVersion_ends_with_the_last_number()
    {
        RoomPolicy last = Policy() with { Version = ulong.MaxValue };
        Assert.Equal(RoomRule.PolicyVersion, Commit(last, Alice, new ProposedChange.Context(Policy(), RoomRemovals.None, false)));
    }

    [Fact]
    public void RemovalMismatch_where_a_list_changes_and_nobody_is_removed()
    {
        RoomPolicy policy = Policy();
        var added = new RoomRemovals([new Removal(BobName, null, Now)]);
        Assert.Equal(RoomRule.RemovalMismatch, Commit(policy, Alice, new ProposedChange.Context(policy, added, false)));
    }

    [Fact]
    public void A_floor_is_spent_after_the_longest_entry_and_one_ahead_of_T_never()
    {
        var before = new RoomRemovals([new Removal(BobName, null, Now - 600)]);
        Assert.Equal(RoomRule.RemovalMismatch, RoomRemovals.None.CheckFollows(before, [], Now, 600));
        Assert.Null(RoomRemovals.None.CheckFollows(before, [], Now, 599));
        var ahead = new RoomRemovals([new Removal(BobName, null, Now + 100)]);
        Assert.Equal(RoomRule.RemovalMismatch, RoomRemovals.None.CheckFollows(ahead, [], Now, 0));
    }

    [Fact]
    public void A_new_floor_takes_the_place_of_the_old_one_about_the_same_alone()
    {
        TokenId token = _bob.Id;
        var before = new RoomRemovals([new Removal(BobName, null, Now - 10), new Removal(BobName, token, Now - 10), new Removal(AliceName, null, Now - 10)]);
        RoomRemovals after = before.With([new Removal(BobName, token, Now)], Now, 600);
        Assert.Equal([new Removal(BobName, null, Now - 10), new Removal(AliceName, null, Now - 10), new Removal(BobName, token, Now)], after.Removals);
        after = before.With([new Removal(BobName, null, Now)], Now, 600);
        Assert.Equal([new Removal(BobName, token, Now - 10), new Removal(AliceName, null, Now - 10), new Removal(BobName, null, Now)], after.Removals);
    }

    [Fact]
    public void Removals_are_about_each_once_and_no_more_than_fit()
    {
        var two = new RoomRemovals([new Removal(BobName, null, 1), new Removal(BobName, _bob.Id, 1), new Removal(AliceName, null, 1)]);
        Assert.Equal(two.Removals, RoomRemovals.Decode(TlsWriter.Encode(two)).Removals);
        Assert.Throws<DecodeException>(() => RoomRemovals.Decode(TlsWriter.Encode(new RoomRemovals([new Removal(BobName, null, 1), new Removal(BobName, null, 2)]))));
        RoomRemovals Of(int count) => new([.. Enumerable.Range(0, count).Select(static i => new Removal(Handle.Parse($"user{i}"), null, 1))]);
        Assert.Equal(ProtocolLimits.RoomRemovals, RoomRemovals.Decode(TlsWriter.Encode(Of(ProtocolLimits.RoomRemovals))).Removals.Count);
        Assert.Throws<DecodeException>(() => RoomRemovals.Decode(TlsWriter.Encode(Of(ProtocolLimits.RoomRemovals + 1))));
    }

    [Fact]
    public void Policies_and_genesis_have_their_limits()
    {
        Assert.Throws<DecodeException>(() => RoomGenesis.Decode(TlsWriter.Encode(_genesis with { Owners = [] })));
        Assert.Throws<DecodeException>(() => RoomPolicy.Decode(TlsWriter.Encode(Policy() with { Inviters = (Who)9 })));
        Assert.Equal(ProtocolLimits.LingerCeiling, RoomPolicy.Decode(TlsWriter.Encode(Policy() with { Linger = ProtocolLimits.LingerCeiling })).Linger);
        Assert.Throws<DecodeException>(() => RoomPolicy.Decode(TlsWriter.Encode(Policy() with { Linger = ProtocolLimits.LingerCeiling + 1 })));
        RoomPolicy Listing(int count) => Policy() with { Door = new Door.Listed([.. Enumerable.Range(0, count).Select(static i => Handle.Parse($"user{i}"))]) };
        Assert.Equal(ProtocolLimits.RoomHandles, ((Door.Listed)RoomPolicy.Decode(TlsWriter.Encode(Listing(ProtocolLimits.RoomHandles))).Door).Handles.Count);
        Assert.Throws<DecodeException>(() => RoomPolicy.Decode(TlsWriter.Encode(Listing(ProtocolLimits.RoomHandles + 1))));
    }

    [Fact]
    public void An_entry_is_of_a_kind_that_there_is()
    {
        var entry = new RoomEntry(_genesis.RoomId, 0, default, new Stamp(1, 1), (EntryKind)4, default);
        Assert.Throws<DecodeException>(() => RoomEntry.Decode(TlsWriter.Encode(entry)));
    }

    [Fact]
    public void Content_of_exactly_its_limit_fits()
    {
        Assert.Null(EntryContent.Check(EntryKind.Application, ContentKind.Application, ProtocolLimits.ApplicationMessageBytes));
        Assert.Equal(RoomRule.Size, EntryContent.Check(EntryKind.Application, ContentKind.Application, ProtocolLimits.ApplicationMessageBytes + 1));
        Assert.Null(EntryContent.Check(EntryKind.Handshake, ContentKind.Commit, ProtocolLimits.CommitBytes));
    }

    [Fact]
    public void Seen_may_quote_the_entry_right_before()
    {
        RegistryState registry = _community.State;
        var entry = new RoomEntry(_genesis.RoomId, 5, default, new Stamp(Now, registry.Size), EntryKind.Application, default);
        var seen = new Seen(5, Digest.Of([5]), registry.Size, registry.Root);
        Assert.Null(seen.Check(entry, Digest.Of([5]), registry));
        Assert.Null(seen.CheckReach(entry, 5));
        Assert.Equal(RoomRule.SeenAhead, (seen with { RoomSize = 6 }).Check(entry, Digest.Of([5]), registry));
        Assert.Equal(RoomRule.SeenAhead, (seen with { RoomSize = 6 }).CheckReach(entry, 5));
    }

    [Fact]
    public void An_append_may_quote_all_of_the_relays_registry()
    {
        var now = new Stamp(Now, 10);
        var request = new AppendRequest(EntryKind.Handshake, 0, 10, default, 10);
        RoomTail room = RoomTail.Empty(_genesis.RoomId);
        Assert.Equal(AppendAnswer.Accepted, AppendRule.Judge(request, room, true, null, true, now).Answer);
        Assert.Equal(AppendAnswer.RegistryAhead, AppendRule.Judge(request with { RegistrySize = 11 }, room, true, null, true, now).Answer);
    }

    [Fact]
    public void A_receipt_key_comes_of_a_whole_seed()
    {
        Assert.Throws<ArgumentException>(() => new Receipts(new byte[31]));
        Assert.Throws<ArgumentException>(() => Phrase.Derive("a phrase", _genesis.RoomId, PhraseParameters.Create(0), new byte[31]));
    }

    private RoomPolicy Policy()
    {
        var policy = new RoomPolicy
        {
            Genesis = _genesis,
            Version = 0,
            Admins = [],
            Inviters = Who.Admins,
            Door = new Door.Closed(),
            Linger = ProtocolLimits.LingerDefault,
            Retention = 1_000_000,
            Signer = _grant,
            Signature = default,
        };
        return policy with { Signature = _owner.Sign(policy.SigningInput()) };
    }

    private RoomRule? Commit(RoomPolicy policy, Committer committer, params ProposedChange[] changes)
        => CommitTable.Check(committer, changes, new RoomBefore(_genesis.RoomId, policy, RoomRemovals.None, 3), new Stamp(Now, _community.State.Size), _community.State, new TouchVerifier());
}
