using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.Relay.Tests.Rooms;

public sealed class RoomTests
{
    [Fact]
    public async Task Entries_reach_every_reader_in_order_once()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob", "carol"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        await using TestClient bob = await relay.ConnectAsync("bob");
        await using TestClient carol = await relay.ConnectAsync("carol");
        RoomId room = await relay.FoundRoomAsync(alice, "bob", "carol");

        await bob.SubscribeAsync(room);
        Task<Appended>[] sent = [.. Enumerable.Range(0, 200).Select(i => alice.AppendAsync(room, EntryKind.Application, 1, $"message {i}"))];
        await carol.SubscribeAsync(room, from: 1);
        await Task.WhenAll(sent);

        string[] expected = ["commit 0", .. Enumerable.Range(0, 200).Select(static i => $"message {i}")];
        Assert.Equal(expected, await bob.ReadAsync(201));
        Assert.Equal(expected[1..], await carol.ReadAsync(200));
        Assert.Equal(Enumerable.Range(1, 200).Select(static i => (ulong)i), sent.Select(static task => task.Result.Sequence));
    }

    [Fact]
    public async Task The_chain_and_the_receipts_are_the_relays()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: []);
        await using TestClient alice = await relay.ConnectAsync("alice");
        RoomId room = await relay.FoundRoomAsync(alice);
        await alice.AppendAsync(room, EntryKind.Application, 1, "hello");
        Subscribed subscribed = await alice.SubscribeAsync(room);
        RoomChain chain = RoomChain.Empty(room);
        for (int i = 0; i < 2; i++)
        {
            EntryPush push = await alice.NextAsync<EntryPush>();
            Assert.Null(chain.Check(push.Entry, Digest.Of(push.Message!.Value.Span)));
            Assert.True(relay.Relay.Identity.Receipts.IsOfEntry(push.Entry, push.Receipt.ToArray()));
            chain = chain.Take(push.Entry);
        }
        Assert.Equal((2UL, chain.Head), (subscribed.Size, subscribed.Head));
    }

    [Fact]
    public async Task A_retry_after_a_lost_answer_is_told_the_old_sequence()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: []);
        await using TestClient alice = await relay.ConnectAsync("alice");
        RoomId room = await relay.FoundRoomAsync(alice);
        Appended first = await alice.AppendAsync(room, EntryKind.Application, 1, "once");
        await alice.AppendAsync(room, EntryKind.Application, 1, "between");
        Assert.Equal(first, await alice.AppendAsync(room, EntryKind.Application, 1, "once"));
        await relay.RestartAsync();
        await using TestClient again = await relay.ConnectAsync("alice");
        Assert.Equal(first, await again.AppendAsync(room, EntryKind.Application, 1, "once"));
        Assert.Equal(3UL, (await again.SubscribeAsync(room)).Size);
    }

    [Fact]
    public async Task Commits_race_and_one_wins()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        await using TestClient bob = await relay.ConnectAsync("bob");
        RoomId room = await relay.FoundRoomAsync(alice, "bob");
        Task<Appended>[] race = [alice.AppendAsync(room, EntryKind.Handshake, 1, "a"), bob.AppendAsync(room, EntryKind.Handshake, 1, "b")];
        await Task.WhenAll(race.Select(static task => task.ContinueWith(static _ => { }, TaskScheduler.Default)));
        RelayException lost = Assert.IsType<RelayException>(Assert.Single(race, static task => task.IsFaulted).Exception!.InnerException);
        Assert.Equal(ErrorCode.Conflict, lost.Code);
    }

    [Fact]
    public async Task Application_messages_five_handshakes_old_are_stale()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: []);
        await using TestClient alice = await relay.ConnectAsync("alice");
        RoomId room = await relay.FoundRoomAsync(alice);
        for (ulong after = 1; after <= 5; after++)
            await alice.AppendAsync(room, EntryKind.Handshake, after, $"commit {after}");
        byte[] late = "late"u8.ToArray();
        Assert.Equal(ErrorCode.Stale, await alice.RefusedAsync(new Append(room, EntryKind.Application, 1, 1, late, null, null, [])));
        await alice.AppendAsync(room, EntryKind.Application, 2, "just in time");
    }

    [Fact]
    public async Task Strangers_are_told_the_same_of_rooms_that_exist_and_rooms_that_do_not()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        await using TestClient bob = await relay.ConnectAsync("bob");
        RoomId room = await relay.FoundRoomAsync(alice);
        var nowhere = new RoomId(Digest.Of("nowhere"u8));
        foreach (RoomId id in (RoomId[])[room, nowhere])
        {
            Assert.Equal(ErrorCode.Refused, await bob.RefusedAsync(new Subscribe(id, 0)));
            Assert.Equal(ErrorCode.Refused, await bob.RefusedAsync(new GetRoster(id)));
            Assert.Equal(ErrorCode.Refused, await bob.RefusedAsync(new GetGroupInfo(id)));
            Assert.Equal(ErrorCode.Refused, await bob.RefusedAsync(new UploadBlob(id, 10)));
            Assert.Equal(ErrorCode.Refused, await bob.RefusedAsync(new Append(id, EntryKind.Application, 0, 1, "x"u8.ToArray(), null, null, [])));
        }
    }

    [Fact]
    public async Task Attack_44_a_storm_of_external_commits_ends_at_three_a_token_and_thirty_a_room_and_the_chat_goes_on()
    {
        string[] users = [.. Enumerable.Range(0, 11).Select(static i => $"user{(char)('a' + i)}")];
        await using TestRelay relay = await TestRelay.StartAsync(users: users);
        await using TestClient alice = await relay.ConnectAsync("alice");
        RoomId room = await relay.FoundRoomAsync(alice, users);
        ulong size = 1;
        foreach (string user in users)
        {
            await using TestClient knocking = await relay.ConnectAsync(user);
            for (int i = 0; i < 3 && size <= 30; i++)
                await knocking.AppendAsync(room, EntryKind.External, size++, $"{user} knocks, {i}");
            var onceMore = new Append(room, EntryKind.External, size, 1, "once more"u8.ToArray(), null, null, []);
            Assert.Equal(ErrorCode.Busy, await knocking.RefusedAsync(onceMore));
        }

        Assert.Equal(31UL, size);
        Assert.Equal(31UL, (await alice.AppendAsync(room, EntryKind.Application, size, "and we talk")).Sequence);
        Assert.Equal(32UL, (await alice.AppendAsync(room, EntryKind.Handshake, size, "and commit")).Sequence);
    }

    [Fact]
    public async Task Whoever_is_dropped_reads_no_more()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        await using TestClient bob = await relay.ConnectAsync("bob");
        RoomId room = await relay.FoundRoomAsync(alice, "bob");
        await bob.SubscribeAsync(room);
        Assert.Equal("commit 0", Assert.Single(await bob.ReadAsync(1)));
        await alice.AppendAsync(room, EntryKind.Handshake, 1, "remove", new RosterChange.Drop(Handle.Parse("bob")));
        await bob.NextAsync<Detached>();
        Assert.Equal(ErrorCode.Refused, await bob.RefusedAsync(new Subscribe(room, 0)));
    }

    [Fact]
    public async Task An_invited_user_gets_the_welcome_and_the_roster_has_it()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        await using TestClient bob = await relay.ConnectAsync("bob");
        RoomId room = await relay.FoundRoomAsync(alice);
        byte[] welcome = "welcome"u8.ToArray(), info = "group info"u8.ToArray();
        var add = new Append(room, EntryKind.Handshake, 1, 1, "add bob"u8.ToArray(), info, welcome, [new RosterChange.Add(Handle.Parse("bob"))]);
        await alice.AskAsync<Appended>(add);
        WelcomePush push = await bob.NextAsync<WelcomePush>();
        Assert.Equal((room, 1UL), (push.Room, push.Sequence));
        Assert.Equal(welcome, push.Welcome.ToArray());
        await bob.AskAsync<Done>(new FetchWelcomes());
        Assert.Equal(1UL, (await bob.NextAsync<WelcomePush>()).Sequence);
        await bob.AskAsync<Done>(new DropWelcome(room, 1));
        Assert.Equal(info, (await bob.AskAsync<GroupInfoFrame>(new GetGroupInfo(room))).GroupInfo.ToArray());
        Assert.Equal(["bob"], (await bob.AskAsync<RoomRoster>(new GetRoster(room))).Handles.Select(static handle => handle.ToString()));
        Assert.Equal(room, Assert.Single((await bob.AskAsync<RoomList>(new ListRooms(null))).Rooms).Room);
    }

    [Fact]
    public async Task A_slow_reader_is_detached_and_comes_back_without_a_gap()
    {
        await using TestRelay relay = await TestRelay.StartAsync(options => options.Limits.QueueBytes = 64 * 1024, users: ["bob"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        await using TestClient bob = await relay.ConnectAsync("bob");
        RoomId room = await relay.FoundRoomAsync(alice, "bob");
        await bob.SubscribeAsync(room);
        await bob.ReadAsync(1);
        bob.Hold = new TaskCompletionSource();
        string big = new('x', 30_000);
        for (int i = 0; i < 400; i++)
            await alice.AppendAsync(room, EntryKind.Application, 1, $"{i} {big}");
        bob.Hold.SetResult();
        bob.Hold = null;
        ulong next = 1;
        while (next < 401)
        {
            switch (await bob.NextAsync<FrameBody>())
            {
                case EntryPush push:
                    Assert.Equal(next++, push.Entry.Sequence);
                    break;
                case Detached detached:
                    Assert.Equal(next, detached.Next);
                    await bob.SubscribeAsync(room, next);
                    break;
            }
        }
    }

    [Fact]
    public async Task A_store_that_fails_costs_a_busy_and_nothing_else()
    {
        var store = new MemoryStore();
        await using TestRelay relay = await TestRelay.StartAsync(store: _ => store, users: []);
        await using TestClient alice = await relay.ConnectAsync("alice");
        RoomId room = await relay.FoundRoomAsync(alice);
        store.BeforeAppend = static () => throw new StoreUnavailableException("the disk is full");
        Assert.Equal(ErrorCode.Busy, await alice.RefusedAsync(new Append(room, EntryKind.Application, 1, 1, "lost?"u8.ToArray(), null, null, [])));
        store.BeforeAppend = static () => Task.CompletedTask;
        Assert.Equal(1UL, (await alice.AppendAsync(room, EntryKind.Application, 1, "lost?")).Sequence);
        await alice.SubscribeAsync(room);
        Assert.Equal(["commit 0", "lost?"], await alice.ReadAsync(2));
    }

    [Fact]
    public async Task Ephemeral_frames_reach_the_others_and_are_not_kept()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        await using TestClient alice = await relay.ConnectAsync("alice");
        await using TestClient bob = await relay.ConnectAsync("bob");
        RoomId room = await relay.FoundRoomAsync(alice, "bob");
        await bob.SubscribeAsync(room);
        await bob.ReadAsync(1);
        alice.Connection.Notify(new Ephemeral(room, "typing"u8.ToArray()));
        EphemeralPush push = await bob.NextAsync<EphemeralPush>();
        Assert.Equal((alice.Token!.Id, "typing"u8.ToArray()), (push.Sender, push.Message.ToArray()), (left, right) => left.Item1 == right.Item1 && left.Item2.AsSpan().SequenceEqual(right.Item2));
        Assert.Equal(1UL, (await bob.SubscribeAsync(room)).Size);
    }

    [Fact]
    public async Task Messages_older_than_the_relay_keeps_them_are_gone_and_the_horizon_says_so()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static options => options.Limits.MessageDays = 1, users: []);
        await using TestClient alice = await relay.ConnectAsync("alice");
        RoomId room = await relay.FoundRoomAsync(alice);
        await alice.AppendAsync(room, EntryKind.Application, 1, "old");
        relay.Time.Ahead = TimeSpan.FromDays(2);
        await relay.RestartAsync();
        await using TestClient later = await relay.ConnectAsync("alice");
        Subscribed subscribed;
        while ((subscribed = await later.SubscribeAsync(room)).Horizon < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        await later.AppendAsync(room, EntryKind.Application, 1, "new");
        EntryPush push;
        do
            push = await later.NextAsync<EntryPush>();
        while (push.Entry.Sequence < 2);
        Assert.Equal((2UL, "new"u8.ToArray().Length), (subscribed.Horizon, push.Message!.Value.Length));
        await later.SubscribeAsync(room, from: 1);
        do
            push = await later.NextAsync<EntryPush>();
        while (push.Entry.Sequence != 1);
        Assert.Null(push.Message);
    }
}
