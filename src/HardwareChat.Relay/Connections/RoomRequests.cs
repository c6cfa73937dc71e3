using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

/// <summary>The requests about rooms.</summary>
internal sealed class RoomRequests(IRelayStore store, RoomHub hub, RoomPorts ports, RegistryView registry, RelayOptions options)
{
    private static readonly ErrorFrame Refused = new(ErrorCode.Refused, 0);
    private static readonly Done Done = new();

    /// <summary>Sends an append to its room, which answers it.</summary>
    public ValueTask<FrameBody?> AppendAsync(ClientConnection client, uint request, Append append, byte[] bytes)
    {
        client.BeginAppend();
        var call = new AppendCall(bytes, client.Token.Value.ToArray(), client.Handle.ToString(), append);
        ports.Add(append.Room, new WaitingAppend(client, request, call));
        return new(result: null);
    }

    /// <summary>Founds a room, if the registry's policy lets this user.</summary>
    public async ValueTask<FrameBody?> CreateAsync(ClientConnection client, CreateRoom create)
    {
        RoomGenesis genesis = create.Genesis;
        RegistryState state = registry.State;
        bool opens = state.Policy.RoomOpeners == Who.Members || state.IsAdminAt(client.Handle, state.Size);
        bool known = genesis.Owners.All(owner => state.User(owner) is not null);
        if (genesis.RegistryId != state.Id || !genesis.Owners.Contains(client.Handle) || !opens || !known || await store.IsRestoredAsync())
            return Refused;
        if (await store.CountRoomsFoundedAsync(client.Handle) >= options.Limits.RoomsPerOwner)
            return new ErrorFrame(ErrorCode.Busy, 0);

        // The same genesis again is a retry: its owner is answered as the first time.
        await store.CreateRoomAsync(genesis, client.Handle);
        return Done;
    }

    /// <summary>Begins a reading: the answer goes first, then the entries.</summary>
    public async ValueTask<FrameBody?> SubscribeAsync(ClientConnection client, uint request, Subscribe subscribe)
    {
        if (client.Subscriptions >= options.Limits.Subscriptions)
            return new ErrorFrame(ErrorCode.Busy, 0);
        if (await hub.SubscribeAsync(client, subscribe.Room, subscribe.From) is not { } reading)
            return Refused;
        RoomStanding standing = reading.Standing;
        if (client.Remember(subscribe.Room, reading.Reader) is { } old)
            hub.Unsubscribe(old, subscribe.Room);
        client.Answer(new Frame(request, new Subscribed(standing.Size, standing.Horizon, new Digest(standing.Head))));
        if (standing.Size < subscribe.From || await store.IsRestoredAsync())
            client.Answer(Frame.Unasked(new Restored(subscribe.Room, standing.Size)));
        hub.Start(reading.Reader, subscribe.Room);
        return null;
    }

    /// <summary>Ends a reading; there need be none.</summary>
    public ValueTask<FrameBody?> UnsubscribeAsync(ClientConnection client, Unsubscribe unsubscribe)
    {
        if (client.Forget(unsubscribe.Room) is { } reader)
            hub.Unsubscribe(reader, unsubscribe.Room);
        return new(Done);
    }

    /// <summary>Ends a reading from the relay's side.</summary>
    public void Unsubscribe(Subscription reader, RoomId room) => hub.Unsubscribe(reader, room);

    /// <summary>A page of the user's rooms.</summary>
    public async ValueTask<FrameBody?> ListAsync(ClientConnection client, ListRooms list)
    {
        IReadOnlyList<RoomSummary> rooms = await store.ListRoomsAsync(client.Handle, list.After, ProtocolLimits.ItemsPerPage + 1);
        bool more = rooms.Count > ProtocolLimits.ItemsPerPage;
        return new RoomList(more ? [.. rooms.Take(ProtocolLimits.ItemsPerPage)] : rooms, more);
    }

    /// <summary>The newest GroupInfo, for whoever may read or enter.</summary>
    public async ValueTask<FrameBody?> GroupInfoAsync(ClientConnection client, GetGroupInfo get)
    {
        if (await hub.Grain(get.Room).StandingAsync(client.Handle.ToString()) is not { MayEnter: true })
            return Refused;
        return await store.FindGroupInfoAsync(get.Room) is { } info ? new GroupInfoFrame(info.Sequence, info.GroupInfo) : Refused;
    }

    /// <summary>The roster, for whoever is on it.</summary>
    public async ValueTask<FrameBody?> RosterAsync(ClientConnection client, GetRoster get)
    {
        if (await hub.Grain(get.Room).StandingAsync(client.Handle.ToString()) is not { MayRead: true } standing)
            return Refused;
        return new RoomRoster([.. standing.Owners.Select(Handle.Parse)], [.. standing.Handles.Select(Handle.Parse)], standing.IsOpen);
    }

    /// <summary>Pushes the Welcomes that wait, and then says so.</summary>
    public async ValueTask<FrameBody?> WelcomesAsync(ClientConnection client)
    {
        foreach (WelcomePush welcome in await store.ReadWelcomesAsync(client.Handle, ProtocolLimits.ItemsPerPage))
        {
            await client.Outbox.HasRoomAsync();
            client.Answer(Frame.Unasked(welcome));
        }
        return Done;
    }

    /// <summary>Forgets a Welcome.</summary>
    public async ValueTask<FrameBody?> DropWelcomeAsync(ClientConnection client, DropWelcome drop)
    {
        await store.DropWelcomeAsync(client.Handle, drop.Room, drop.Sequence);
        return Done;
    }

    /// <summary>Passes an ephemeral frame on; nobody is told what became of it.</summary>
    public async ValueTask<FrameBody?> EphemeralAsync(ClientConnection client, Ephemeral ephemeral)
    {
        byte[] push = TlsWriter.Encode(Frame.Unasked(new EphemeralPush(ephemeral.Room, client.Token, ephemeral.Message)));
        await hub.Grain(ephemeral.Room).EphemeralAsync(client.Handle.ToString(), client.Token.Value.ToArray(), push);
        return null;
    }

    /// <summary>Takes back entries of one room after a restore.</summary>
    public async ValueTask<FrameBody?> OfferAsync(ClientConnection client, OfferEntries offer, byte[] bytes)
    {
        if (offer.Entries.Count == 0 || offer.Entries.Any(entry => entry.Entry.Room != offer.Entries[0].Entry.Room))
            return new Offered(0);
        int taken = await hub.Grain(offer.Entries[0].Entry.Room).OfferAsync(client.Handle.ToString(), bytes);
        return new Offered((uint)taken);
    }
}
