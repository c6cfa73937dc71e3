using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

/// <summary>A commit whose path is right for some members and garbage for one (RFC 9420 §16.12).</summary>
public sealed class FalsePathTests
{
    [Fact]
    public void Attack_35_who_got_garbage_in_the_path_skips_sees_the_others_go_on_enters_anew_and_names_the_committer()
    {
        using var world = new TestRoom(RoomSettings.Standard with { Door = new Door.Everybody(), Inviters = Who.Members });
        Device carol = world.Join("carol");
        Device bob = world.Device("bob");
        bob.Touch();
        using HpkePrivateKey leafKey = bob.Session.GrantFor(world.Id)!.LeafKeys.PrivateKey.Copy();
        bob.Enter();
        world.SyncAll();
        world.Alice.Say("welcome");
        world.AssertAgree();
        ForgetKey(bob, leafKey.Span);

        RoomEvent.Applied falsePath = carol.Do(carol.Room.Update(carol.Session, carol.Belief));
        world.Alice.Sync();
        var skipped = Assert.IsType<RoomEvent.Skipped>(Assert.Single(bob.Sync()));
        Assert.Equal(ValidationRule.PathDecryption, skipped.Fault.Mls);
        Assert.Null(bob.Room.MustReenter);

        // The committer alone could have made it up: another member's word counts.
        carol.Say("only I say so");
        bob.Sync();
        world.Alice.Sync();
        world.Alice.Do(world.Alice.Room.Update(world.Alice.Session, world.Alice.Belief));
        bob.Sync();
        Assert.Equal((carol.Handle, falsePath.Sequence), (bob.Room.MustReenter!.Committer!.Handle, bob.Room.MustReenter.Sequence));
        Assert.Equal(SendObstacle.Reentry, bob.Obstacle);

        SessionId former = bob.Session.Id;
        world.Time += 10;
        bob.Touch();
        Assert.IsType<RoomEvent.Applied>(bob.Enter(replaces: former));
        world.AssertAgree(world.Alice, bob, carol);
    }

    // What was encrypted to a key that one does not have, and garbage, are alike: here the key is the one that is wrong.
    private static void ForgetKey(Device device, ReadOnlySpan<byte> key)
    {
        using Secret saved = device.Room.Save();
        byte[] changed = saved.Span.ToArray();
        int at = changed.AsSpan().IndexOf(key);
        Assert.True(at > 0, "the leaf's private key is in the saved room");
        changed[at + 5] ^= 1;
        device.Room.Dispose();
        device.Room = Room.Restore(changed, device.Verifier);
    }
}
