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
}
