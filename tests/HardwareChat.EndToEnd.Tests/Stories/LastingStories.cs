using System.Security.Cryptography;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.EndToEnd.Tests.Stories;

/// <summary>Stories of a chat that lasts: the relay goes and comes back, touches run out, people leave, files are sent.</summary>
public sealed class LastingStories
{
    [Fact]
    public async Task The_relay_comes_back_and_so_does_everybody_without_a_touch()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        (Person bob, RoomId room) = await KitchenAsync(village);
        int touches = alice.Touches;

        MessageId waiting = default;
        await village.PauseRelayAsync(async () =>
        {
            await alice.SeesAsync<ClientEvent.Link>(static link => link.State == LinkState.Offline);
            waiting = await alice.Client.QueueAsync(room, new MessageContent("said to nobody", TextFormat.Plain));
            ClientEvent.Unsent unsent = await alice.SeesAsync<ClientEvent.Unsent>(unsent => unsent.Id == waiting);
            Assert.NotEqual(OutboxState.Failed, unsent.State);
        });

        await bob.ReadsAsync("said to nobody");
        await alice.SeesAsync<ClientEvent.Link>(static link => link.State == LinkState.Online);
        await bob.SeesAsync<ClientEvent.Link>(static link => link.State == LinkState.Online);
        await bob.SayAsync(room, "we are back");
        await alice.ReadsAsync("we are back");
        Assert.Equal(touches, alice.Touches);
        Assert.Empty(alice.Client.Outbox);
        Assert.Equal(alice.Transcript(room), bob.Transcript(room));
    }

    [Fact]
    public async Task One_touch_renews_the_connection_and_every_room()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        (Person bob, RoomId room) = await KitchenAsync(village);
        RoomId second = await alice.Client.CreateRoomAsync("cellar", RoomSettings.Standard);
        await alice.Client.AddAsync(second, bob.Handle);
        await bob.SeesAsync<ClientEvent.Invited>(invited => invited.Room == second);
        await bob.Client.AcceptAsync(second);
        Touch before = await TouchOfAsync(bob, bob, room);

        int touches = bob.Touches;

        // Touches are told apart by the second.
        await Task.Delay(1100, TestContext.Current.CancellationToken);
        await bob.Client.RenewAsync();

        Assert.Equal(touches + 1, bob.Touches);
        foreach (RoomId renewed in new[] { room, second })
        {
            await bob.SayAsync(renewed, $"still here, in {renewed}");
            await alice.ReadsAsync($"still here, in {renewed}");
            Touch now = await TouchOfAsync(alice, bob, renewed);
            Assert.NotEqual(before.SessionId, now.SessionId);
        }

        // And again from the vault, in the new session.
        await bob.EndAsync();
        await bob.BeginAsync(village.Relay.Address);
        await bob.SayAsync(room, "after a night");
        await alice.ReadsAsync("after a night");
        Assert.Equal(touches + 1, bob.Touches);
    }

    [Fact]
    public async Task Who_leaves_is_taken_out_by_who_stays()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        (Person bob, RoomId room) = await KitchenAsync(village);

        Assert.True(await bob.Client.LeaveAsync(room));

        ClientEvent.Out gone = await bob.SeesAsync<ClientEvent.Out>(gone => gone.Room == room);
        Assert.Equal("left", gone.Why);
        await alice.SeesAsync<ClientEvent.Changed>(changed => changed.Change.Removed.Any(member => member.Handle == bob.Handle));
        Assert.DoesNotContain(await alice.Client.MembersAsync(room), member => member.Handle == bob.Handle);
        await Assert.ThrowsAsync<RoomException>(() => bob.SayAsync(room, "nobody hears this"));

        // And may be asked in again.
        await alice.Client.AddAsync(room, bob.Handle);
        await bob.SeesAsync<ClientEvent.Invited>(invited => invited.Room == room);
        await bob.Client.AcceptAsync(room);
        await bob.SayAsync(room, "back in the kitchen");
        await alice.ReadsAsync("back in the kitchen");
    }

    [Fact]
    public async Task A_file_goes_from_one_to_the_other_and_survives_a_pause()
    {
        await using Village village = await Village.FoundAsync();
        Person alice = village.Alice;
        (Person bob, RoomId room) = await KitchenAsync(village);
        string folder = Directory.CreateTempSubdirectory("hwchat-file-").FullName;
        string path = Path.Combine(folder, "plan.pdf");
        byte[] bytes = RandomNumberGenerator.GetBytes(3_000_001);
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        string inbox = Directory.CreateDirectory(Path.Combine(folder, "inbox")).FullName;

        MessageId id = await alice.Client.SendFileAsync(room, path, "the plan", cancel: TestContext.Current.CancellationToken);
        ClientEvent.Message shown = await bob.ReadsAsync("the plan");
        Assert.Equal(id, shown.Id);
        string saved = await bob.Client.SaveFileAsync(room, id, 0, inbox, cancel: TestContext.Current.CancellationToken);
        Assert.Equal("plan.pdf", Path.GetFileName(saved));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(saved, TestContext.Current.CancellationToken));

        // A second one of that name takes another.
        Assert.Equal("plan (2).pdf", Path.GetFileName(await bob.Client.SaveFileAsync(room, id, 0, inbox, cancel: TestContext.Current.CancellationToken)));
        await Assert.ThrowsAsync<RoomException>(() => bob.Client.SaveFileAsync(room, id, 1, inbox, cancel: TestContext.Current.CancellationToken));

        // One that the relay had no chance to take goes when it is back.
        var half = new Stopping(1_000_000, village);
        await Assert.ThrowsAsync<ConnectionException>(() => alice.Client.SendFileAsync(room, path, "the plan again", half, TestContext.Current.CancellationToken));
        await village.PauseRelayAsync();
        ClientEvent.Message again = await bob.ReadsAsync("the plan again");
        string second = await bob.Client.SaveFileAsync(room, again.Id, 0, inbox, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(second, TestContext.Current.CancellationToken));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(Person Bob, RoomId Room)> KitchenAsync(Village village)
    {
        Person alice = village.Alice;
        Person bob = await village.NeighbourAsync("bob");
        RoomId room = await alice.Client.CreateRoomAsync("kitchen", RoomSettings.Standard);
        await alice.Client.AddAsync(room, bob.Handle);
        await bob.SeesAsync<ClientEvent.Invited>(invited => invited.Room == room);
        await bob.Client.AcceptAsync(room);
        await alice.SayAsync(room, "hello");
        await bob.ReadsAsync("hello");
        return (bob, room);
    }

    private static async Task<Touch> TouchOfAsync(Person reader, Person who, RoomId room)
        => (await reader.Client.MembersAsync(room)).Single(member => member.Handle == who.Handle).Grant.Touch;

    // Takes the relay away when so many bytes of a file are there.
    private sealed class Stopping(long bytes, Village village) : IProgress<long>
    {
        private bool _done;

        public void Report(long value)
        {
            if (value < bytes || _done)
                return;
            _done = true;
            village.Relay.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
