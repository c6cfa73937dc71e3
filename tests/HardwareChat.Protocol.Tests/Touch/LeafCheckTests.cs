namespace HardwareChat.Protocol.Tests;

/// <summary>Each rule of Entry and Standing, broken by exactly that.</summary>
public sealed class LeafCheckTests
{
    private static readonly RoomId Room = new(Digest.Of("room"u8));
    private readonly TestCommunity _community = new();
    private readonly TestToken _bob;
    private readonly TestSession _session = new();
    private readonly LeafChecks _checks = new(new TouchVerifier());

    public LeafCheckTests() => _bob = _community.Enrol("bob");

    private ulong Now => _community.Time;

    private Stamp Stamp => new(Now, _community.State.Size);

    [Theory]
    [InlineData(SignatureScheme.EcdsaSecp256r1Sha256)]
    [InlineData(SignatureScheme.EcdsaSecp384r1Sha384)]
    [InlineData(SignatureScheme.Ed25519)]
    public void A_touch_of_either_algorithm_enters_and_stands(SignatureScheme scheme)
    {
        TestToken token = _community.Enrol("carol", scheme);
        SignedGrant grant = SignedGrant.Decode(Wire.TlsWriter.Encode(_session.RoomGrant(token, _community.State, Now, Room)));
        Assert.Null(Entry(grant));
        Assert.Null(_checks.Standing(_session.Leaf(grant), _community.State.Size, _community.State, grant));
        SignedGrant package = _session.KeyPackageGrant(token, _community.State, Now);
        Assert.Null(Entry(package, EntryWay.Add));
        Assert.Null(_checks.Standing(_session.Leaf(package), _community.State.Size, _community.State));
    }

    [Fact]
    public void OtherRegistry_is_refused()
    {
        var other = new TestCommunity();
        Assert.Equal(TouchRule.OtherRegistry, Entry(_session.RoomGrant(other.Token("alice"), other.State, Now, Room)));
    }

