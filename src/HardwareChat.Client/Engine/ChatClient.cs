using System.Threading.Channels;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Client;

/// <summary>The engine: connection, registry, rooms and messages of one person's token. It knows no screen.</summary>
/// <remarks>
/// One task does everything, in order: what the relay pushes, and what the face asks for. So a room is never in two states at
/// once, and whatever leaves the client has been kept in the vault before. Owns the vault; the broker stays the caller's.
/// </remarks>
public sealed partial class ChatClient : IAsyncDisposable
{
    private const string ChannelSession = "channel";
    private const string FormerChannelSession = "channel before";
    private const int PushesAtOnce = 64;
    private const int KeyPackagesPerTouch = 16;

    private readonly CommunityPin _community;
    private readonly Vault _vault;
    private readonly TokenBroker _broker;
    private readonly TimeProvider _time;
    private readonly TouchVerifier _verifier = new();
    private readonly RevocationFence _fence = new();
    private readonly Dictionary<RoomId, JoinedRoom> _rooms = [];
    private readonly Channel<Func<Task>> _work = Channel.CreateUnbounded<Func<Task>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly PushQueue _pushed = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Action<ClientEvent> _onEvent;
    private readonly Task _running;
    private readonly Task _keepingLinked;
    private Session? _session;
    private RelayConnection? _connection;
    private RegistryFollower _registry;
    private long _relayAhead;

    private ChatClient(CommunityPin community, TokenId token, Vault ownedVault, TokenBroker broker, Action<ClientEvent> onEvent, TimeProvider time)
    {
        _community = community;
        Token = token;
        _vault = ownedVault;
        _broker = broker;
        _onEvent = onEvent;
        _time = time;
        _registry = ReadRegistry();
        Load();
        _running = Task.Run(RunAsync);
        _keepingLinked = Task.Run(KeepLinkedAsync);
    }

    /// <summary>This person's token.</summary>
    public TokenId Token { get; }

    /// <summary>This person's handle; null while the registry has not been read.</summary>
    public Handle? Handle => _registry.State.Token(Token)?.Handle;

    /// <summary>What the registry says, as far as it was verified.</summary>
    public RegistryState Registry => _registry.State;

    /// <summary>The rooms, as the vault shows them.</summary>
    public IReadOnlyList<StoredRoom> Rooms => _vault.Read(static vault => vault.Rooms.All());

    /// <summary>An engine over an open vault.</summary>
    /// <param name="community">The community.</param>
    /// <param name="token">This person's token.</param>
    /// <param name="ownedVault">The vault.</param>
    /// <param name="broker">The way to the token.</param>
    /// <param name="onEvent">Takes what is to be shown, in order, on the engine's task: returns at once.</param>
    /// <param name="time">The clock.</param>
    public static ChatClient Start(CommunityPin community, TokenId token, Vault ownedVault, TokenBroker broker, Action<ClientEvent> onEvent, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(community);
        ArgumentNullException.ThrowIfNull(ownedVault);
        ArgumentNullException.ThrowIfNull(broker);
        ArgumentNullException.ThrowIfNull(onEvent);
        ArgumentNullException.ThrowIfNull(time);
        return new ChatClient(community, token, ownedVault, broker, onEvent, time);
    }

    /// <summary>A page of a room's messages before a sequence, oldest first.</summary>
    public IReadOnlyList<StoredMessage> History(RoomId room, ulong before = ulong.MaxValue, int count = 100)
        => _vault.Read(vault => vault.Messages.Before(room, before, count));

