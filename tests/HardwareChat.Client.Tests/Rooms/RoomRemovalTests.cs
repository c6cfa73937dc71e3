using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

/// <summary>Ways out of a room, and whom nobody encrypts to.</summary>
public sealed class RoomRemovalTests
{
    private const ulong Hour = 3600;

    private static RoomSettings Open => RoomSettings.Standard with { Door = new Door.Everybody(), Inviters = Who.Members };

    [Fact]
    public void Removed_member_is_out_and_may_be_added_again()
    {
        using var world = new TestRoom();
        Device bob = world.Join("bob");
        Device carol = world.Join("carol");
        RoomEvent.Applied removed = world.Alice.Do(world.Alice.Room.Remove(world.Alice.Session, bob.Handle, null, false, world.Alice.Belief));
        Assert.Equal(bob.Handle, Assert.Single(removed.Change.Removed).Handle);
        Assert.IsType<RoomEvent.Evicted>(bob.Sync().Single());
        Assert.Null(bob.Room.Own);
        carol.Sync();
        Assert.Equal(2, carol.Room.Members.Count);
        world.Time += 10;
        Device again = world.Join("bob");
        world.AssertAgree(world.Alice, carol, again);
    }

    [Fact]
    public void Attack_41_removed_member_re_enters_neither_with_its_old_touch_nor_banned_but_with_a_later_one()
    {
        using var world = new TestRoom(Open);
        Device bob = world.Device("bob");
        bob.Touch();
        bob.Enter();
        world.Alice.Sync();
        GroupInfoFrame before = world.Log.GroupInfos[^1];
        Session old = bob.Session;
        world.Time += 60;
        world.Alice.Do(world.Alice.Room.Remove(world.Alice.Session, bob.Handle, null, false, world.Alice.Belief));
        Assert.Equal(TouchRule.RemovalFloor, Assert.Throws<RoomRuleException>(() => bob.Enter()).Fault.Touch);

        // A joiner without scruples sends it all the same: by the GroupInfo of before, and by the newest.
        Force(world, bob, before);
        Assert.Equal(ValidationRule.EpochMatches, Assert.IsType<RoomEvent.Skipped>(world.Alice.Sync()[^1]).Fault.Mls);
        Force(world, bob, world.Log.GroupInfos[^1]);
        Assert.Equal(TouchRule.RemovalFloor, Assert.IsType<RoomEvent.Skipped>(world.Alice.Sync()[^1]).Fault.Touch);

        world.Time += 60;
        bob.Touch();
        Assert.IsType<RoomEvent.Applied>(bob.Enter());
        world.AssertAgree(world.Alice, bob);

        world.Alice.Do(world.Alice.Room.Remove(world.Alice.Session, bob.Handle, null, ban: true, world.Alice.Belief));
        world.Time += Hour;
        bob.Touch();
        Assert.Equal(TouchRule.RemovalFloor, Assert.Throws<RoomRuleException>(() => bob.Enter()).Fault.Touch);
        world.Alice.Do(world.Alice.Room.Pardon(world.Alice.Session, bob.Handle, world.Alice.Belief));
        Assert.IsType<RoomEvent.Applied>(bob.Enter());
        world.AssertAgree(world.Alice, bob);
        Assert.NotEqual(old.Id, bob.Session.Id);
    }

    [Fact]
    public void Attack_42_removed_member_that_sends_in_the_old_epoch_is_skipped_at_that_position()
    {
        using var world = new TestRoom();
        Device carol = world.Join("carol");
        using var bob = RawMember.Join(world, "bob");
        byte[] before = bob.Encrypt("in time");
        byte[] after = bob.Encrypt("too late");
        world.Log.Force(EntryKind.Application, before, world.Now);
        world.Alice.Sync();
        world.Alice.Do(world.Alice.Room.Remove(world.Alice.Session, bob.Device.Handle, null, false, world.Alice.Belief));
        world.Log.Force(EntryKind.Application, after, world.Now);
        foreach (Device reader in new[] { world.Alice, carol })
        {
            var skipped = Assert.IsType<RoomEvent.Skipped>(reader.Sync()[^1]);
            Assert.Equal(RoomRule.SenderGone, skipped.Fault.Room);
            Assert.Equal(bob.Device.Handle, skipped.Sender!.Handle);
            Assert.Equal("in time", reader.Heard[^1]);
        }
    }

