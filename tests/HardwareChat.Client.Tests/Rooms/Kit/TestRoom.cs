using System.Security.Cryptography;
using HardwareChat.Protocol;
using HardwareChat.Protocol.Tests;

namespace HardwareChat.Client.Tests;

/// <summary>A community with a relay and one room that alice founds.</summary>
public sealed class TestRoom : IDisposable
{
    private readonly List<Device> _devices = [];

    public TestRoom(RoomSettings? settings = null, byte[]? phraseKey = null, params string[] others)
    {
        Community = new TestCommunity();
        foreach (string other in others.Length == 0 ? ["bob", "carol"] : others)
            Community.Enrol(other);
        Time = Community.Time + 1000;
        Genesis = new RoomGenesis(Community.State.Id, [Handle.Parse("alice")], new Digest(RandomNumberGenerator.GetBytes(Digest.Size)));
        Log = new TestLog(Genesis);
        Alice = Device("alice");
        Alice.Touch();
        (Room room, Outgoing first) = Room.Create(
            Alice.Session, Genesis, settings ?? RoomSettings.Standard with { Inviters = Who.Members }, Alice.Belief, Alice.Verifier, phraseKey);
        Alice.Room = room;
        Alice.Push(first);
        Alice.Sync();
    }

    public IReadOnlyList<Device> Devices => _devices;

    public TestCommunity Community { get; }

    public RoomGenesis Genesis { get; }

    public TestLog Log { get; set; }

    public Device Alice { get; }

    /// <summary>The relay's clock.</summary>
    public ulong Time { get; set; }

    public Stamp Now => new(Time, Community.State.Size);

    public RoomId Id => Genesis.RoomId;

    public Device Device(string handle, int token = 0)
    {
        var device = new Device(this, handle, Community.Token(handle, token));
        _devices.Add(device);
        return device;
    }

    /// <summary>A new device of this user, added by alice, that has accepted and been heard.</summary>
    public Device Join(string handle, int token = 0)
    {
        Device device = Device(handle, token);
        device.Touch(keyPackages: 1);
        Alice.Add(device);
        device.Accept();
        Alice.Say("hello");
        device.Sync();
        Assert.Equal(RoomStatus.Member, device.Room.Status);
        SyncAll();
        return device;
    }

    public void SyncAll()
    {
        foreach (Device device in _devices)
            device.Sync();
    }

    /// <summary>Whoever is in the room agrees on its epoch, its transcript and its members.</summary>
    public void AssertAgree(params Device[] devices)
    {
        SyncAll();
        Device[] inside = devices.Length > 0 ? devices : [.. _devices.Where(static device => device.IsIn)];
        Assert.All(inside, device =>
        {
            Assert.Equal(inside[0].Room.Epoch, device.Room.Epoch);
            Assert.True(inside[0].Room.EpochAuthenticator.SequenceEqual(device.Room.EpochAuthenticator));
            Assert.True(inside[0].Room.TranscriptHash.SequenceEqual(device.Room.TranscriptHash));
            Assert.Equal(inside[0].Leaves, device.Leaves);
        });
    }

    public void Dispose()
    {
        foreach (Device device in _devices)
            device.Dispose();
    }
}
