using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.EndToEnd.Tests.Hostile;

/// <summary>What a member can say that the others' clients must not take for more than it is.</summary>
public sealed class HostileMemberTests(Neighbours neighbours) : IClassFixture<Neighbours>
{
    private static RoomSettings Open => RoomSettings.Standard with { Door = new Door.Everybody() };

    private Person Alice => neighbours.Alice;

    private Person Bob => neighbours.Bob;

    [Fact]
    public async Task Attack_46_content_that_is_none_is_named_with_its_sender_and_ends_nothing()
    {
        RoomId room = await Alice.Client.CreateRoomAsync("square", Open);
        await using Puppet bob = await Puppet.EnterAsync(neighbours.Village, Bob, room);
        byte[] deep = new byte[2000];
        Array.Fill(deep, (byte)0x81);
        byte[] vast = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        foreach (ReadOnlyMemory<byte> content in (ReadOnlyMemory<byte>[])[default, "not padded"u8.ToArray(), ContentPadding.Pad("no CBOR"u8), ContentPadding.Pad(deep), ContentPadding.Pad(vast), new byte[Room.MostContent]])
        {
            await bob.SayAsync(content);
            await Alice.SeesAsync<ClientEvent.Trouble>(static trouble => trouble.Why.StartsWith("bob sent something that is not content", StringComparison.Ordinal));
        }

        await bob.SayAsync(new MessageContent("sorry", TextFormat.Plain), MimiContent.NewSalt());
        await Alice.ReadsAsync("sorry");
        Assert.Equal(["bob: sorry"], Alice.Transcript(room));
    }

    [Fact]
    public async Task Attack_30_one_message_encrypted_twice_is_shown_once()
    {
        RoomId room = await Alice.Client.CreateRoomAsync("square", Open);
        await using Puppet bob = await Puppet.EnterAsync(neighbours.Village, Bob, room);
        ReadOnlyMemory<byte> salt = MimiContent.NewSalt();
        await bob.SayAsync(new MessageContent("pay carol", TextFormat.Plain), salt);
        await bob.SayAsync(new MessageContent("pay carol", TextFormat.Plain), salt);
        await bob.SayAsync(new MessageContent("done", TextFormat.Plain), MimiContent.NewSalt());
        await Alice.ReadsAsync("done");
        Assert.Equal(["bob: pay carol", "bob: done"], Alice.Transcript(room));
    }

    [Fact]
    public async Task What_another_has_said_is_nobodys_to_delete_or_to_reword()
    {
        RoomId room = await neighbours.RoomAsync(Open);
        MessageId hers = await Alice.Client.SendAsync(room, new MessageContent("mine", TextFormat.Plain));
        await Bob.ReadsAsync("mine");
        await Bob.Client.SendAsync(room, new DeletionContent(hers));
        await Bob.Client.SendAsync(room, new MessageContent("yours", TextFormat.Plain) { Replaces = hers });
        await Alice.ReadsAsync("yours");
        Assert.Equal(["bob: here I am", "alice: mine", "bob: yours"], Alice.Transcript(room));
        foreach (Person person in (Person[])[Alice, Bob])
            Assert.Contains("alice: mine", person.Transcript(room));
    }

    [Fact]
    public async Task A_title_is_an_admins_to_give()
    {
        RoomId room = await neighbours.RoomAsync(Open);
        await Bob.Client.SendAsync(room, new TitleContent("Bob's own"));
        await Bob.SayAsync(room, "see the title");
        await Alice.ReadsAsync("see the title");
        foreach (Person person in (Person[])[Alice, Bob])
            Assert.Equal("kitchen", person.Client.Rooms.Single(stored => stored.Id == room).Title);
    }

    [Fact]
    public async Task Attack_45_a_members_false_key_of_the_phrase_shuts_nobody_out()
    {
        const string Phrase = "one two three four five six";
        RoomId room = await neighbours.RoomAsync(new RoomSettings(new Door.Phrase(PhraseParameters.Create(1)), Who.Admins, []), Phrase);
        await Bob.Client.SendAsync(room, new PhraseContent(1, new byte[32]));
        await Bob.Client.SendAsync(room, new PhraseContent(2, new byte[32]));
        await Bob.Client.SendAsync(room, new PhraseContent(3, new byte[32]));
        await Bob.SayAsync(room, "now try");
        await Alice.ReadsAsync("now try");
        Person carol = await neighbours.Village.NeighbourAsync("carol");
        Assert.True(await carol.Client.JoinAsync(room, Phrase.AsMemory()));
        await carol.SayAsync(room, "I am in");
        await Alice.ReadsAsync("I am in");
        await Bob.ReadsAsync("I am in");
    }

    [Fact]
    public async Task Attack_13_a_revocation_that_its_sender_may_not_make_fences_nobody()
    {
        RoomId room = await neighbours.RoomAsync(Open);
        RegistryState registry = Alice.Client.Registry;
        var statement = new Statement { RegistryId = registry.Id, BaseSize = registry.Size, BaseRoot = registry.Root, SignedAt = 0, Body = new Revoke(Alice.Token, RevocationReason.Compromised, 0, AlsoAdded: false) };
        var forged = new SignedStatement(statement, [new StatementSignature(Bob.Token.Value, new byte[64])]);
        foreach (byte[] bytes in (byte[][])["no statement"u8.ToArray(), Wire.TlsWriter.Encode(forged)])
        {
            await Bob.Client.SendAsync(room, new StatementContent(bytes));
            await Alice.SeesAsync<ClientEvent.Trouble>(trouble => trouble.Room == room && trouble.Why.StartsWith("bob sent a statement that is n", StringComparison.Ordinal));
        }

        await Alice.SayAsync(room, "I am still here");
        await Bob.ReadsAsync("I am still here");
    }
}