    [Fact]
    public void Leaving_is_said_again_in_each_epoch_until_it_is_done()
    {
        using var world = new TestRoom();
        Device bob = world.Join("bob");
        Device carol = world.Join("carol");
        Outgoing leave = bob.Room.Leave(bob.Session, bob.Belief);
        Outgoing update = world.Alice.Room.Update(world.Alice.Session, world.Alice.Belief);
        world.Alice.Do(update);
        Assert.Equal(AppendAnswer.Conflict, bob.Send(leave).Answer);
        bob.Sync();
        Assert.True(bob.Room.MustLeaveAgain);
        bob.Restart();
        Assert.True(bob.Room.MustLeaveAgain);
        bob.Push(bob.Room.Leave(bob.Session, bob.Belief));
        bob.Sync();
        Assert.False(bob.Room.MustLeaveAgain);
        carol.Sync();
        Assert.Equal(bob.Handle, Assert.Single(carol.Room.Leaving).Handle);
        RoomEvent.Applied done = carol.Do(carol.Room.Update(carol.Session, carol.Belief));
        Assert.Equal(bob.Handle, Assert.Single(done.Change.Removed).Handle);
        Assert.Empty(done.Change.Terms.Removals.Removals);
        Assert.IsType<RoomEvent.Evicted>(bob.Sync()[^1]);
        world.AssertAgree(world.Alice, carol);
    }

    [Fact]
    public void Dormant_leaf_reads_is_not_heard_and_comes_back_with_a_touch()
    {
        using var world = new TestRoom();
        Device bob = world.Join("bob");
        using var carol = RawMember.Join(world, "carol");
        world.Time += 13 * Hour;
        Assert.Equal(SendObstacle.OwnLeaf, world.Alice.Obstacle);
        Session former = world.Alice.Session;
        world.Alice.Touch();
        RoomEvent.Applied renewed = world.Alice.Do(world.Alice.Room.Renew(former, world.Alice.Session, world.Alice.Belief));
        Assert.True(renewed.Change.HasRenewed);
        world.Alice.Say("good morning");
        bob.Sync();
        Assert.Equal("good morning", bob.Heard[^1]);

        carol.Follow();
        world.Log.Force(EntryKind.Application, carol.Encrypt("asleep"), world.Now);
        world.Log.Force(EntryKind.Handshake, carol.Commit(), world.Now);
        RoomEvent[] read = [.. bob.Sync()];
        Assert.All(read, skipped => Assert.Equal(RoomRule.SenderNotActive, Assert.IsType<RoomEvent.Skipped>(skipped).Fault.Room));
        Assert.Equal(2, read.Length);
        world.AssertAgree(world.Alice, bob);
    }

    [Fact]
    public void Void_leaf_is_fenced_off_by_the_readers_clock_and_removed_by_anybody_once_the_log_agrees()
    {
        using var world = new TestRoom(RoomSettings.Standard with { Inviters = Who.Members, Linger = Hour });
        Device bob = world.Join("bob");
        Device carol = world.Join("carol");
        world.Time += 11 * Hour;
        Renew(bob);
        Renew(world.Alice);
        bob.Sync();
        world.Time += Hour / 2;

        // bob's clock is two hours fast: he is silent, and cannot remove anybody by himself.
        bob.Skew = 2 * (long)Hour;
        Assert.Equal(SendObstacle.VoidLeaves, bob.Obstacle);
        Assert.Null(bob.Room.RemoveVoidLeaves(bob.Session, bob.Belief));
        Assert.Null(world.Alice.Obstacle);
        bob.Skew = 0;

        world.Time += 2 * Hour;
        Assert.Equal(SendObstacle.VoidLeaves, bob.Obstacle);
        Assert.Equal(carol.Handle, Assert.Single(bob.Room.CheckSend(bob.Belief).Void).Handle);
        RoomEvent.Applied removed = bob.Do(bob.Room.RemoveVoidLeaves(bob.Session, bob.Belief)!);
        Assert.Equal(carol.Handle, Assert.Single(removed.Change.Removed).Handle);
        Assert.Empty(removed.Change.Terms.Removals.Removals);
        Assert.Null(bob.Obstacle);
        world.AssertAgree(world.Alice, bob);
    }

    [Fact]
    public void Attack_24_grace_of_ten_minutes_and_no_more()
    {
        using var world = new TestRoom(RoomSettings.Standard with { Linger = 0 });
        Device bob = world.Join("bob");
        ulong over = bob.Session.Touch.NotAfter;
        world.Time = over - 300;
        Renew(world.Alice);
        ulong frozen = world.Time;
        world.Alice.Skew = (long)(over + 600 - frozen);
        Assert.Null(world.Alice.Obstacle);
        world.Alice.Skew++;

        // The relay's clock stands still: bob's leaf lives on by the log, and nobody who has a clock encrypts to it.
        Assert.Equal(SendObstacle.VoidLeaves, world.Alice.Obstacle);
        RoomEvent.Applied removed = world.Alice.Do(world.Alice.Room.RemoveVoidLeaves(world.Alice.Session, world.Alice.Belief)!);
        Assert.Single(removed.Change.Removed);
        Assert.Null(world.Alice.Obstacle);
    }

