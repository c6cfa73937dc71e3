using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.EndToEnd.Tests.Stories;

/// <summary>Whole stories on the real relay, over loopback, with simulated tokens.</summary>
public sealed class ChatStories
{
    [Fact]
    public async Task Bob_is_invited_accepts_and_both_chat()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        Person bob = await village.NeighbourAsync("bob");
        RoomId room = await alice.Client.CreateRoomAsync("kitchen", RoomSettings.Standard);

        await alice.Client.AddAsync(room, bob.Handle);
        ClientEvent.Invited invited = await bob.SeesAsync<ClientEvent.Invited>(invited => invited.Room == room);
        Assert.Equal(alice.Handle, invited.By);
        int touches = bob.Touches;
        await bob.Client.AcceptAsync(room);
        await bob.SayAsync(room, "thank you");
        await alice.ReadsAsync("thank you");
        await alice.SayAsync(room, "welcome");
        await bob.ReadsAsync("welcome");

        // The key package was vouched for when bob connected: coming in costs no touch.
        Assert.Equal(touches, bob.Touches);
        Assert.Equal(alice.Transcript(room), bob.Transcript(room));
    }

    [Fact]
    public async Task Who_was_away_reads_on_where_it_stopped()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        Person bob = await village.NeighbourAsync("bob");
        RoomId room = await alice.Client.CreateRoomAsync("kitchen", RoomSettings.Standard);
        await alice.Client.AddAsync(room, bob.Handle);
        await bob.SeesAsync<ClientEvent.Invited>(static _ => true);
        await bob.Client.AcceptAsync(room);
        await alice.SayAsync(room, "before");
        await bob.ReadsAsync("before");

        await bob.EndAsync();
        for (int i = 0; i < 20; i++)
            await alice.SayAsync(room, $"while bob is away, {i}");
        int touches = bob.Touches;
        await bob.BeginAsync(village.Relay.Address);
        await bob.ReadsAsync("while bob is away, 19");
        await bob.SayAsync(room, "I am back");
        await alice.ReadsAsync("I am back");

        Assert.Equal(touches, bob.Touches);
        Assert.Equal(alice.Transcript(room), bob.Transcript(room));
    }

    [Fact]
    public async Task The_relay_is_killed_and_nobody_loses_a_word()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        Person bob = await village.NeighbourAsync("bob");
        RoomId room = await alice.Client.CreateRoomAsync("kitchen", RoomSettings.Standard);
        await alice.Client.AddAsync(room, bob.Handle);
        await bob.SeesAsync<ClientEvent.Invited>(static _ => true);
        await bob.Client.AcceptAsync(room);
        await alice.SayAsync(room, "one");
        await bob.ReadsAsync("one");

        await village.RestartRelayAsync();
        await Assert.ThrowsAsync<ConnectionException>(() => alice.SayAsync(room, "two"));
        await alice.EndAsync();
        await bob.EndAsync();
        await alice.BeginAsync(village.Relay.Address);
        await bob.BeginAsync(village.Relay.Address);

        // What alice said to a relay that was gone waited in her vault.
        await bob.ReadsAsync("two");
        await bob.SayAsync(room, "three");
        await alice.ReadsAsync("three");
        Assert.Equal(["alice: one", "alice: two", "bob: three"], alice.Transcript(room));
        Assert.Equal(alice.Transcript(room), bob.Transcript(room));
    }

    [Fact]
    public async Task A_removed_member_is_told_and_reads_no_more()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        Person bob = await village.NeighbourAsync("bob");
        RoomId room = await alice.Client.CreateRoomAsync("kitchen", RoomSettings.Standard);
        await alice.Client.AddAsync(room, bob.Handle);
        await bob.SeesAsync<ClientEvent.Invited>(static _ => true);
        await bob.Client.AcceptAsync(room);

        await alice.Client.RemoveAsync(room, bob.Handle);
        await bob.SeesAsync<ClientEvent.Out>(out_ => out_.Room == room);
        await alice.SayAsync(room, "bob does not read this");
        Assert.DoesNotContain("alice: bob does not read this", bob.Transcript(room));
    }

    [Fact]
    public async Task A_relay_that_rolls_its_registry_back_is_an_alarm_and_nothing_is_sent()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        RoomId room = await alice.Client.CreateRoomAsync("kitchen", RoomSettings.Standard);
        IReadOnlyDictionary<string, byte[]> before = await village.RememberAsync();
        await alice.EndAsync();
        await alice.BeginAsync(village.Relay.Address);
        await village.NeighbourAsync("bob");
        await alice.EndAsync();

        await village.RollBackAsync(before);
        await Assert.ThrowsAsync<CommunityException>(() => alice.BeginAsync(village.Relay.Address));
        await alice.SeesAsync<ClientEvent.Link>(static link => link.State == LinkState.Alarm);
        await Assert.ThrowsAsync<CommunityException>(() => alice.SayAsync(room, "does anybody hear me?"));
        await Assert.ThrowsAsync<CommunityException>(() => alice.Client.CreateRoomAsync("attic", RoomSettings.Standard));

        // The alarm outlasts the run, with both heads as the relay has signed them.
        await alice.EndAsync();
        await Assert.ThrowsAsync<CommunityException>(() => alice.BeginAsync(village.Relay.Address));
        string path = Path.Combine(Path.GetTempPath(), $"hwchat-evidence-{Guid.NewGuid():N}.txt");
        alice.Client.ExportEvidence(path);
        string evidence = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        File.Delete(path);
        Assert.Contains(Checkpoint.OriginOf(alice.Client.Registry.Id), evidence, StringComparison.Ordinal);
        Assert.Equal(2, evidence.Split(Checkpoint.OriginOf(alice.Client.Registry.Id) + "\n").Length - 1);

        // A person may decide to look again: it is the same alarm, as long as the relay says the same.
        await alice.Client.DismissAlarmAsync();
        Assert.Null(alice.Client.Alarm);
        await Assert.ThrowsAsync<CommunityException>(alice.Client.ConnectAsync);
        Assert.NotNull(alice.Client.Alarm);
    }
}
