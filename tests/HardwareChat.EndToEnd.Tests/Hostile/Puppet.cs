using System.Threading.Channels;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.EndToEnd.Tests.Hostile;

/// <summary>A member without a client: it holds a room itself, and says in it what no client would.</summary>
internal sealed class Puppet : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<FrameBody> _pushed = Channel.CreateUnbounded<FrameBody>();
    private readonly RegistryState _registry;
    private readonly Session _session;
    private RelayConnection? _connection;
    private Room? _room;

    private Puppet(RegistryState registry, Session ownedSession) => (_registry, _session) = (registry, ownedSession);

    private static ulong Now => (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private Belief Belief => new(Now, Now, _registry, new RevocationFence());

    /// <summary>Enters a room by its open door, under a touch of this person's token.</summary>
    public static async Task<Puppet> EnterAsync(Village village, Person person, RoomId room)
    {
        RegistryState registry = village.Alice.Client.Registry;
        var puppet = new Puppet(registry, await person.BorrowSessionAsync(registry, room));
        var endpoint = new RelayEndpoint(village.Relay.Address, registry.Id, RelayPin.Of(registry));
        puppet._connection = await Patient.ConnectAsync(() => RelayConnection.ConnectAsync(
            endpoint, puppet._session.ChannelKey!, _ => new ClientAuth.Member(puppet._session.ChannelGrant!), push => puppet._pushed.Writer.WriteAsync(push), TimeProvider.System));
        await puppet.EnterAsync(room);
        return puppet;
    }

    /// <summary>Says these bytes, whatever they are.</summary>
    public async Task SayAsync(ReadOnlyMemory<byte> content)
        => await _connection!.AskAsync<Appended>(_room!.Encrypt(_session, content, Belief).Frame);

    /// <summary>Says content as a client does, but under a salt of the test's choice.</summary>
    public Task SayAsync(RoomContent content, ReadOnlyMemory<byte> salt) => SayAsync(ContentPadding.Pad(content.ToMimi(salt).Encode()));

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _room?.Dispose();
        _session.Dispose();
    }

    private async Task EnterAsync(RoomId room)
    {
        GroupInfoFrame info = await _connection!.AskAsync<GroupInfoFrame>(new GetGroupInfo(room));
        Entrance entrance = Entrance.Open(room, info.GroupInfo.Span, _registry, new TouchVerifier());
        Subscribed log = await _connection.AskAsync<Subscribed>(new Subscribe(room, entrance.From));
        using var limit = new CancellationTokenSource(Patience);
        while (entrance.From < log.Size)
            Assert.Null(entrance.Take(await EntryAsync(limit.Token), _registry, Now));
        (_room, Outgoing knock) = entrance.Knock(_session, Belief);
        await _connection.AskAsync<Appended>(knock.Frame);
        while (_room.Status != RoomStatus.Member)
            _room.Take(await EntryAsync(limit.Token), _registry, Now);
    }

    private async Task<EntryPush> EntryAsync(CancellationToken limit)
    {
        while (true)
        {
            if (await _pushed.Reader.ReadAsync(limit) is EntryPush entry)
                return entry;
        }
    }
}
