using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <content>The way to the relay, and back to it.</content>
/// <remarks>
/// A touch is never asked for in the background: while the session lasts, the client comes back by itself; when it is over, a person
/// is told. One attempt at a time (_linking); the touch and the handshake are waited for outside the engine's turn, so that history
/// and messages go on meanwhile.
/// </remarks>
public sealed partial class ChatClient
{
    private const string PublishedSetting = "key packages published";
    private const ulong LeastSession = 60;

    private static readonly TimeSpan SessionWarning = TimeSpan.FromMinutes(15);

    private readonly SemaphoreSlim _linking = new(1, 1);
    private readonly System.Threading.Channels.Channel<ConnectionException> _lost = System.Threading.Channels.Channel.CreateUnbounded<ConnectionException>();
    private Session? _formerSession;
    private Drain? _drain;
    private CancellationTokenSource? _warning;

    /// <summary>Connects: a touch if the last one is over, then the registry, the welcomes and the rooms. A lost connection comes back by itself.</summary>
    /// <exception cref="ConnectionException">There is no channel; where that may change, the client tries on in the background.</exception>
    /// <exception cref="CommunityException">The registry cannot be believed, or this token is not in it.</exception>
    public Task ConnectAsync() => LinkAsync(renew: false);

    /// <summary>Touches anew before the session is over: the connection, every room and the key packages go on under one touch.</summary>
    /// <exception cref="ConnectionException">There is no channel; where that may change, the client tries on in the background.</exception>
    /// <exception cref="CommunityException">The registry cannot be believed, or this token is not in it.</exception>
    public Task RenewAsync() => LinkAsync(renew: true);

    /// <summary>When the touch that this client acts under is over; null before the first one.</summary>
    public DateTimeOffset? SessionEnd => _session is { } session ? DateTimeOffset.FromUnixTimeSeconds((long)session.Touch.NotAfter) : null;

    private bool IsOnline => _connection is { Ended.IsCompleted: false };

    // Of another token of this person's, it is none of this client's.
    private bool SessionIsOver => _session is not { ChannelKey: not null } session || session.Touch.NotAfter <= Now + LeastSession
        || session.Touch.TokenId != Token || OwnToken.IsSignedOutAt(session.Touch.RegistrySize, _registry.State.Size);

    private async Task LinkAsync(bool renew)
    {
        await _linking.WaitAsync(_end.Token);
        try
        {
            if (IsOnline && !renew)
                return;
            if (renew || SessionIsOver)
                await BeginSessionAsync(renew);
            await OpenAsync();
        }
        catch (ConnectionException e) when (MayPass(e))
        {
            _lost.Writer.TryWrite(e);
            throw;
        }
        finally
        {
            _linking.Release();
        }
    }

    // For as long as the client lives: goes back to the relay whenever the connection is lost, later and later.
    private async Task KeepLinkedAsync()
    {
        try
        {
            while (true)
            {
                ConnectionException why = await _lost.Reader.ReadAsync(_end.Token);
                for (int attempt = 0; MayPass(why); attempt++)
                {
                    await Task.Delay(Backoff.After(attempt, TakeDrain()), _time, _end.Token);
                    if (await ComeBackAsync(why) is not { } next)
                        break;
                    why = next;
                }
            }
        }
        catch (Exception e) when (_end.IsCancellationRequested && e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            // The client ends.
        }
    }

    // Null if there is nothing more to try.
    private async Task<ConnectionException?> ComeBackAsync(ConnectionException before)
    {
        await _linking.WaitAsync(_end.Token);
        try
        {
            if (IsOnline)
                return null;
            if (SessionIsOver)
            {
                TellSoon(new ClientEvent.Link(LinkState.Offline, "the session is over: connect again, with a touch"));
                return null;
            }
            await OpenAsync();
            return null;
        }
        catch (ConnectionException e)
        {
            if (e.Message != before.Message)
                TellSoon(new ClientEvent.Link(LinkState.Offline, e.Message));
            return e;
        }
        catch (RelayException e)
        {
            return new ConnectionException(ConnectionFault.Closed, e.Message, e);
        }
        catch (Exception e) when (e is CommunityException or RoomException)
        {
            // An alarm, which was told: a person decides.
            return null;
        }
        finally
        {
            _linking.Release();
        }
    }

    // What time may mend without a person.
    private static bool MayPass(ConnectionException why)
        => why.Fault is not (ConnectionFault.NotTheRelay or ConnectionFault.Broken) && why.Reason is not (CloseReason.TokenIsOut or CloseReason.TimeIsOver);

    private TimeSpan TakeDrain() => Interlocked.Exchange(ref _drain, null) is { } drain ? TimeSpan.FromSeconds(drain.ReturnAfter) : TimeSpan.Zero;

