using System.Security.Cryptography;
using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

/// <summary>Ways into a room.</summary>
public sealed class RoomEntryTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    private static RoomSettings With(Door door) => RoomSettings.Standard with { Door = door, Inviters = Who.Members };

    [Fact]
    public void Open_door_lets_in_by_external_commit_and_the_newcomer_is_silent_until_it_hears()
    {
        using var world = new TestRoom(With(new Door.Everybody()));
        Device bob = world.Device("bob");
        bob.Touch();
        Assert.True(Assert.IsType<RoomEvent.Applied>(bob.Enter()).IsOwn);
        Assert.Equal(RoomStatus.Entering, bob.Room.Status);
        Assert.Equal(SendObstacle.Status, bob.Obstacle);
        RoomChange change = Assert.IsType<RoomEvent.Applied>(Assert.Single(world.Alice.Sync())).Change;
        Assert.True(change.HasEntered);
        Assert.Equal(bob.Handle, change.Committer.Handle);
        world.Alice.Say("welcome");
        bob.Sync();
        Assert.Null(bob.Obstacle);
        bob.Say("thanks");
        world.AssertAgree();
    }

    [Fact]
    public void Listed_door_lets_in_who_is_listed_and_nobody_else()
    {
        using var world = new TestRoom(With(new Door.Listed([Handle.Parse("bob")])));
        Device bob = world.Device("bob");
        bob.Touch();
        Assert.IsType<RoomEvent.Applied>(bob.Enter());
        Device carol = world.Device("carol");
        carol.Touch();
        var refused = Assert.Throws<RoomRuleException>(() => carol.Enter());
        Assert.Equal(RoomRule.DoorClosed, refused.Fault.Room);
        world.AssertAgree(world.Alice, bob);
    }

    [Fact]
    public void Phrase_opens_its_door_and_members_who_know_it_verify_the_next()
    {
        using var world = new TestRoom(With(new Door.Phrase(PhraseParameters.Create(1))), Key);
        Device bob = world.Device("bob");
        bob.Touch();
        bob.Enter(Key);
        world.Alice.Sync();
        world.Alice.Say("in");
        Device carol = world.Device("carol");
        carol.Touch();
        carol.Enter(Key);
        world.AssertAgree(world.Alice, bob, carol);
        using Secret? told = bob.Room.PhraseKey;
        Assert.True(told!.Span.SequenceEqual(Key));
    }

    [Fact]
    public void Attack_45_wrong_phrase_is_skipped_the_room_goes_on_and_the_joiner_learns_of_it()
    {
        using var world = new TestRoom(With(new Door.Phrase(PhraseParameters.Create(1))), Key);
        Device bob = world.Device("bob");
        bob.Touch();
        bob.Enter(RandomNumberGenerator.GetBytes(32));
        Assert.Equal(ValidationRule.ConfirmationTagValid, Assert.IsType<RoomEvent.Skipped>(Assert.Single(world.Alice.Sync())).Fault.Mls);
        Assert.Null(world.Alice.Room.MustReenter);
        world.Alice.Say("without bob");
        bob.Sync();
        Assert.Equal(RoomStatus.Entering, bob.Room.Status);
        Assert.True(bob.Room.IsRefused);
        Assert.Null(world.Alice.Obstacle);

        // What bob uploaded with it is the newest GroupInfo that the relay has: a member's next commit mends that.
        Assert.True(world.Alice.Room.NeedsUpdate);
        world.Alice.Do(world.Alice.Room.Update(world.Alice.Session, world.Alice.Belief));
        Assert.False(world.Alice.Room.NeedsUpdate);

        // Once more, and right: the touch still holds.
        bob.Enter(Key);
        world.AssertAgree(world.Alice, bob);
    }

    [Fact]
    public void Attack_45_a_new_phrase_shuts_out_the_old_one_and_is_told_in_the_clean_epoch()
    {
        using var world = new TestRoom(With(new Door.Phrase(PhraseParameters.Create(1))), Key);
        Device bob = world.Join("bob");
        byte[] next = RandomNumberGenerator.GetBytes(32);
        RoomEvent.Applied applied = world.Alice.Do(world.Alice.Room.ChangePhrase(world.Alice.Session, PhraseParameters.Create(2), next, world.Alice.Belief));
        Assert.True(applied.Change.TermsChanged);
        Assert.Equal(1ul, world.Alice.Room.Terms.Policy.Version);
        bob.Sync();
        Assert.Null(bob.Room.PhraseKey);
        bob.Room.LearnPhrase(2, next);
        Device carol = world.Device("carol");
        carol.Touch();
        carol.Enter(next);
        world.AssertAgree(world.Alice, bob, carol);
    }

    [Fact]
    public void Member_without_the_phrase_skips_an_entry_sees_the_others_go_on_and_enters_anew()
    {
        using var world = new TestRoom(With(new Door.Phrase(PhraseParameters.Create(1))), Key);
        Device bob = world.Join("bob");
        Device carol = world.Device("carol");
        carol.Touch();
        ulong sequence = carol.Enter(Key).Sequence;
        Assert.Equal(ValidationRule.PskAvailable, Assert.IsType<RoomEvent.Skipped>(bob.Sync().Single()).Fault.Mls);
        Assert.Null(bob.Room.MustReenter);
        world.Alice.Sync();
        world.Alice.Say("on we go");
        bob.Sync();
        Assert.Equal(sequence, bob.Room.MustReenter!.Sequence);
        Assert.Equal(SendObstacle.Reentry, bob.Obstacle);
        bob.Restart();
        Assert.Equal(sequence, bob.Room.MustReenter!.Sequence);

        SessionId former = bob.Session.Id;
        world.Time += 10;
        bob.Touch();
        bob.Enter(Key, replaces: former);
        world.AssertAgree(world.Alice, bob, carol);
    }

    [Fact]
    public void Client_that_lost_its_state_enters_anew_in_place_of_its_older_leaf_though_the_door_is_closed()
    {
        using var world = new TestRoom();
        Device bob = world.Join("bob");
        Device again = world.Device("bob");
        world.Time += 5;
        again.Touch();
        Assert.Throws<RoomRuleException>(() => again.Enter());
        RoomEvent entered = again.Enter(replaces: bob.Session.Id);
        Assert.IsType<RoomEvent.Applied>(entered);
        Assert.IsType<RoomEvent.Evicted>(bob.Sync()[^1]);
        Assert.Equal(RoomStatus.Evicted, bob.Room.Status);
        world.AssertAgree(world.Alice, again);
        Assert.Single(world.Alice.Room.Members, member => member.Handle == bob.Handle);
    }

    [Fact]
    public void Two_tokens_of_a_person_are_two_leaves_of_one_user()
    {
        using var world = new TestRoom();
        world.Community.AddToken("bob");
        Device laptop = world.Join("bob");
        Device desk = world.Join("bob", token: 1);
        laptop.Say("from the laptop");
        desk.Sync();
        Assert.Equal(laptop.Handle, desk.Events.OfType<RoomEvent.Content>().Last().Sender.Handle);
        world.AssertAgree();
        Assert.Equal(2, world.Alice.Room.Members.Count(member => member.Handle == laptop.Handle));
    }

    [Fact]
    public void Lost_race_to_enter_is_told_and_the_same_touch_enters_with_a_newer_GroupInfo()
    {
        using var world = new TestRoom(With(new Door.Everybody()));
        Device bob = world.Device("bob");
        bob.Touch();
        Entrance entrance = bob.Approach();
        world.Alice.Do(world.Alice.Room.Update(world.Alice.Session, world.Alice.Belief));
        (Room room, Outgoing knock) = entrance.Knock(bob.Session, bob.Belief);
        bob.Room = room;
        Assert.Equal(AppendAnswer.Conflict, bob.Send(knock).Answer);
        Assert.Null(Assert.IsType<RoomEvent.NotEntered>(Assert.Single(bob.Sync())).Fault);
        Assert.IsType<RoomEvent.Applied>(bob.Enter());
        world.AssertAgree(world.Alice, bob);
    }

    [Fact]
    public void Entry_survives_a_crash_between_saving_and_sending()
    {
        using var world = new TestRoom(With(new Door.Everybody()));
        Device bob = world.Device("bob");
        bob.Touch();
        (Room room, Outgoing knock) = bob.Approach().Knock(bob.Session, bob.Belief);
        bob.Room = room;
        bob.Restart();
        bob.Push(knock);
        bob.Restart();
        Assert.Equal(AppendAnswer.Duplicate, bob.Send(knock).Answer);
        bob.Sync();
        Assert.Equal(RoomStatus.Entering, bob.Room.Status);
        world.AssertAgree(world.Alice, bob);
    }

    [Fact]
    public void Attack_26_stale_GroupInfo_leaves_the_joiner_silent_and_the_others_untouched()
    {
        using var world = new TestRoom(With(new Door.Everybody()));
        GroupInfoFrame stale = world.Log.GroupInfos[^1];
        world.Alice.Do(world.Alice.Room.Update(world.Alice.Session, world.Alice.Belief));
        Device bob = world.Device("bob");
        bob.Touch();
        bob.Enter(groupInfo: stale);
        Assert.Equal(ValidationRule.EpochMatches, Assert.IsType<RoomEvent.Skipped>(Assert.Single(world.Alice.Sync())).Fault.Mls);
        world.Alice.Say("nobody new");
        bob.Sync();
        Assert.Equal(RoomStatus.Entering, bob.Room.Status);
        Assert.Throws<InvalidOperationException>(() => bob.Room.Encrypt(bob.Session, "out"u8.ToArray(), bob.Belief));
    }

    [Fact]
    public void Attack_27_GroupInfo_with_another_policy_or_of_another_room_is_refused()
    {
        using var world = new TestRoom(With(new Door.Everybody()));
        using var other = new TestRoom(With(new Door.Everybody()));
        Device bob = world.Device("bob");
        bob.Touch();
        var elsewhere = Assert.Throws<RoomRuleException>(() => bob.Approach(other.Log.GroupInfos[^1]));
        Assert.Equal(RoomRule.OtherRoom, elsewhere.Fault.Room);

        // A policy below one that was seen, or that the link names.
        var rolledBack = Assert.Throws<RoomRuleException>(() => bob.Approach(leastVersion: 1));
        Assert.Equal(RoomRule.PolicyVersion, rolledBack.Fault.Room);
    }

    [Fact]
    public void Attack_27_policy_that_no_owner_has_signed_is_refused()
    {
        using var world = new TestRoom(With(new Door.Everybody()));
        using var bob = RawMember.Join(world, "bob");
        RoomTerms terms = world.Alice.Room.Terms;
        var forged = terms with { Policy = terms.Policy with { Version = 1, Admins = [bob.Device.Handle] } };
        CommitBundle fork = bob.Group.Commit(bob.Device.Session.Signer, RawMember.Anything, new CommitOptions
        {
            Proposals = [new GroupContextExtensionsProposal(ExtensionsOf(bob.Group, forged))],
            AuthenticatedData = Wire.TlsWriter.Encode(bob.Seen),
            GroupInfo = new GroupInfoOptions { Extensions = new ExtensionList(Mls.Extension.Of(new ExtensionType(Seen.ExtensionType), bob.Seen)) },
        });
        Device carol = world.Device("carol");
        carol.Touch();
        var refused = Assert.Throws<RoomRuleException>(() => carol.Approach(new GroupInfoFrame(world.Log.Chain.Size, fork.GroupInfo!.Value)));
        Assert.Equal(RoomRule.PolicySignature, refused.Fault.Room);
    }

    [Fact]
    public void Attack_43_Welcome_into_a_private_fork_is_refused()
    {
        using var world = new TestRoom();
        Device bob = world.Device("bob");
        bob.Touch(keyPackages: 1);
        Outgoing addition = world.Alice.Room.Add(world.Alice.Session, [bob.Offer()], world.Alice.Belief);
        world.Alice.Room.Discard(addition);
        ulong sequence = world.Alice.Do(world.Alice.Room.Update(world.Alice.Session, world.Alice.Belief)).Sequence;
        var forged = new WelcomePush(world.Id, sequence, addition.Frame.Welcome!.Value);
        Assert.Throws<NotInLogException>(() => bob.Accept(forged));
    }

    [Fact]
    public void Attack_29_key_package_that_was_used_opens_no_second_Welcome()
    {
        using var world = new TestRoom();
        Device bob = world.Device("bob");
        bob.Touch(keyPackages: 1);
        world.Alice.Add(bob);
        bob.Accept();
        Assert.Null(bob.Session.KeyPackageFor(MlsMessage.Decode(world.Log.Welcomes[^1].Welcome.Span).Welcome!));
    }

    [Fact]
    public void Attack_28_swapped_or_expired_key_package_is_refused_by_the_adder()
    {
        using var world = new TestRoom();
        Device bob = world.Device("bob");
        Device carol = world.Device("carol");
        bob.Touch(keyPackages: 1);
        carol.Touch(keyPackages: 1);
        TokenKeyPackage swapped = bob.Offer() with { Package = carol.Offer().Package };
        Assert.Equal(TouchRule.TokenUnknown, Refused(() => world.Alice.Room.Add(world.Alice.Session, [swapped], world.Alice.Belief)).Touch);
        ulong then = world.Time;
        world.Time += world.Community.State.Policy.KeyPackageLifetime + 1;
        Assert.Equal(TouchRule.EnterBy, Refused(() => world.Alice.Room.Add(world.Alice.Session, [bob.Offer()], world.Alice.Belief)).Touch);
        world.Time = then;
        world.Community.Append(world.Community.RevokeStatement(bob.Token, world.Community.Token("alice")));
        Assert.Equal(TouchRule.Void, Refused(() => world.Alice.Room.Add(world.Alice.Session, [bob.Offer()], world.Alice.Belief)).Touch);
        Assert.False(world.Alice.Room.HasPendingCommit);
    }

    [Fact]
    public void Attack_28_revoked_key_package_that_is_forced_in_is_skipped_by_all()
    {
        using var world = new TestRoom();
        using var bob = RawMember.Join(world, "bob");
        Device carol = world.Device("carol");
        carol.Touch(keyPackages: 1);
        world.Community.Append(world.Community.RevokeStatement(carol.Token, world.Community.Token("alice")));
        world.Log.Force(EntryKind.Handshake, bob.Commit(new AddProposal(carol.Session.KeyPackages[0].KeyPackage)), world.Now);
        Assert.Equal(TouchRule.Void, Assert.IsType<RoomEvent.Skipped>(Assert.Single(world.Alice.Sync())).Fault.Touch);
    }

    private static EntryFault Refused(Func<Outgoing> make) => Assert.Throws<RoomRuleException>(make).Fault;

    private static ExtensionList ExtensionsOf(MlsGroup group, RoomTerms terms) => new(
        group.Context.Extensions[0],
        Mls.Extension.Of(new ExtensionType(RoomPolicy.ExtensionType), terms.Policy),
        Mls.Extension.Of(new ExtensionType(RoomRemovals.ExtensionType), terms.Removals));
}
