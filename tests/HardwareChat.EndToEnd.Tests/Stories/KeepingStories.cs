using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Verification;
using HardwareChat.Protocol;

namespace HardwareChat.EndToEnd.Tests.Stories;

/// <summary>What the vault keeps for a person beside the messages.</summary>
public sealed class KeepingStories
{
    [Fact]
    public async Task What_is_taken_back_is_gone_and_what_happened_stays()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        Person bob = await village.NeighbourAsync("bob");
        RoomId room = await alice.Client.CreateRoomAsync("kitchen", RoomSettings.Standard);
        await alice.Client.AddAsync(room, bob.Handle);
        await bob.SeesAsync<ClientEvent.Invited>(static _ => true);
        await bob.Client.AcceptAsync(room);

        MessageId regretted = await bob.Client.SendAsync(room, new MessageContent("the cake is poisoned", TextFormat.Plain));
        await bob.Client.SendAsync(room, new MessageContent("the cake is delicious", TextFormat.Plain) { Replaces = regretted });
        await bob.SayAsync(room, "cake for everybody");
        await alice.ReadsAsync("cake for everybody");
        Assert.Equal(3, alice.Client.Search("cake", room).Count);
        await bob.Client.SendAsync(room, new DeletionContent(regretted));
        await alice.SeesAsync<ClientEvent.Message>(static message => message.Content is DeletionContent);

        foreach (Person person in (Person[])[alice, bob])
        {
            StoredMessage only = Assert.Single(person.Client.Search("cake"));
            Assert.Equal("cake for everybody", MessageText.Of(only));
            Assert.Equal(2, person.Client.History(room).Count(static message => message is { IsDeleted: true, Content.IsEmpty: true }));
        }
        Assert.Contains(alice.Client.History(room), static message => message.Kind == MessageKind.Notice && message.Time > 0);
        await alice.Client.MarkReadAsync(room, 5);
        await alice.SayAsync(room, "and the mark stays");
        Assert.Equal(5UL, Assert.Single(alice.Client.Rooms).UnreadFrom);
    }

    [Fact]
    public async Task Both_see_the_same_words_and_the_mark_is_kept()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        Person bob = await village.NeighbourAsync("bob");

        Assert.Equal(alice.Client.CompareWith(bob.Handle).ToWords(), bob.Client.CompareWith(alice.Handle).ToWords());
        Assert.Throws<CommunityException>(() => alice.Client.CompareWith(alice.Handle));
        Assert.Equal(VerificationState.Unverified, alice.Client.VerificationOf(bob.Handle));
        alice.Client.MarkVerified(bob.Handle, followsAddedTokens: false);
        Assert.Equal(VerificationState.Verified, alice.Client.VerificationOf(bob.Handle));
        alice.Client.MarkUnverified(bob.Handle);
        Assert.Equal(VerificationState.Unverified, alice.Client.VerificationOf(bob.Handle));
    }

    [Fact]
    public async Task Who_was_added_follows_who_enters_by_the_phrase_old_and_new()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        Person bob = await village.NeighbourAsync("bob");
        Person carol = await village.NeighbourAsync("carol");
        Person dave = await village.NeighbourAsync("dave");
        RoomId room = await alice.Client.CreateRoomAsync("shed", new RoomSettings(new Door.Phrase(PhraseParameters.Create(1)), Who.Admins, []), "one two three four five six".AsMemory());
        await alice.Client.AddAsync(room, bob.Handle);
        await bob.SeesAsync<ClientEvent.Invited>(static _ => true);
        await bob.Client.AcceptAsync(room);
        await alice.SayAsync(room, "hello");
        await bob.ReadsAsync("hello");

        Assert.True(await carol.Client.JoinAsync(room, "one two three four five six".AsMemory()));
        await carol.SayAsync(room, "carol came by the phrase");
        await bob.ReadsAsync("carol came by the phrase");
        Assert.Equal("shed", Assert.Single(bob.Client.Rooms).Title);

        await Assert.ThrowsAsync<RoomRuleException>(() => bob.Client.ChangePhraseAsync(room, "not for bob to choose".AsMemory()));
        await alice.Client.ChangePhraseAsync(room, "six five four three two one".AsMemory());
        Assert.True(await dave.Client.JoinAsync(room, "six five four three two one".AsMemory()));
        await dave.SayAsync(room, "and dave by the new one");
        await bob.ReadsAsync("and dave by the new one");
        await carol.ReadsAsync("and dave by the new one");

        await alice.Client.ChangeSettingsAsync(room, RoomSettings.Standard);
        await Assert.ThrowsAsync<RoomException>(() => alice.Client.RemoveAsync(room, alice.Handle));
        await Assert.ThrowsAsync<RoomException>(() => alice.Client.RemoveAsync(room, Handle.Parse("erin")));
    }
}