    /// <summary>Who is in a room.</summary>
    public Task<IReadOnlyList<Member>> MembersAsync(RoomId room)
        => DoAsync(() => Task.FromResult<IReadOnlyList<Member>>([.. Joined(room).Room.Members]));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _work.Writer.TryComplete();
        try
        {
            await _running;
        }
        finally
        {
            await _keepingLinked;

            // A connection that is being made is not left behind, nor the lock taken away under it.
            await _linking.WaitAsync();
            if (_connection is { } connection)
                await connection.DisposeAsync();
            foreach (JoinedRoom room in _rooms.Values)
                room.Dispose();
            _session?.Dispose();
            _formerSession?.Dispose();
            _vault.Close();
            _vault.Dispose();
            _http.Dispose();
            _linking.Dispose();
            _warning?.Dispose();
            _end.Dispose();
        }
    }

    private ulong Now => (ulong)_time.GetUtcNow().ToUnixTimeSeconds();

    private Belief Belief => new(Now, (ulong)((long)Now + _relayAhead), _registry.State, _fence);

    private RegistryToken OwnToken => _registry.State.Token(Token) ?? throw new CommunityException("this token is not enrolled in the community's registry");

    private JoinedRoom Joined(RoomId room) => _rooms.GetValueOrDefault(room) ?? throw new RoomException("this client is not in that room");

    private RelayConnection Connection => _connection ?? throw new ConnectionException(ConnectionFault.Closed, "not connected");

    private void Load() => _vault.Read(vault =>
    {
        _session = Restore(vault, ChannelSession);
        _formerSession = Restore(vault, FormerChannelSession);
        foreach (StoredRoom stored in vault.Rooms.All())
        {
            using Mls.Secret? state = vault.Rooms.FindState(stored.Id);
            if (state is null || stored.Standing == RoomStanding.Left || Restore(vault, JoinedRoom.SessionName(stored.Id)) is not { } session)
                continue;
            var joined = new JoinedRoom(Room.Restore(state.Span, _verifier), session, stored);
            if (Restore(vault, JoinedRoom.NextSessionName(stored.Id)) is { } next)
                joined.Follow(next);
            _rooms[stored.Id] = joined;
        }
        return true;
    });

    private static Session? Restore(VaultTransaction vault, string name)
    {
        using Mls.Secret? session = vault.Sessions.Find(name);
        return session is null ? null : Session.Restore(session.Span);
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_end.IsCancellationRequested)
            {
                // A long history is taken in parts, so that who asks something has its turn.
                int taken = 0;
                for (; taken < PushesAtOnce && _pushed.TryTake(out FrameBody? push); taken++)
                    await TakeAsync(push);
                if (_work.Reader.TryRead(out Func<Task>? work))
                    await work();
                else if (taken == 0)
                    await Task.WhenAny(_pushed.IsThereAsync(_end.Token), _work.Reader.WaitToReadAsync(_end.Token).AsTask());
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The client ends.
        }
        catch (Exception e)
        {
            // What nobody foresaw ends the engine: the face is told, and so is whoever waits for it or asks it again.
            _onEvent(new ClientEvent.Link(LinkState.Alarm, $"the client has stopped: {e.GetType().Name}"));
            throw;
        }
    }

    // Runs in the engine's turn.
    private async Task<T> DoAsync<T>(Func<Task<T>> action)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _work.Writer.WriteAsync(async () =>
        {
            try
            {
                done.TrySetResult(await action());
            }
            catch (Exception e)
            {
                // Whoever asked is told, and told what: a touch that did not come is a cancellation of its own kind. The engine goes on.
                done.TrySetException(e);
            }
        });
        if (await Task.WhenAny(done.Task, _running) == _running && !done.Task.IsCompleted)
        {
            await _running;
            throw new OperationCanceledException("the client has ended");
        }
        return await done.Task;
    }

    // From another task than the engine's: in its turn, as all that the face hears.
    private void TellSoon(ClientEvent told) => _work.Writer.TryWrite(() =>
    {
        TellAndKeep(told);
        return Task.CompletedTask;
    });

    // Runs in the engine's turn, later, unless the client ends before.
    private void Later(TimeSpan wait, Func<Task> work)
    {
        _ = WaitAsync();

        async Task WaitAsync()
        {
            try
            {
                await Task.Delay(wait, _time, _end.Token);
                _work.Writer.TryWrite(work);
            }
            catch (OperationCanceledException)
            {
                // The client ends.
            }
        }
    }

    // Takes what the relay pushes until something holds, patience ends, or the connection does.
    private async Task<bool> TakeUntilAsync(Func<bool> holds, TimeSpan patience)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        limit.CancelAfter(patience);
        Task ended = _connection?.Ended ?? Task.CompletedTask;
        try
        {
            while (!holds())
            {
                if (_pushed.TryTake(out FrameBody? push))
                    await TakeAsync(push);
                else if (ended.IsCompleted)
                    return false;
                else
                    await (await Task.WhenAny(_pushed.IsThereAsync(limit.Token), ended));
            }
            return true;
        }
        catch (OperationCanceledException) when (!_end.IsCancellationRequested)
        {
            return holds();
        }
    }

    // One touch for all that is wished. Outside the engine's turn: a person takes as long as a person takes.
    private async Task<Session> TouchAsync(SessionWish wish, string purpose)
    {
        RequireSoundRegistry();
        RegistryToken token = OwnToken;
        using var draft = new SessionDraft(token, _registry.State, wish, (ulong)((long)Now + _relayAhead));
        SignatureScheme scheme = token.Keys.AuthenticationKey.Scheme;
        byte[] signature = await _broker.SignAsync(PivSlot.Authentication, scheme, draft.SigningInput(), purpose, _end.Token);
        return draft.Complete(EcdsaSignature.Normalise(scheme, signature));
    }
}
