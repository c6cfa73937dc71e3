using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Relay;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;
using Microsoft.Extensions.Logging;

namespace HardwareChat.Terminal.Demo;

/// <summary>The whole product in one process: a relay, a registry, three people with simulated tokens, and a room with a pass phrase.</summary>
/// <remarks>Nothing is imitated but the tokens: relay, channel, registry, MLS and vaults are those of the product, over loopback.</remarks>
internal sealed class ChatStory(string folder, ITouchSource touch, TextWriter screen, CancellationToken cancel)
{
    private static readonly ReadOnlyMemory<char> Phrase = "correct horse battery staple tango kilo".AsMemory();
    private static readonly ReadOnlyMemory<char> WrongPhrase = "incorrect horse battery staple tango kilo".AsMemory();

    private int _step;

    /// <summary>Tells the story; each line is printed when it has happened.</summary>
    /// <exception cref="DemoFailedException">Something did not happen.</exception>
    public async Task RunAsync()
    {
        screen.WriteLine("HardwareChat: alice, bob and carol, each with a (simulated) hardware token, and a relay that learns nothing.");
        var options = new RelayOptions { Listen = "127.0.0.1:0", Data = Path.Combine(folder, "relay") };
        Directory.CreateDirectory(options.Data);
        await using var relay = RelayApplication.Build(options, SqliteStore.Open(Path.Combine(options.Data, "relay.db")), static builder => builder.Logging.ClearProviders());
        await relay.StartAsync();
        Step($"The relay listens at {relay.Address}, with a file of its own. Its fingerprint: {relay.Identity.Id}");

        var cards = new SimulatedCardStore(Path.Combine(folder, "tokens"));
        using SimulatedAttestationRoot root = cards.OpenRoot();
        await using DemoPerson alice = await PersonAsync("alice", cards, touch);
        await using DemoPerson bob = await PersonAsync("bob", cards, new AutomaticTouch());
        await using DemoPerson carol = await PersonAsync("carol", cards, new AutomaticTouch());

        // The makers' root of these tokens is the simulator's, which no community of real people trusts.
        await alice.FoundAsync(relay.SetupLink!, new RegistryPolicy { Version = 0, AttestationRoots = [root.Certificate.RawData] });
        await alice.Client.ConnectAsync();
        Step("alice founds the community: her token signs its first statement, and the relay and she verify the token's attestation.");
        await EnrolAsync(alice, bob);
        await EnrolAsync(alice, carol);

        RoomId room = await RoomAsync(alice, bob, carol);
        await ChatAsync(room, alice, bob, carol);
        await RevokeAsync(room, alice, bob, carol);
        screen.WriteLine();
        screen.WriteLine($"Done: {_step} steps, each seen to happen. Touches: alice {alice.Touches}, bob {bob.Touches}, carol {carol.Touches}.");
    }

    private Task<DemoPerson> PersonAsync(string name, SimulatedCardStore cards, ITouchSource source) => DemoPerson.CreateAsync(name, cards, source, folder, screen.WriteLine);

    private async Task EnrolAsync(DemoPerson alice, DemoPerson person)
    {
        using InviteLink invite = await alice.Client.InviteAsync(person.Handle, TimeSpan.FromDays(1));
        await person.EnrolAsync(invite);
        await person.Client.ConnectAsync();
        Require(person.Client.Handle == person.Handle, $"{person.Handle} is not in the registry.");
        Step($"alice invites {person.Handle}, who enrols and connects. The registry that {person.Handle} verified has {person.Client.Registry.Size} statements.");
    }

    private async Task<RoomId> RoomAsync(DemoPerson alice, DemoPerson bob, DemoPerson carol)
    {
        var settings = new RoomSettings(new Door.Phrase(PhraseParameters.Create(1)), Who.Admins, []);
        RoomId room = await alice.Client.CreateRoomAsync("the garden", settings, Phrase);
        Step($"alice founds a room whose door asks for a pass phrase, and tells bob and carol the phrase and the room's name: {room.ToString()[..16]}...");

        Require(await bob.Client.JoinAsync(room, Phrase), "bob was not let in.");
        Step("bob touches his key and enters by the phrase; alice's client answers him.");

        Task<bool> wrong = carol.Client.JoinAsync(room, WrongPhrase);
        await alice.SeesAsync<ClientEvent.Trouble>("carol's wrong phrase", static _ => true);
        await alice.Client.SendAsync(room, Text("carol seems to have the phrase wrong"));
        await bob.ReadsAsync("alice", "carol seems to have the phrase wrong");
        Require(!await wrong, "a wrong phrase opened the door.");
        Require(!carol.HasRead("carol seems to have the phrase wrong"), "a wrong phrase read a message.");
        Step("carol tries with a wrong phrase: the others skip her knock, and what alice says then she cannot read.");

        Require(await carol.Client.JoinAsync(room, Phrase), "carol was not let in.");
        Step("carol tries again with the right one, and is in.");
        return room;
    }

    private async Task ChatAsync(RoomId room, DemoPerson alice, DemoPerson bob, DemoPerson carol)
    {
        await bob.Client.SendAsync(room, Text("hello from bob"));
        ClientEvent.Message heard = await alice.ReadsAsync("bob", "hello from bob");
        await carol.ReadsAsync("bob", "hello from bob");
        await carol.Client.SendAsync(room, new ReactionContent(heard.Id, "👋"));
        await alice.SeesAsync<ClientEvent.Message>("carol's reaction", static message => message.Content is ReactionContent { Emoji: "👋" });
        await alice.Client.SendAsync(room, Text("and from alice"));
        await bob.ReadsAsync("alice", "and from alice");
        await carol.ReadsAsync("alice", "and from alice");
        Step("They chat: bob says hello, carol waves, alice answers; everybody reads everything, in the same order.");
    }

    private async Task RevokeAsync(RoomId room, DemoPerson alice, DemoPerson bob, DemoPerson carol)
    {
        await alice.Client.RevokeAsync(carol.Token, RevocationReason.Compromised);
        await carol.SeesAsync<ClientEvent.Link>("the end of her connection", static link => link.State == LinkState.Offline);
        Step("carol's token is lost, and alice revokes it: the relay closes its connection at once.");

        await alice.Client.SendAsync(room, Text("carol's key is gone"));
        ClientEvent.Changed removal = await bob.SeesAsync<ClientEvent.Changed>("carol's removal", static changed => changed.Change.Removed.Any(static member => member.Handle.ToString() == "carol"));
        await bob.ReadsAsync("alice", "carol's key is gone");
        Step($"Before alice's client says another word it removes carol's leaf from the room (entry {removal.Sequence}); bob reads on.");

        try
        {
            await carol.Client.ConnectAsync();
        }
        catch (ConnectionException e) when (e.Fault == ConnectionFault.Refused)
        {
            Require(!carol.HasRead("carol's key is gone"), "a revoked token read a message.");
            Step("Whoever found carol's key is refused, and has read nothing since.");
            return;
        }
        throw new DemoFailedException("a revoked token was let in.");
    }

    private static MessageContent Text(string text) => new(text, TextFormat.Plain);

    private void Step(string line)
    {
        screen.WriteLine($"{++_step,2}. {line}");
        cancel.ThrowIfCancellationRequested();
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new DemoFailedException(otherwise);
    }
}