    [Fact]
    public void TokenUnknown_before_its_enrolment_stands_at_R()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        RegistryToken token = _community.State.Token(_bob.Id)!;
        Assert.Equal(TouchRule.TokenUnknown, Entry(grant, stamp: new Stamp(Now, token.EnrolledAt)));
    }

    [Fact]
    public void RegistrySize_beyond_R_is_refused()
    {
        ulong before = _community.State.Size;
        _community.Enrol("carol");
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        Assert.Equal(TouchRule.RegistrySize, Entry(grant, stamp: new Stamp(Now, before)));
    }

    [Fact]
    public void RegistryRoot_of_another_history_is_refused()
        => Assert.Equal(TouchRule.RegistryRoot, Entry(Signed(_bob, touch => touch with { RegistryRoot = Digest.Of([1]) })));

    [Fact]
    public void SessionLifetime_above_the_policy_is_refused()
        => Assert.Equal(TouchRule.SessionLifetime, Entry(Signed(_bob, touch => touch with { NotAfter = touch.NotAfter + 1 })));

    [Fact]
    public void SessionLifetime_is_judged_by_the_policy_at_registry_size()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        var shorter = new RegistryPolicy { Version = 1, AttestationRoots = [], SessionLifetime = 60 };
        _community.Append(_community.Sign(new PolicyChange(shorter), _community.Token("alice").As9C));
        Assert.Null(Entry(grant));
        Assert.Equal(TouchRule.SessionLifetime, Entry(Signed(_bob, touch => touch with { NotAfter = touch.IssuedAt + 61 })));
    }

    [Fact]
    public void EntryLifetime_above_the_policy_is_refused()
    {
        GrantItem tooLong = GrantItem.ForRoom(Room, _session.EncryptionKey, Now + 601);
        Assert.Equal(TouchRule.EntryLifetime, Entry(_session.Touch(_bob, _community.State, Now, tooLong)[0]));
        GrantItem package = GrantItem.ForKeyPackage(_session.EncryptionKey, _session.InitKey, Now + _community.State.Policy.KeyPackageLifetime + 1);
        Assert.Equal(TouchRule.EntryLifetime, Entry(_session.Touch(_bob, _community.State, Now, package)[0], EntryWay.Add));
        GrantItem past = GrantItem.ForRoom(Room, _session.EncryptionKey, Now - 1);
        Assert.Equal(TouchRule.EntryLifetime, Entry(_session.Touch(_bob, _community.State, Now, past)[0]));
    }

    [Fact]
    public void Path_of_another_item_index_count_or_length_is_refused()
    {
        GrantItem[] items = [.. Enumerable.Range(0, 5).Select(_ => GrantItem.ForRoom(Room, _session.EncryptionKey, Now + 10))];
        items[1] = GrantItem.ForRoom(new RoomId(Digest.Of([9])), _session.EncryptionKey, Now + 10);
        IReadOnlyList<SignedGrant> grants = _session.Touch(_bob, _community.State, Now, items);
        SignedGrant good = grants[0];
        Assert.Null(Entry(good));
        Assert.All<SignedGrant>(
            [
                new(good.Touch, good.Signature, grants[1].Item, 0, good.Path),
                new(good.Touch, good.Signature, good.Item, 1, good.Path),
                new(good.Touch, good.Signature, good.Item, 5, good.Path),
                new(good.Touch, good.Signature, good.Item, 0, grants[1].Path),
                new(good.Touch, good.Signature, good.Item, 0, good.Path[..^1]),
                new(good.Touch, good.Signature, good.Item, 0, [.. good.Path, good.Path[0]]),
                new(good.Touch with { Count = 4 }, good.Signature, good.Item, 0, good.Path),
            ],
            grant => Assert.Equal(TouchRule.Path, Entry(grant)));
    }

    [Fact]
    public void Signature_of_another_key_or_with_a_high_s_is_refused()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        byte[] broken = grant.Signature.ToArray();
        broken[40] ^= 1;
        Assert.Equal(TouchRule.Signature, Entry(WithSignature(grant, broken)));
        Assert.Equal(TouchRule.Signature, Entry(WithSignature(grant, [])));
        Assert.Equal(TouchRule.Signature, Entry(WithSignature(grant, _community.Token("alice").Sign(Labelled.Bytes(Labels.Touch, Wire.TlsWriter.Encode(grant.Touch))))));
        Assert.Equal(TouchRule.Signature, Entry(WithSignature(grant, _bob.Sign(Wire.TlsWriter.Encode(grant.Touch)))));
        Assert.Equal(TouchRule.Signature, Entry(WithSignature(grant, TestToken.Malleate(grant.Signature))));
        Assert.Null(Entry(WithSignature(grant, TestToken.Malleate(TestToken.Malleate(grant.Signature)))));
    }

    [Fact]
    public void Signature_that_was_never_seen_is_not_believed_for_a_touch_that_was()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        Assert.Null(Entry(grant));
        byte[] broken = grant.Signature.ToArray();
        broken[40] ^= 1;
        Assert.Equal(TouchRule.Signature, Entry(WithSignature(grant, broken)));
        Assert.Null(Entry(grant));
    }

    // Check 1 at both moments: whoever joins reads leaves that entered before its eyes were open.
    [Fact]
    public void A_leaf_that_stands_is_held_to_its_touch_as_one_that_enters_is()
    {
        SignedGrant good = _session.RoomGrant(_bob, _community.State, Now, Room);
        byte[] broken = good.Signature.ToArray();
        broken[40] ^= 1;
        var other = new TestCommunity();
        ulong size = _community.State.Size;
        TouchRule? Stands(SignedGrant grant, ulong? registrySize = null) => _checks.Standing(_session.Leaf(grant), registrySize ?? size, _community.State);
        Assert.Equal(TouchRule.Signature, Stands(WithSignature(good, broken)));
        Assert.Equal(TouchRule.Path, Stands(new SignedGrant(good.Touch, good.Signature, good.Item, 0, [default])));
        Assert.Equal(TouchRule.OtherRegistry, Stands(_session.RoomGrant(other.Token("alice"), other.State, Now, Room)));
        Assert.Equal(TouchRule.TokenUnknown, Stands(good, _community.State.Token(_bob.Id)!.EnrolledAt));
        Assert.Equal(TouchRule.SessionScheme, _checks.Standing(_session.Leaf(good) with { Scheme = SignatureScheme.EcdsaSecp256r1Sha256 }, size, _community.State));
        Assert.Null(Stands(good));
    }

    [Fact]
    public void A_renewal_without_what_it_renews_is_the_callers_mistake()
        => Assert.Throws<ArgumentNullException>(() => Entry(_session.RoomGrant(_bob, _community.State, Now, Room), EntryWay.Renewal));

    [Fact]
    public void A_touch_that_is_none_is_malformed()
    {
        SignedGrant good = _session.RoomGrant(_bob, _community.State, Now, Room);
        byte[] bytes = Wire.TlsWriter.Encode(good);
        Assert.Throws<Wire.DecodeException>(() => SignedGrant.Decode([0, 2, .. bytes.AsSpan(2)]));
        Assert.Throws<Wire.DecodeException>(() => Again(touch => touch with { NotAfter = touch.IssuedAt - 1 }));
        Assert.Throws<Wire.DecodeException>(() => Again(static touch => touch with { Count = 0 }));
        Assert.Throws<Wire.DecodeException>(() => Again(static touch => touch with { Count = ProtocolLimits.GrantItemsPerTouch + 1 }));
        Assert.Equal(256U, Again(static touch => touch with { Count = ProtocolLimits.GrantItemsPerTouch }).Touch.Count);
        Assert.Equal(good.Touch.IssuedAt, Again(static touch => touch with { NotAfter = touch.IssuedAt }).Touch.NotAfter);
        var noPurpose = new SignedGrant(good.Touch, good.Signature, good.Item with { Purpose = (GrantPurpose)4 }, 0, good.Path);
        Assert.Throws<Wire.DecodeException>(() => SignedGrant.Decode(Wire.TlsWriter.Encode(noPurpose)));

        SignedGrant Again(Func<Touch, Touch> change)
            => SignedGrant.Decode(Wire.TlsWriter.Encode(new SignedGrant(change(good.Touch), good.Signature, good.Item, good.Index, good.Path)));
    }

    [Fact]
    public void A_leaf_under_a_removal_floor_is_void()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        Assert.Equal(LeafState.Void, LeafStates.At(grant.Touch, Stamp, _community.State, Removing(Now, _bob.Id)));
        Assert.Equal(LeafState.Void, LeafStates.At(grant.Touch, Stamp, _community.State, Removing(Now, null)));
        Assert.Equal(LeafState.Active, LeafStates.At(grant.Touch, Stamp, _community.State, Removing(Now - 1, null)));
        Assert.Equal(LeafState.Active, LeafStates.At(grant.Touch, Stamp, _community.State, Removing(Now, _community.Token("alice").Id)));
    }

    [Fact]
    public void SessionKey_that_is_not_the_leafs_is_refused()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        LeafFacts copied = _session.Leaf(grant) with { SignatureKey = new TestSession().PublicKey.Raw.ToArray() };
        Assert.Equal(TouchRule.SessionKey, Check(copied, EntryWay.External));
        Assert.Equal(TouchRule.SessionKey, _checks.Standing(copied, _community.State.Size, _community.State));
    }

    [Fact]
    public void SessionScheme_of_another_suite_is_refused()
    {
        LeafFacts leaf = _session.Leaf(_session.RoomGrant(_bob, _community.State, Now, Room)) with { Scheme = SignatureScheme.EcdsaSecp256r1Sha256 };
        Assert.Equal(TouchRule.SessionScheme, Check(leaf, EntryWay.External));
    }

    [Fact]
    public void Purpose_of_another_use_is_refused()
    {
        SignedGrant room = _session.RoomGrant(_bob, _community.State, Now, Room);
        SignedGrant package = _session.KeyPackageGrant(_bob, _community.State, Now);
        GrantItem channelItem = GrantItem.ForChannel(RelayId.OfKey(_session.EncryptionKey), _session.EncryptionKey, Now + _community.State.Policy.SessionLifetime);
        SignedGrant channel = _session.Touch(_bob, _community.State, Now, channelItem)[0];
        Assert.Equal(TouchRule.Purpose, Entry(channel));
        Assert.Equal(TouchRule.Purpose, Entry(package));
        Assert.Equal(TouchRule.Purpose, Entry(room, EntryWay.Add));
        LeafFacts fromPackage = _session.Leaf(package) with { Grant = room };
        Assert.Equal(TouchRule.Purpose, _checks.Standing(fromPackage, _community.State.Size, _community.State));
    }

    [Fact]
    public void Context_of_another_room_is_refused()
        => Assert.Equal(TouchRule.Context, Entry(_session.RoomGrant(_bob, _community.State, Now, new RoomId(Digest.Of([1])))));

    [Fact]
    public void Keys_other_than_the_named_ones_are_refused()
    {
        var other = new TestSession();
        SignedGrant room = _session.RoomGrant(_bob, _community.State, Now, Room);
        SignedGrant package = _session.KeyPackageGrant(_bob, _community.State, Now);
        Assert.Equal(TouchRule.Keys, Check(_session.Leaf(room) with { EncryptionKey = other.EncryptionKey }, EntryWay.External));
        Assert.Equal(TouchRule.Keys, Check(_session.Leaf(package) with { EncryptionKey = other.EncryptionKey }, EntryWay.Add));
        Assert.Equal(TouchRule.Keys, Check(_session.Leaf(package) with { InitKey = other.InitKey }, EntryWay.Add));
        LeafFacts standing = _session.Leaf(package) with { EncryptionKey = other.EncryptionKey };
        Assert.Equal(TouchRule.Keys, _checks.Standing(standing, _community.State.Size, _community.State));
    }

    [Fact]
    public void Lifetime_other_than_the_touchs_is_refused()
    {
        SignedGrant package = _session.KeyPackageGrant(_bob, _community.State, Now);
        LeafFacts leaf = _session.Leaf(package) with { Lifetime = (Now, package.Item.EnterBy + 1) };
        Assert.Equal(TouchRule.Lifetime, Check(leaf, EntryWay.Add));
        Assert.Equal(TouchRule.Lifetime, Check(leaf with { Lifetime = null }, EntryWay.Add));
        Assert.Equal(TouchRule.Lifetime, _checks.Standing(leaf, _community.State.Size, _community.State));
    }

    [Fact]
    public void IssuedAhead_of_T_by_more_than_five_minutes_is_refused()
    {
        Assert.Null(Entry(_session.RoomGrant(_bob, _community.State, Now + 300, Room)));
        Assert.Equal(TouchRule.IssuedAhead, Entry(_session.RoomGrant(_bob, _community.State, Now + 301, Room)));
    }

    [Fact]
    public void EnterBy_is_the_last_second()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        Assert.Null(Entry(grant, stamp: Stamp with { Time = Now + 600 }));
        Assert.Equal(TouchRule.EnterBy, Entry(grant, stamp: Stamp with { Time = Now + 601 }));
    }

    [Fact]
    public void Void_leaves_do_not_enter()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        _community.Append(_community.RevokeStatement(_bob, _community.Token("alice")));
        Assert.Equal(TouchRule.Void, Entry(grant));
        Assert.Null(Entry(grant, stamp: new Stamp(Now, grant.Touch.RegistrySize)));
    }

    [Fact]
    public void RemovalFloor_stops_what_was_touched_before_the_removal()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        Assert.Equal(TouchRule.RemovalFloor, Entry(grant, room: Removing(Now, _bob.Id)));
        Assert.Equal(TouchRule.RemovalFloor, Entry(grant, room: Removing(Now, null)));
        Assert.Null(Entry(grant, room: Removing(Now - 1, _bob.Id)));
        Assert.Null(Entry(grant, room: Removing(Removal.Ban, _community.Token("alice").Id)));
    }

    [Fact]
    public void BotRoom_is_one_that_the_role_names()
    {
        TestToken bot = _community.Enrol("helper", role: Role.Bot);
        Assert.Equal(TouchRule.BotRoom, Entry(_session.RoomGrant(bot, _community.State, Now, Room)));
        _community.Append(_community.Sign(new RoleChange(Handle.Parse("helper"), Role.Bot, [Room]), _community.Token("alice").As9C));
        Assert.Null(Entry(_session.RoomGrant(bot, _community.State, Now, Room)));
    }

    [Fact]
    public void RenewalToken_must_be_the_leafs()
    {
        SignedGrant former = _session.RoomGrant(_community.Token("alice"), _community.State, Now - 100, Room);
        SignedGrant renewed = _session.RoomGrant(_bob, _community.State, Now, Room);
        Assert.Equal(TouchRule.RenewalToken, Entry(renewed, EntryWay.Renewal, former: former));
    }

    [Fact]
    public void RenewalOrder_is_a_later_touch()
    {
        SignedGrant former = new TestSession().RoomGrant(_bob, _community.State, Now, Room);
        Assert.Equal(TouchRule.RenewalOrder, Entry(_session.RoomGrant(_bob, _community.State, Now, Room), EntryWay.Renewal, former: former));
        Assert.Null(Entry(_session.RoomGrant(_bob, _community.State, Now + 1, Room), EntryWay.Renewal, former: former));
    }

    [Fact]
    public void ResyncRemoval_takes_only_an_older_leaf_of_the_same_token()
    {
        SignedGrant mine = _session.RoomGrant(_bob, _community.State, Now, Room);
        SignedGrant older = new TestSession().RoomGrant(_bob, _community.State, Now - 1, Room);
        SignedGrant sameTime = new TestSession().RoomGrant(_bob, _community.State, Now, Room);
        SignedGrant alices = new TestSession().RoomGrant(_community.Token("alice"), _community.State, Now - 1, Room);
        Assert.Null(Entry(mine, removed: [older]));
        Assert.Null(Entry(mine, removed: [mine]));
        Assert.Equal(TouchRule.ResyncRemoval, Entry(mine, removed: [sameTime]));
        Assert.Equal(TouchRule.ResyncRemoval, Entry(mine, removed: [older, alices]));
    }

    [Fact]
    public void LeavesPerToken_are_four()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        Assert.Null(Entry(grant, before: new LeafCount(3, 3)));
        Assert.Equal(TouchRule.LeavesPerToken, Entry(grant, before: new LeafCount(4, 4)));
    }

    [Fact]
    public void LeavesPerUser_are_eight()
    {
        SignedGrant grant = _session.RoomGrant(_bob, _community.State, Now, Room);
        Assert.Null(Entry(grant, before: new LeafCount(0, 7)));
        Assert.Equal(TouchRule.LeavesPerUser, Entry(grant, before: new LeafCount(0, 8)));
    }

    [Fact]
    public void CredentialChanged_without_a_renewal_is_refused()
    {
        IReadOnlyList<SignedGrant> two = _session.Touch(
            _bob, _community.State, Now, GrantItem.ForRoom(Room, _session.EncryptionKey, Now + 10), GrantItem.ForRoom(Room, _session.EncryptionKey, Now + 20));
        LeafFacts leaf = _session.Leaf(two[1]);
        Assert.Equal(TouchRule.CredentialChanged, _checks.Standing(leaf, _community.State.Size, _community.State, two[0]));
        Assert.Null(_checks.Standing(leaf, _community.State.Size, _community.State, two[1]));
    }

    [Fact]
    public void Attack_36_another_members_token_or_a_copied_grant_is_refused()
    {
        SignedGrant alices = new TestSession().RoomGrant(_community.Token("alice"), _community.State, Now, Room);
        SignedGrant mine = _session.RoomGrant(_bob, _community.State, Now - 1, Room);
        LeafFacts copied = _session.Leaf(alices);
        Assert.Equal(TouchRule.SessionKey, Check(copied, EntryWay.External));
        SignedGrant swapped = _session.RoomGrant(_community.Token("alice"), _community.State, Now, Room);
        Assert.Equal(TouchRule.RenewalToken, Entry(swapped, EntryWay.Renewal, former: mine));
    }

    [Fact]
    public void Attack_41_a_removed_member_comes_back_only_with_a_fresh_touch_and_not_when_banned()
    {
        IReadOnlyList<SignedGrant> two = _session.Touch(
            _bob, _community.State, Now, GrantItem.ForRoom(Room, _session.EncryptionKey, Now + 600), GrantItem.ForRoom(Room, _session.EncryptionKey, Now + 600));
        RoomRules removed = Removing(Now + 60, _bob.Id);
        Stamp later = Stamp with { Time = Now + 120 };
        Assert.Equal(TouchRule.RemovalFloor, Entry(two[0], stamp: later, room: removed));
        Assert.Equal(TouchRule.RemovalFloor, Entry(two[1], stamp: later, room: removed));
        Assert.Equal(TouchRule.EnterBy, Entry(two[1], stamp: Stamp with { Time = Now + 700 }, room: removed));
        SignedGrant fresh = new TestSession().RoomGrant(_bob, _community.State, Now + 61, Room);
        var session = new TestSession();
        fresh = session.RoomGrant(_bob, _community.State, Now + 61, Room);
        LeafFacts leaf = session.Leaf(fresh);
        Assert.Null(_checks.Entry(leaf, EntryWay.External, later, _community.State, removed, default));
        Assert.Equal(TouchRule.RemovalFloor, _checks.Entry(leaf, EntryWay.External, later, _community.State, Removing(Removal.Ban, _bob.Id), default));
    }

    [Fact]
    public void Attack_49_a_grant_used_as_what_it_is_not_is_refused()
    {
        ulong notAfter = Now + _community.State.Policy.SessionLifetime;
        var roomB = new RoomId(Digest.Of("another room"u8));
        IReadOnlyList<SignedGrant> grants = _session.Touch(
            _bob,
            _community.State,
            Now,
            GrantItem.ForChannel(RelayId.OfKey(_session.EncryptionKey), _session.EncryptionKey, notAfter),
            GrantItem.ForKeyPackage(_session.EncryptionKey, _session.InitKey, Now + 60),
            GrantItem.ForRoom(Room, _session.EncryptionKey, Now + 60));
        Assert.Equal(TouchRule.Purpose, Entry(grants[0]));
        Assert.Equal(TouchRule.Purpose, Entry(grants[1]));
        Assert.Equal(TouchRule.Context, Entry(grants[2], room: new RoomRules(roomB, ProtocolLimits.LingerDefault, RoomRemovals.None)));
        Assert.Equal(TouchRule.Path, Entry(new SignedGrant(grants[0].Touch, grants[0].Signature, grants[2].Item, 0, grants[0].Path)));
        Assert.Equal(TouchRule.Path, Entry(new SignedGrant(grants[2].Touch, grants[2].Signature, grants[2].Item, 1, grants[2].Path)));
        Assert.Equal(TouchRule.Path, Entry(new SignedGrant(grants[2].Touch, grants[2].Signature, grants[2].Item, 2, [.. grants[2].Path, default])));
        Assert.Null(Entry(grants[2]));
    }

    [Fact]
    public void Attack_50_a_touch_that_names_another_users_session_key_gives_no_leaf_of_that_key()
    {
        // bob's token vouches for a key that is alice's session. The leaf must be signed by that key, which bob has not: a leaf
        // under bob's own key does not fit the touch.
        var alices = new TestSession();
        GrantItem item = GrantItem.ForRoom(Room, _session.EncryptionKey, Now + 60);
        SignedGrant misbound = alices.Touch(_bob, _community.State, Now, item)[0];
        Assert.Equal(TouchRule.SessionKey, Check(_session.Leaf(misbound), EntryWay.External));
    }

    [Fact]
    public void Attack_51_a_touch_kept_for_later_is_void_after_a_sign_out_whatever_its_date()
    {
        SignedGrant kept = _session.RoomGrant(_bob, _community.State, Now + 200, Room);
        Assert.Null(Entry(kept));
        _community.Append(_community.Sign(new SignOut(_bob.Id), _bob.As9A));
        Assert.Equal(TouchRule.Void, Entry(kept));
        Assert.Null(Entry(_session.RoomGrant(_bob, _community.State, Now, Room)));
    }

    [Fact]
    public void Attack_55_after_also_added_no_leaf_of_the_added_token_enters_or_stands_active()
    {
        TestToken added = _community.AddToken("bob");
        SignedGrant grant = _session.RoomGrant(added, _community.State, Now, Room);
        _community.Append(_community.RevokeStatement(_bob, _community.Token("alice"), alsoAdded: true));
        Assert.Equal(TouchRule.Void, Entry(grant));
        Assert.Equal(LeafState.Void, LeafStates.At(grant.Touch, Stamp, _community.State, Rules()));
    }

    [Fact]
    public void Every_rule_of_a_touch_is_named_by_a_test() => RuleNames.AssertNamed<TouchRule>(typeof(LeafCheckTests));

    private static RoomRules Rules() => new(Room, ProtocolLimits.LingerDefault, RoomRemovals.None);

    private static RoomRules Removing(ulong floor, TokenId? token)
        => new(Room, ProtocolLimits.LingerDefault, new RoomRemovals([new Removal(Handle.Parse("bob"), token, floor)]));

    private static SignedGrant WithSignature(SignedGrant grant, byte[] signature) => new(grant.Touch, signature, grant.Item, grant.Index, grant.Path);

    private SignedGrant Signed(TestToken token, Func<Touch, Touch> change)
    {
        SignedGrant grant = _session.RoomGrant(token, _community.State, Now, Room);
        Touch touch = change(grant.Touch);
        return new SignedGrant(touch, token.Sign(Labelled.Bytes(Labels.Touch, Wire.TlsWriter.Encode(touch))), grant.Item, 0, grant.Path);
    }

    private TouchRule? Entry(
        SignedGrant grant,
        EntryWay way = EntryWay.External,
        Stamp? stamp = null,
        RoomRules? room = null,
        LeafCount before = default,
        SignedGrant? former = null,
        IReadOnlyList<SignedGrant>? removed = null)
        => _checks.Entry(_session.Leaf(grant), way, stamp ?? Stamp, _community.State, room ?? Rules(), before, former, removed);

    private TouchRule? Check(LeafFacts leaf, EntryWay way) => _checks.Entry(leaf, way, Stamp, _community.State, Rules(), default);
}