    // One touch for the connection, for rooms (all, or those whose own touch is over soon), and for key packages.
    private async Task BeginSessionAsync(bool everyRoom)
    {
        RoomId[] rooms = await DoAsync(() => Task.FromResult(RoomsToRenew(everyRoom)));
        var wish = new SessionWish(RelayId.OfKey(_community.RelayKey.ToArray()), rooms, KeyPackagesPerTouch);
        Session session = await TouchAsync(wish, rooms.Length == 0 ? "connect" : $"connect, and go on in {rooms.Length} {(rooms.Length == 1 ? "room" : "rooms")}");
        await DoAsync(() =>
        {
            // A room may have gone while the touch was waited for.
            rooms = [.. rooms.Where(_rooms.ContainsKey)];
            Session[] next = [.. rooms.Select(session.SplitForRoom)];
            _vault.Write(vault =>
            {
                if (_session is { } former)
                    SaveSession(vault, FormerChannelSession, former);
                SaveSession(vault, ChannelSession, session);
                vault.Settings.Put(PublishedSetting, [0]);
                for (int i = 0; i < rooms.Length; i++)
                    SaveSession(vault, JoinedRoom.NextSessionName(rooms[i]), next[i]);
            });
            for (int i = 0; i < rooms.Length; i++)
                Joined(rooms[i]).Follow(next[i]);

            // A Welcome that answers a key package of the session before may be on its way.
            _formerSession?.Dispose();
            (_formerSession, _session) = (_session, session);
            return Task.FromResult(true);
        });
    }

    private async Task OpenAsync()
    {
        Session session = _session!;
        RelayKeyCheck pin = _registry.State.Size > 0 ? RelayPin.Of(_registry.State) : RelayPin.Of(_community.RelayKey);
        var endpoint = new RelayEndpoint(_community.Address, _community.Registry, pin);
        RelayConnection opened = await RelayConnection.ConnectAsync(
            endpoint, session.ChannelKey!, _ => new ClientAuth.Member(session.ChannelGrant!), push => _pushed.AddAsync(push, _end.Token), _time, _end.Token);
        RelayConnection? before = null;
        try
        {
            await DoAsync(async () =>
            {
                (before, _connection) = (_connection, opened);
                _relayAhead = (long)opened.Ready.Time - (long)Now;
                await BeginReadingAsync();
                return true;
            });
        }
        catch
        {
            // Not adopted: whoever called says why.
            Interlocked.CompareExchange(ref _connection, null, opened);
            await opened.DisposeAsync();
            throw;
        }
        finally
        {
            // Outside the engine's turn: its reader may wait for the engine to take what it has pushed.
            if (before is not null)
                await before.DisposeAsync();
        }
        _ = opened.Ended.ContinueWith(ended => Lost(opened, ended.Result), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        WarnBeforeTheEnd(session);
    }

    private void Lost(RelayConnection ended, ConnectionException why)
    {
        if (_end.IsCancellationRequested || !ReferenceEquals(_connection, ended))
            return;
        TellSoon(new ClientEvent.Link(LinkState.Offline, why.Message));
        _lost.Writer.TryWrite(why);
    }

    private async Task BeginReadingAsync()
    {
        RequireNoAlarm();
        await SyncAsync();
        await PublishKeyPackagesAsync();
        foreach (JoinedRoom joined in _rooms.Values.ToArray())
        {
            // After a long absence each room has much to say: it is taken before the next one is asked.
            await ReadFromWhereItStandsAsync(joined);
            await TakeUntilAsync(() => !_pushed.HasMany, Patience);
        }
        await AskAsync<Done>(new FetchWelcomes());
        foreach (JoinedRoom joined in _rooms.Values.ToArray())
            await GoOnAsync(joined);
        ResumeUploads();
        ForgetWhatIsOver();
        _onEvent(new ClientEvent.Link(LinkState.Online, ""));
    }

    // One timer for the session, so that nobody learns in the middle of a sentence that a touch is wanted.
    private void WarnBeforeTheEnd(Session session)
    {
        _warning?.Cancel();
        var warning = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        _warning = warning;
        var end = DateTimeOffset.FromUnixTimeSeconds((long)session.Touch.NotAfter);
        TimeSpan wait = end - _time.GetUtcNow() - SessionWarning;
        if (wait <= TimeSpan.FromDays(40))
            _ = WarnAsync();

        async Task WarnAsync()
        {
            try
            {
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, _time, warning.Token);
                TellSoon(new ClientEvent.SessionEnds(end));
            }
            catch (OperationCanceledException)
            {
                // Renewed, or the client ends.
            }
        }
    }

    private async Task SyncAsync()
    {
        HeadVerdict verdict = await _pushed.WhileAskingAsync(() => _registry.SyncAsync(Connection, _vault, _end.Token));
        if (verdict == HeadVerdict.Accepted)
        {
            _fence.Settle(_registry.State);
            WithdrawRevoked();
            return;
        }
        throw Raise(verdict);
    }

    private async Task PublishKeyPackagesAsync()
    {
        Session session = _session!;
        bool published = _vault.Read(static vault => vault.Settings.Find(PublishedSetting)) is [1];
        if (published || session.KeyPackages.Count == 0)
            return;
        ReadOnlyMemory<byte>[] packages = [.. session.KeyPackages.Select(static bundle => (ReadOnlyMemory<byte>)Session.Publication(bundle))];
        await AskAsync<Done>(new PublishKeyPackages(true, packages[1..], packages[0]));
        _vault.Write(static vault => vault.Settings.Put(PublishedSetting, [1]));
    }

    // Asks while the pushes gather, and with patience where the relay says that it is busy.
    private Task<T> AskAsync<T>(FrameBody request)
        where T : FrameBody
        => _pushed.WhileAskingAsync(() => Connection.AskPatientlyAsync<T>(request, _end.Token));

    private async Task<Subscribed> SubscribeAsync(RoomId room, ulong from) => await AskAsync<Subscribed>(new Subscribe(room, from));

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
                case Detached detached when _rooms.TryGetValue(detached.Room, out JoinedRoom? joined):
                    await ReadFromWhereItStandsAsync(joined);
                    break;
                case Drain drain:
                    Volatile.Write(ref _drain, drain);
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
