using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.EndToEnd.Tests.Hostile;

/// <summary>A village in which alice and bob live, for many attacks one after the other: each has a room of its own.</summary>
public sealed class Neighbours : IAsyncLifetime
{
    private Village? _village;
    private Person? _bob;

    internal Village Village => _village!;

    internal Person Alice => Village.Alice;

    internal Person Bob => _bob!;

    public async ValueTask InitializeAsync()
    {
        _village = await Village.FoundAsync();
        _bob = await _village.NeighbourAsync("bob");
    }

    /// <summary>A room of alice's, in which bob is.</summary>
    internal async Task<RoomId> RoomAsync(RoomSettings? settings = null, string? phrase = null)
    {
        RoomId room = await Alice.Client.CreateRoomAsync("kitchen", settings ?? RoomSettings.Standard, phrase?.AsMemory());
        await Alice.Client.AddAsync(room, Bob.Handle);
        await Bob.SeesAsync<ClientEvent.Invited>(invited => invited.Room == room);
        await Bob.Client.AcceptAsync(room);
        await Bob.SayAsync(room, "here I am");
        await Alice.ReadsAsync("here I am");
        return room;
    }

    /// <summary>Sends somebody to a relay whose operator is hostile.</summary>
    internal async Task<HostileRelay> BewitchAsync(Person person)
    {
        HostileRelay relay = await HostileRelay.StartAsync(Village, person);
        await person.EndAsync();
        await person.BeginAsync(relay.Address);
        return relay;
    }

    public ValueTask DisposeAsync() => Village.DisposeAsync();
}
