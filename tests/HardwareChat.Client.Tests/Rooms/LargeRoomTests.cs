using System.Diagnostics;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

/// <summary>The largest room that there is.</summary>
public sealed class LargeRoomTests(ITestOutputHelper output)
{
    private const int Users = 250;
    private const int LeavesEach = 4;
    private const int Batch = 111;

    [Fact]
    public void Room_of_a_thousand_leaves_fits_its_frames_and_is_joined_and_read()
    {
        string[] names = [.. Enumerable.Range(0, Users).Select(static i => $"member{i}")];
        using var world = new TestRoom(RoomSettings.Standard with { Inviters = Who.Members, Door = new Door.Everybody() }, null, names);
        List<Device> devices = [.. names.SelectMany(name => Enumerable.Range(0, LeavesEach).Select(_ => world.Device(name)))];
        devices.RemoveAt(0);
        foreach (Device device in devices)
            device.Touch(keyPackages: 1);
        foreach (Device[] batch in devices.Chunk(Batch))
            world.Alice.Add(batch);
        Assert.Equal(ProtocolLimits.RoomLeaves, world.Alice.Room.Members.Count);

        WelcomePush welcome = world.Log.Welcomes[^1];
        GroupInfoFrame groupInfo = world.Log.GroupInfos[^1];
        int commit = world.Log.Entries[^1].Message!.Value.Length;
        Assert.True(welcome.Welcome.Length <= ProtocolLimits.WelcomeBytes);
        Assert.True(groupInfo.GroupInfo.Length <= ProtocolLimits.GroupInfoBytes);
        Assert.True(commit <= ProtocolLimits.CommitBytes);
        output.WriteLine($"welcome {welcome.Welcome.Length} bytes, GroupInfo {groupInfo.GroupInfo.Length}, commit of {Batch} additions {commit}");

        Device joiner = devices[^1];
        Measure("join by Welcome", () => joiner.Accept());
        Measure("say", () => world.Alice.Say("hello"));
        Measure("read", () => joiner.Sync());
        Assert.Equal("hello", Assert.Single(joiner.Heard));
        Measure("fence", () => Assert.Null(world.Alice.Obstacle));
        Measure("commit", () => world.Alice.Do(world.Alice.Room.Update(world.Alice.Session, world.Alice.Belief)));
        Measure("take a commit", () => joiner.Sync());
        Measure("save", () => joiner.Room.Save().Dispose());
        Measure("restart", () => joiner.Restart());
        world.Alice.Do(world.Alice.Room.Remove(world.Alice.Session, devices[0].Handle, null, false, world.Alice.Belief));
        Device knocking = world.Device(names[0]);
        world.Time += 10;
        knocking.Touch();
        Measure("enter by GroupInfo", () => knocking.Enter());
        joiner.Sync();
        world.AssertAgree(world.Alice, joiner, knocking);
    }

    [Fact]
    public void Commit_that_is_longer_than_an_entry_is_not_sent_and_leaves_the_room_as_it_was()
    {
        const int many = 600;
        string[] names = [.. Enumerable.Range(0, many / LeavesEach).Select(static i => $"member{i}")];
        using var world = new TestRoom(null, null, names);
        List<Device> devices = [.. names.SelectMany(name => Enumerable.Range(0, LeavesEach).Select(_ => world.Device(name)))];
        foreach (Device device in devices)
            device.Touch(keyPackages: 1);
        Assert.Throws<ArgumentException>(() => world.Alice.Add([.. devices]));
        Assert.False(world.Alice.Room.HasPendingCommit);
        world.Alice.Add([.. devices.Take(10)]);
    }

    private void Measure(string what, Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        output.WriteLine($"{what}: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
    }
}
