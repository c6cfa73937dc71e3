using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Relay;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;
using Microsoft.Extensions.Logging;

namespace HardwareChat.Terminal.Demo;

/// <summary>The demo to live in: a relay and a community in this process, alice's desk for whoever sits here, and bob and carol, who answer.</summary>
/// <remarks>Nothing is imitated but the tokens, and what bob and carol say.</remarks>
internal sealed class DemoHouse : IAsyncDisposable
{
    private static readonly ReadOnlyMemory<char> Phrase = "correct horse battery staple tango kilo".AsMemory();

    private readonly RelayApplication _relay;
    private readonly List<DemoPerson> _people = [];
    private readonly List<Task> _lives = [];
    private readonly CancellationTokenSource _end = new();

    private DemoHouse(RelayApplication relay) => _relay = relay;

    /// <summary>alice's button.</summary>
    public SimulatedTouch Touch { get; } = new();

    /// <summary>Whom the desk belongs to.</summary>
    public DemoPerson Alice => _people[0];

    /// <summary>Builds it; each line is told when it has happened.</summary>
    /// <param name="folder">For all files.</param>
    /// <param name="desk">alice's desk: it is shown what her engine says, from the end of the building on.</param>
    /// <param name="tell">Takes the lines.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<DemoHouse> BuildAsync(string folder, Desk desk, Action<string> tell, CancellationToken cancel)
    {
        var options = new RelayOptions { Listen = "127.0.0.1:0", Data = Path.Combine(folder, "relay") };
        Directory.CreateDirectory(options.Data);
        var house = new DemoHouse(RelayApplication.Build(options, SqliteStore.Open(Path.Combine(options.Data, "relay.db")), static builder => builder.Logging.ClearProviders()));
        try
        {
            await house.BuildAsync(new SimulatedCardStore(Path.Combine(folder, "tokens")), folder, desk, tell, cancel);
            return house;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        Touch.Release();
        foreach (DemoPerson person in Enumerable.Reverse(_people))
            await person.DisposeAsync();
        await Task.WhenAll(_lives);
        await _relay.DisposeAsync();
        _end.Dispose();
    }

    private async Task BuildAsync(SimulatedCardStore cards, string folder, Desk desk, Action<string> tell, CancellationToken cancel)
    {
        await _relay.StartAsync(cancel);
        tell("A relay of your own listens on this machine; it learns nothing of what is said.");
        using SimulatedAttestationRoot root = cards.OpenRoot();
        DemoPerson alice = await PersonAsync("alice", cards, Touch, folder);
        DemoPerson bob = await PersonAsync("bob", cards, new AutomaticTouch(), folder);
        DemoPerson carol = await PersonAsync("carol", cards, new AutomaticTouch(), folder);
        cancel.ThrowIfCancellationRequested();

        await alice.FoundAsync(_relay.SetupLink!, new RegistryPolicy { Version = 0, AttestationRoots = [root.Certificate.RawData] });
        await alice.Client.ConnectAsync();
        tell("You are alice, with a simulated hardware token, and have founded a community.");
        foreach (DemoPerson person in (DemoPerson[])[bob, carol])
        {
            using InviteLink invite = await alice.Client.InviteAsync(person.Handle, TimeSpan.FromDays(1));
            await person.EnrolAsync(invite);
            await person.Client.ConnectAsync();
            cancel.ThrowIfCancellationRequested();
        }
        tell("bob and carol, whom you invited, have enrolled tokens of their own.");

        var settings = new RoomSettings(new Door.Phrase(PhraseParameters.Create(1)), Who.Members, []);
        RoomId room = await alice.Client.CreateRoomAsync("the garden", settings, Phrase);
        foreach (DemoPerson person in (DemoPerson[])[bob, carol])
        {
            if (!await person.Client.JoinAsync(room, Phrase))
                throw new DemoFailedException($"{person.Handle} was not let in.");
            cancel.ThrowIfCancellationRequested();
        }
        tell("You have founded a room, the garden, and both have entered it by its pass phrase.");

        Touch.IsAutomatic = false;
        desk.UseToken(alice.Broker);
        desk.Begin(alice.Client);
        alice.ShowTo(desk);
        await desk.ConnectAsync();
        _lives.Add(LiveAsync(new DemoNeighbour(bob, ["Good to hear from you, alice.", "I have planted the *beans*.", "Tell me more!", "That reminds me: `hwchat demo --script` tells a whole story."], null), room));
        _lives.Add(LiveAsync(new DemoNeighbour(carol, [], "🌱"), room));
    }

    private async Task<DemoPerson> PersonAsync(string name, SimulatedCardStore cards, ITouchSource touch, string folder)
    {
        DemoPerson person = await DemoPerson.CreateAsync(name, cards, touch, folder, static _ => { });
        _people.Add(person);
        return person;
    }

    private async Task LiveAsync(DemoNeighbour neighbour, RoomId room)
    {
        try
        {
            await neighbour.LiveAsync(room, _end.Token);
        }
        catch (Exception e) when (_end.IsCancellationRequested && e is OperationCanceledException or ConnectionException or ObjectDisposedException or RoomException)
        {
            // The demo ends while a neighbour is about to say something.
        }
    }
}