    [Fact]
    public void Attack_13_withheld_revocation_fences_on_sight_and_an_admin_removes()
    {
        using var world = new TestRoom();
        Device bob = world.Join("bob");
        Device carol = world.Join("carol");
        SignedStatement revocation = world.Community.RevokeStatement(carol.Token, world.Community.Token("alice"));
        Assert.Null(bob.Fence.Take(bob.Registry, revocation));
        Assert.Null(world.Alice.Fence.Take(world.Alice.Registry, revocation));
        Assert.Equal(SendObstacle.VoidLeaves, bob.Obstacle);
        Assert.Null(bob.Room.RemoveVoidLeaves(bob.Session, bob.Belief));

        // What carol says is still valid by the log, for everybody alike.
        carol.Say("I am still here");
        bob.Sync();
        Assert.Equal("I am still here", bob.Heard[^1]);
        world.Alice.Sync();
        world.Alice.Do(world.Alice.Room.RemoveVoidLeaves(world.Alice.Session, world.Alice.Belief)!);
        bob.Sync();
        Assert.Null(bob.Obstacle);
        world.AssertAgree(world.Alice, bob);
    }

    [Fact]
    public void Revoked_token_is_not_heard_after_the_revocation_and_anybody_removes_it()
    {
        using var world = new TestRoom();
        Device bob = world.Join("bob");
        using var carol = RawMember.Join(world, "carol");
        world.Community.Append(world.Community.RevokeStatement(carol.Device.Token, world.Community.Token("alice")));
        world.Log.Force(EntryKind.Application, carol.Encrypt("thief"), world.Now);
        Assert.Equal(RoomRule.SenderNotActive, Assert.IsType<RoomEvent.Skipped>(bob.Sync()[^1]).Fault.Room);
        Assert.Equal(SendObstacle.VoidLeaves, bob.Obstacle);
        bob.Do(bob.Room.RemoveVoidLeaves(bob.Session, bob.Belief)!);
        bob.Say("alone again");
        world.AssertAgree(world.Alice, bob);
    }

    [Fact]
    public void Narrower_list_takes_whom_it_leaves_out_from_the_room()
    {
        using var world = new TestRoom(Open);
        Device bob = world.Join("bob");
        Device carol = world.Join("carol");
        RoomSettings narrow = Open with { Door = new Door.Listed([bob.Handle]) };
        RoomEvent.Applied applied = world.Alice.Do(world.Alice.Room.ChangePolicy(world.Alice.Session, narrow, world.Alice.Belief));
        Assert.Equal(carol.Handle, Assert.Single(applied.Change.Removed).Handle);
        Assert.IsType<RoomEvent.Evicted>(carol.Sync()[^1]);
        Device again = world.Device("bob");
        world.Time += 5;
        again.Touch();
        again.Enter(replaces: bob.Session.Id);
        world.AssertAgree(world.Alice, again);
    }

    private static void Renew(Device device)
    {
        device.Sync();
        Session former = device.Session;
        device.Touch();
        device.Do(device.Room.Renew(former, device.Session, device.Belief));
    }

    // Enters by a GroupInfo though its own checks would say no.
    private static void Force(TestRoom world, Device device, GroupInfoFrame groupInfo)
    {
        GroupInfoOffer offer = GroupInfoOffer.Open(MlsMessage.Decode(groupInfo.GroupInfo.Span).GroupInfo!, RawMember.Anything);
        RoomGrant grant = device.Session.GrantFor(world.Id)!;
        var capabilities = new Capabilities([offer.Context.CipherSuite], [new ExtensionType(RoomPolicy.ExtensionType), new ExtensionType(RoomRemovals.ExtensionType)]);
        var leaf = new LeafContent(new BasicCredential(Wire.TlsWriter.Encode(grant.Grant)), capabilities);
        bool isThere = offer.Tree.Members.Any(member => member.Leaf.SignatureKey.Equals(device.Session.Signer.PublicKey));
        RoomChain chain = world.Log.Chain;
        var options = new ExternalJoinOptions
        {
            LeafKeys = isThere ? null : grant.LeafKeys,
            Replaces = isThere ? offer.Tree.Members.First(member => member.Leaf.SignatureKey.Equals(device.Session.Signer.PublicKey)).Index : null,
            AuthenticatedData = Wire.TlsWriter.Encode(new Seen(chain.Size, chain.Head, world.Community.State.Size, world.Community.State.Root)),
        };
        ExternalJoin join = offer.Join(device.Session.Signer, leaf, RawMember.Anything, options);
        join.Group.Dispose();
        world.Log.Force(EntryKind.External, join.Message, world.Now);
    }
}
