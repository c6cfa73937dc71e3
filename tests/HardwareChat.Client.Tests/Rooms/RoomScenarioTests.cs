using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

/// <summary>What members do in a room, from its founding on.</summary>
public sealed class RoomScenarioTests
{
    [Fact]
    public void Founder_adds_two_and_everybody_reads_everybody()
    {
        using var world = new TestRoom();
        Device bob = world.Join("bob");
        Device carol = world.Join("carol");
        world.Alice.Say("one");
        bob.Sync();
        bob.Say("two");
        carol.Sync();
        carol.Say("three");
        world.AssertAgree();
        Assert.Equal(["two", "three"], world.Alice.Heard);
        Assert.Equal(["hello", "hello", "one", "three"], bob.Heard);
        Assert.Equal(["hello", "one", "two"], carol.Heard);
        Assert.Equal(3, world.Alice.Room.Members.Count);
    }

    [Fact]
    public void Founder_may_not_send_before_the_first_entry_has_come_back()
    {
        using var world = new TestRoom();
        Device second = world.Device("bob");
        var genesis = new RoomGenesis(world.Community.State.Id, [second.Handle], Digest.Of("another"u8));
        using SessionDraft draft = new(world.Community.State.Token(second.Token.Id)!, world.Community.State, new SessionWish(null, [genesis.RoomId], 0), world.Time);
        using Session session = draft.Complete(second.Token.Sign(draft.SigningInput()));
        (Room room, Outgoing first) = Room.Create(session, genesis, RoomSettings.Standard, second.Belief, second.Verifier);
        using (room)
        {
            Assert.Equal(EntryKind.Handshake, first.Frame.EntryKind);
            Assert.NotNull(first.Frame.GroupInfo);
            Assert.Equal(SendObstacle.Status, room.CheckSend(second.Belief).Obstacle);
            Assert.Throws<InvalidOperationException>(() => room.Encrypt(session, "early"u8.ToArray(), second.Belief));
        }
    }

    [Fact]
    public void Invited_member_is_shown_as_such_until_it_acts_and_is_silent_until_it_hears()
    {
        using var world = new TestRoom();
        Device bob = world.Device("bob");
        bob.Touch(keyPackages: 1);
        world.Alice.Add(bob);
        Assert.True(world.Alice.Room.Members.Single(member => member.Handle == bob.Handle).IsInvited);
        bob.Accept();
        Assert.Equal(RoomStatus.Entering, bob.Room.Status);
        Assert.Equal(SendObstacle.Status, bob.Obstacle);
        world.Alice.Say("hello");
        bob.Sync();
        Assert.Null(bob.Obstacle);
        bob.Say("thanks");
        world.Alice.Sync();
        Assert.False(world.Alice.Room.Members.Single(member => member.Handle == bob.Handle).IsInvited);
    }

    [Fact]
    public void State_that_was_saved_goes_on_as_if_nothing_had_been()
    {
        using var world = new TestRoom();
        Device bob = world.Join("bob");
        Outgoing sent = world.Alice.Room.Encrypt(world.Alice.Session, "before"u8.ToArray(), world.Alice.Belief);
        world.Alice.Restart();
        world.Alice.Push(sent);
        // The acknowledgement was lost: the same bytes again.
        Assert.Equal(AppendAnswer.Duplicate, world.Alice.Send(sent).Answer);
        Assert.Equal(sent.MessageHash, Assert.IsType<RoomEvent.OwnContent>(world.Alice.Sync().Single()).MessageHash);
        bob.Restart();
        bob.Sync();
        Assert.Equal("before", bob.Heard[^1]);

        Outgoing update = bob.Room.Update(bob.Session, bob.Belief);
        bob.Restart();
        Assert.True(bob.Room.HasPendingCommit);
        bob.Do(update);
        bob.Say("after");
        world.AssertAgree();
        Assert.Equal("after", world.Alice.Heard[^1]);
    }
}
