using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <content>The connection, the registry, and what the relay pushes.</content>
public sealed partial class ChatClient
{
    private const string PublishedSetting = "key packages published";

    /// <summary>Connects: a touch if the last one is over, then the registry, the welcomes and the rooms.</summary>
    /// <exception cref="ConnectionException">There is no channel.</exception>
    /// <exception cref="CommunityException">The registry cannot be believed, or this token is not in it.</exception>
    public Task ConnectAsync() => DoAsync(async () =>
    {
        if (_connection is { Ended.IsCompleted: false })
            return true;
        if (_connection is { } old)
            await old.DisposeAsync();
        _connection = null;
        if (_session is null || _session.Touch.NotAfter <= Now + 60)
            await BeginSessionAsync();
        await OpenChannelAsync();
        await SyncAsync();
        await PublishKeyPackagesAsync();
        foreach (JoinedRoom room in _rooms.Values)
            await SubscribeAsync(room.Room.Id, room.Room.Chain.Size);
        await Connection.AskAsync<Done>(new FetchWelcomes(), _end.Token);
        await ResendAsync();
        _onEvent(new ClientEvent.Link(LinkState.Online, ""));
        return true;
    });

    private async Task BeginSessionAsync()
    {
        var wish = new SessionWish(RelayId.OfKey(_community.RelayKey.ToArray()), [], KeyPackagesPerTouch);
        Session session = await TouchAsync(wish, "connect");
        _session?.Dispose();
        _session = session;
        _vault.Write(vault =>
        {
            using Secret state = session.Save();
            vault.Sessions.Put(ChannelSession, state.Span);
            vault.Settings.Put(PublishedSetting, [0]);
        });
    }

    private async Task OpenChannelAsync()
    {
        Session session = _session!;
        RelayKeyCheck pin = _registry.State.Size > 0 ? RelayPin.Of(_registry.State) : RelayPin.Of(_community.RelayKey);
        var endpoint = new RelayEndpoint(_community.Address, _community.Registry, pin);
        _connection = await RelayConnection.ConnectAsync(
            endpoint, session.ChannelKey!, _ => new ClientAuth.Member(session.ChannelGrant!), push => _pushed.Writer.WriteAsync(push, _end.Token), _time, _end.Token);
        _relayAhead = (long)_connection.Ready.Time - (long)Now;
        RelayConnection opened = _connection;
        _ = opened.Ended.ContinueWith(
            ended => _onEvent(new ClientEvent.Link(LinkState.Offline, ended.Result.Message)), _end.Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task SyncAsync()
    {
        HeadVerdict verdict = await _registry.SyncAsync(Connection, _vault, _end.Token);
        if (verdict == HeadVerdict.Accepted)
        {
            _fence.Settle(_registry.State);
            return;
        }
        _onEvent(new ClientEvent.Link(LinkState.Alarm, $"the relay's registry: {verdict}"));
        throw new CommunityException($"the registry of this relay cannot be believed ({verdict}): nothing is sent");
    }

    private async Task PublishKeyPackagesAsync()
    {
        Session session = _session!;
        bool published = _vault.Read(static vault => vault.Settings.Find(PublishedSetting)) is [1];
        if (published || session.KeyPackages.Count == 0)
            return;
        ReadOnlyMemory<byte>[] packages = [.. session.KeyPackages.Select(static bundle => (ReadOnlyMemory<byte>)Session.Publication(bundle))];
        await Connection.AskAsync<Done>(new PublishKeyPackages(true, packages[1..], packages[0]), _end.Token);
        _vault.Write(static vault => vault.Settings.Put(PublishedSetting, [1]));
    }

    private Task<Subscribed> SubscribeAsync(RoomId room, ulong from) => Connection.AskAsync<Subscribed>(new Subscribe(room, from), _end.Token);

    private async Task TakeAsync(FrameBody push)
    {
        try
        {
            switch (push)
            {
                case EntryPush entry:
                    await TakeEntryAsync(entry);
                    break;
                case WelcomePush welcome:
                    TakeWelcome(welcome);
                    break;
                case RegistryNews:
                    await SyncAsync();
                    break;
                case Detached detached when _rooms.TryGetValue(detached.Room, out JoinedRoom? room):
                    await SubscribeAsync(detached.Room, room.Room.Chain.Size);
                    break;
            }
        }
        catch (Exception e) when (e is ConnectionException or RelayException or CommunityException)
        {
            // Told to the face; on the next connection the registry and the rooms are read from where they stand.
            _onEvent(new ClientEvent.Link(e is CommunityException ? LinkState.Alarm : LinkState.Offline, e.Message));
        }
    }
}
