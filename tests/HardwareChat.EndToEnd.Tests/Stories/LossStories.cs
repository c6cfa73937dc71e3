using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.EndToEnd.Tests.Hostile;
using HardwareChat.Protocol;
using ErrorCode = HardwareChat.Protocol.ErrorCode;

namespace HardwareChat.EndToEnd.Tests.Stories;

/// <summary>A laptop dies, a relay forgets: nothing is lost in silence, nothing comes twice.</summary>
public sealed class LossStories
{
    [Fact]
    public async Task The_laptop_may_die_at_any_word_to_the_relay_and_goes_on_from_its_vault()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        Person bob = await village.NeighbourAsync("bob");
        int died = 0;
        while (await DiesAsync(village, alice, bob, died + 1))
            died++;
        Assert.InRange(died, 3, 20);
        TestContext.Current.TestOutputHelper?.WriteLine($"died at {died} places");
    }

    [Fact]
    public async Task Attack_31_a_relay_that_forgets_what_it_acknowledged_is_found_out_by_everybody_and_nothing_is_sent()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        Person bob = await village.NeighbourAsync("bob");
        RoomId room = await KitchenAsync(alice, bob);
        IReadOnlyDictionary<string, byte[]> backup = await village.RememberAsync();
        await alice.Client.QueueAsync(room, new MessageContent("after the backup", TextFormat.Plain));
        await bob.ReadsAsync("after the backup");

        await village.RollBackAsync(backup);
        foreach (Person person in (Person[])[alice, bob])
        {
            await person.SeesAsync<ClientEvent.Trouble>(trouble => trouble.Room == room && trouble.Why.Contains("ends before", StringComparison.Ordinal));
            await Assert.ThrowsAsync<RoomException>(() => person.SayAsync(room, "into a log that is another"));
            Assert.Contains("alice: after the backup", person.Transcript(room));
        }

        Assert.Equal(alice.Transcript(room), bob.Transcript(room));
    }

    // bob accepts an invitation and speaks, and dies when he has sent so many requests. False if he was done before.
    private static async Task<bool> DiesAsync(Village village, Person alice, Person bob, int at)
    {
        RoomId room = await alice.Client.CreateRoomAsync("kitchen", RoomSettings.Standard);
        await alice.Client.AddAsync(room, bob.Handle);
        await bob.SeesAsync<ClientEvent.Invited>(invited => invited.Room == room);
        await using HostileRelay relay = await HostileRelay.StartAsync(village, bob);
        await bob.EndAsync();
        await bob.BeginAsync(relay.Address);
        var dying = new TaskCompletionSource<VaultFiles>(TaskCreationOptions.RunContinuationsAsynchronously);
        int requests = 0;
        relay.Invent = _ =>
        {
            // The engine waits for the answer: what is on disk now is what a dead process leaves.
            if (++requests == at)
                dying.SetResult(bob.FilesOfVault());
            return requests >= at ? new ErrorFrame(ErrorCode.Busy, 1) : null;
        };
        relay.Push = push => requests >= at ? [] : [push];
        string text = $"said although dead at {at}";
        Task life = LiveAsync();
        if (await Task.WhenAny(life, dying.Task) == life)
        {
            await life;
            return false;
        }

        await bob.EndAsync();
        await Xunit.Record.ExceptionAsync(() => life);
        (await dying.Task).PutBack();
        relay.Invent = static _ => null;
        await relay.ReleaseAsync();
        if (bob.Client.Rooms.All(stored => stored.Id != room))
        {
            await bob.SeesAsync<ClientEvent.Invited>(invited => invited.Room == room);
            await bob.Client.AcceptAsync(room);
        }
        if (bob.Client.Outbox.Count == 0 && bob.Transcript(room).Length == 0)
            await bob.SayAsync(room, text);
        await alice.ReadsAsync(text);
        await alice.SayAsync(room, "that was close");
        await bob.ReadsAsync("that was close");
        Assert.Equal([$"bob: {text}", "alice: that was close"], alice.Transcript(room));
        Assert.Equal(alice.Transcript(room), bob.Transcript(room));
        return true;

        async Task LiveAsync()
        {
            await bob.Client.AcceptAsync(room);
            await bob.SayAsync(room, text);
        }
    }

    private static async Task<RoomId> KitchenAsync(Person alice, Person bob)
    {
        RoomId room = await alice.Client.CreateRoomAsync("kitchen", RoomSettings.Standard);
        await alice.Client.AddAsync(room, bob.Handle);
        await bob.SeesAsync<ClientEvent.Invited>(invited => invited.Room == room);
        await bob.Client.AcceptAsync(room);
        await bob.SayAsync(room, "before");
        await alice.ReadsAsync("before");
        return room;
    }
}
