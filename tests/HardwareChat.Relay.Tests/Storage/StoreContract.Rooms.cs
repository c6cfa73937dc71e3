using System.Collections.Immutable;
using System.Globalization;
using HardwareChat.Protocol;

namespace HardwareChat.Relay.Tests.Storage;

/// <content>Rooms, their logs, rosters and horizons.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task A_room_is_founded_once_and_loaded_as_founded()
    {
        RoomLog log = await FoundAsync(Alice, Bob);
        Assert.False(await Store.CreateRoomAsync(log.Genesis, log.Genesis.Owners[0], Cancel));
        StoredRoom room = (await Store.LoadRoomAsync(log.Room, Cancel))!;
        Assert.Equal(log.Room, room.Genesis.RoomId);
        Assert.Equal([Alice, Bob], room.Roster.Owners);
        Assert.Empty(room.Roster.Handles);
        Assert.False(room.Roster.IsOpen);
        Assert.Equal(RoomChain.Empty(log.Room), room.Tail.Chain);
        Assert.Equal(0UL, room.Horizon);
        Assert.Empty(room.ExternalCommits.Recent);
        Assert.Null(await Store.FindGroupInfoAsync(log.Room, Cancel));
        Assert.Null(await Store.LoadRoomAsync(RoomLog.Of(Carol).Room, Cancel));
    }

    [Fact]
    public async Task Entries_are_read_back_from_anywhere_as_they_were_written()
    {
        RoomLog log = await FoundAsync();
        await Store.AppendAsync(log.Room, [log.Next("commit", EntryKind.Handshake), log.Next("")], Cancel);
        await Store.AppendAsync(log.Room, log.Next(30), Cancel);
        await AssertHoldsAsync(log);
        Assert.Equal(31UL, Assert.Single(await Store.ReadEntriesAsync(log.Room, 31, 10, Plenty, Cancel)).Entry.Sequence);
        Assert.Empty(await Store.ReadEntriesAsync(log.Room, 32, 10, Plenty, Cancel));
        Assert.Empty(await Store.ReadEntriesAsync(log.Room, ulong.MaxValue, 10, Plenty, Cancel));
        Assert.Empty(await Store.ReadEntriesAsync(RoomLog.Of(Carol).Room, 0, 10, Plenty, Cancel));
    }

    [Fact]
    public async Task A_page_ends_at_its_limits_but_holds_one_entry_at_least()
    {
        RoomLog log = await FoundAsync();
        await Store.AppendAsync(log.Room, [log.Next(new string('a', 100)), log.Next(new string('b', 100)), log.Next(new string('c', 100))], Cancel);
        Assert.Equal(2, (await Store.ReadEntriesAsync(log.Room, 0, 2, Plenty, Cancel)).Count);
        Assert.Equal(2, (await Store.ReadEntriesAsync(log.Room, 0, 10, 250, Cancel)).Count);
        Assert.Single(await Store.ReadEntriesAsync(log.Room, 0, 10, 1, Cancel));
    }

    [Fact]
    public async Task A_position_is_written_once()
    {
        RoomLog log = await FoundAsync();
        RoomWrite first = log.Next("first");
        await Store.AppendAsync(log.Room, [first], Cancel);
        await Store.AppendAsync(log.Room, [], Cancel);
        await Assert.ThrowsAsync<StoreFencedException>(() => Store.AppendAsync(log.Room, [first], Cancel));
        RoomLog other = RoomLog.After((await Store.LoadRoomAsync(log.Room, Cancel))!);
        RoomWrite skipped = other.Next("skipped");
        RoomWrite beyond = other.Next("beyond");
        await Assert.ThrowsAsync<StoreFencedException>(() => Store.AppendAsync(log.Room, [beyond], Cancel));
        await AssertHoldsAsync(log);
        await Store.AppendAsync(log.Room, [skipped, beyond], Cancel);
        Assert.Equal(3, (await ReadAllAsync(log.Room)).Count);
    }

    [Fact]
    public async Task Nothing_is_appended_to_a_room_that_was_never_founded()
    {
        RoomLog log = RoomLog.Of(Alice);
        await Assert.ThrowsAsync<StoreFencedException>(() => Store.AppendAsync(log.Room, [log.Next("lost")], Cancel));
        Assert.Equal(StoreHealth.Sound, await Store.CheckAsync(Cancel));
    }

    [Fact]
    public async Task A_batch_that_fails_leaves_nothing_of_itself()
    {
        RoomLog log = await FoundAsync();
        RoomWrite good = log.Next("good") with
        {
            GroupInfo = Bytes("info"),
            Welcome = Bytes("welcome"),
            WelcomeFor = [Bob],
            Roster = new Roster([Alice], [Bob], true),
            ExternalBy = Token("t"),
        };
        await Assert.ThrowsAsync<StoreFencedException>(() => Store.AppendAsync(log.Room, [good, good], Cancel));
        StoredRoom room = (await Store.LoadRoomAsync(log.Room, Cancel))!;
        Assert.Equal(0UL, room.Tail.Chain.Size);
        Assert.Empty(room.Roster.Handles);
        Assert.Empty(room.ExternalCommits.Recent);
        Assert.Empty(await ReadAllAsync(log.Room));
        Assert.Null(await Store.FindGroupInfoAsync(log.Room, Cancel));
        Assert.Empty(await Store.ReadWelcomesAsync(Bob, 10, Cancel));
        Assert.Empty(await Store.ListRoomsAsync(Bob, null, 10, Cancel));
    }

    [Fact]
    public async Task Neighbours_of_a_failing_write_succeed()
    {
        RoomLog[] logs = [await FoundAsync(), await FoundAsync(), await FoundAsync()];
        RoomLog stranger = RoomLog.Of(Alice);
        for (int round = 0; round < 20; round++)
        {
            Task[] good = [.. logs.Select(log => Store.AppendAsync(log.Room, [log.Next("good")], Cancel))];
            Task bad = Store.AppendAsync(stranger.Room, [stranger.Next("bad")], Cancel);
            await Task.WhenAll(good);
            await Assert.ThrowsAsync<StoreFencedException>(() => bad);
        }
        foreach (RoomLog log in logs)
            await AssertHoldsAsync(log);
        Assert.Empty(await ReadAllAsync(stranger.Room));
    }

    [Fact]
    public async Task Many_rooms_grow_side_by_side_without_gaps()
    {
        RoomLog[] logs = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => FoundAsync()));
        await Task.WhenAll(logs.Select(log => Task.Run(
            async () =>
            {
                for (int i = 0; i < 25; i++)
                    await Store.AppendAsync(log.Room, log.Next(1 + (i % 3)), Cancel);
            },
            Cancel)));
        foreach (RoomLog log in logs)
            await AssertHoldsAsync(log);
    }

    [Fact]
    public async Task Of_two_sequencers_at_one_position_one_is_fenced()
    {
        RoomLog log = await FoundAsync();
        for (int round = 0; round < 20; round++)
        {
            StoredRoom room = (await Store.LoadRoomAsync(log.Room, Cancel))!;
            Task[] both = [.. Enumerable.Range(0, 2).Select(side => Store.AppendAsync(log.Room, [RoomLog.After(room).Next($"side {side} of {round}")], Cancel))];
            await AssertOneIsTakenAsync(both);
        }
        IReadOnlyList<StoredEntry> entries = await ReadAllAsync(log.Room);
        Assert.Equal(20, entries.Count);
        RoomChain chain = entries.Aggregate(RoomChain.Empty(log.Room), static (chain, entry) => chain.Take(entry.Entry));
        Assert.Equal(chain, (await Store.LoadRoomAsync(log.Room, Cancel))!.Tail.Chain);
    }

    [Fact]
    public async Task A_message_is_found_by_its_hash_from_a_sequence_on()
    {
        RoomLog log = await FoundAsync();
        RoomWrite[] writes = log.Next(10);
        await Store.AppendAsync(log.Room, writes, Cancel);
        Digest hash = writes[4].Entry.MessageHash;
        Assert.Equal(4UL, await Store.FindMessageAsync(log.Room, hash, 0, Cancel));
        Assert.Equal(4UL, await Store.FindMessageAsync(log.Room, hash, 4, Cancel));
        Assert.Null(await Store.FindMessageAsync(log.Room, hash, 5, Cancel));
        Assert.Null(await Store.FindMessageAsync(log.Room, Name("other"), 0, Cancel));
        Assert.Null(await Store.FindMessageAsync(RoomLog.Of(Bob).Room, hash, 0, Cancel));
    }

    [Fact]
    public async Task What_belongs_to_an_entry_comes_with_it()
    {
        RoomLog log = await FoundAsync();
        RoomWrite commit = log.Next("commit", EntryKind.External, time: 5000) with
        {
            GroupInfo = Bytes("info 0"),
            Welcome = Bytes("welcome"),
            WelcomeFor = [Bob, Carol],
            Roster = new Roster([Alice], [Bob, Carol], true),
            ExternalBy = Token("alice's"),
        };
        await Store.AppendAsync(log.Room, [commit, log.Next("application")], Cancel);
        StoredRoom room = (await Store.LoadRoomAsync(log.Room, Cancel))!;
        Assert.Equal([Bob, Carol], room.Roster.Handles.Order());
        Assert.True(room.Roster.IsOpen);
        Assert.Equal((Token("alice's"), 5000UL), Assert.Single(room.ExternalCommits.Recent));
        Assert.Equal([0UL], room.Tail.LastHandshakes);
        StoredGroupInfo info = (await Store.FindGroupInfoAsync(log.Room, Cancel))!;
        Assert.Equal((0UL, "info 0"), (info.Sequence, Text(info.GroupInfo)));
        foreach (Handle handle in (Handle[])[Bob, Carol])
            Assert.Equal("welcome", Text(Assert.Single(await Store.ReadWelcomesAsync(handle, 10, Cancel)).Welcome));

        await Store.AppendAsync(log.Room, [log.Next("second", EntryKind.Handshake) with { GroupInfo = Bytes("info 2"), Roster = new Roster([Alice], [Carol], false) }], Cancel);
        room = (await Store.LoadRoomAsync(log.Room, Cancel))!;
        Assert.Equal([Carol], room.Roster.Handles);
        Assert.False(room.Roster.IsOpen);
        Assert.Equal([0UL, 2UL], room.Tail.LastHandshakes);
        info = (await Store.FindGroupInfoAsync(log.Room, Cancel))!;
        Assert.Equal((2UL, "info 2"), (info.Sequence, Text(info.GroupInfo)));
        Assert.Empty(await Store.ListRoomsAsync(Bob, null, 10, Cancel));
        Assert.Equal(new RoomSummary(log.Room, 3, 0), Assert.Single(await Store.ListRoomsAsync(Carol, null, 10, Cancel)));
    }

    [Fact]
    public async Task Only_the_last_handshakes_are_remembered()
    {
        RoomLog log = await FoundAsync();
        for (int i = 0; i < ProtocolLimits.StaleHandshakes + 5; i++)
            await Store.AppendAsync(log.Room, [log.Next(i.ToString(CultureInfo.InvariantCulture), EntryKind.Handshake)], Cancel);
        await AssertHoldsAsync(log);
    }

    [Fact]
    public async Task Rooms_of_a_user_are_listed_page_by_page()
    {
        RoomLog[] logs = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => FoundAsync(Alice, Bob)));
        RoomLog joined = await FoundAsync(Alice);
        await Store.AppendAsync(joined.Room, [joined.Next("commit", EntryKind.Handshake) with { Roster = new Roster([Alice], [Bob], false) }], Cancel);
        RoomSummary[] all = [.. logs.Select(static log => new RoomSummary(log.Room, 0, 0)).Append(new RoomSummary(joined.Room, 1, 0)).OrderBy(static room => room.Room.ToString(), StringComparer.Ordinal)];
        IReadOnlyList<RoomSummary> first = await Store.ListRoomsAsync(Bob, null, 4, Cancel);
        IReadOnlyList<RoomSummary> second = await Store.ListRoomsAsync(Bob, first[^1].Room, 4, Cancel);
        Assert.Equal(all, first.Concat(second));
        Assert.Empty(await Store.ListRoomsAsync(Carol, null, 4, Cancel));
        Assert.Equal(6, await Store.CountRoomsFoundedAsync(Alice, Cancel));
        Assert.Equal(0, await Store.CountRoomsFoundedAsync(Bob, Cancel));
    }

    [Fact]
    public async Task Expired_bodies_go_and_the_chain_stays()
    {
        RoomLog log = await FoundAsync();
        await Store.AppendAsync(log.Room, [.. Enumerable.Range(0, 10).Select(i => log.Next($"message {i}", time: 1000 + (ulong)i))], Cancel);
        Assert.Empty(await Store.RoomsToExpireAsync(1000, 10, Cancel));
        Assert.Equal(log.Room, Assert.Single(await Store.RoomsToExpireAsync(1001, 10, Cancel)));
        Assert.Equal(3, await Store.ExpireMessagesAsync(log.Room, 1006, 3, Cancel));
        Assert.Empty(await Store.RoomsToExpireAsync(1003, 10, Cancel));
        Assert.Equal(3UL, (await Store.LoadRoomAsync(log.Room, Cancel))!.Horizon);
        Assert.Equal(3, await Store.ExpireMessagesAsync(log.Room, 1006, 100, Cancel));
        Assert.Equal(0, await Store.ExpireMessagesAsync(log.Room, 1006, 100, Cancel));
        Assert.Equal(6UL, (await Store.LoadRoomAsync(log.Room, Cancel))!.Horizon);
        Assert.Equal(6UL, Assert.Single(await Store.ListRoomsAsync(Alice, null, 10, Cancel)).Horizon);
        IReadOnlyList<StoredEntry> entries = await ReadAllAsync(log.Room);
        Assert.Equal(log.Written.Select(static write => write.Entry), entries.Select(static entry => entry.Entry));
        Assert.All(entries, static entry => Assert.Equal(entry.Entry.Sequence >= 6, entry.Message is not null));
        Assert.Equal(4, await Store.ExpireMessagesAsync(log.Room, ulong.MaxValue, 100, Cancel));
        Assert.Equal(10UL, (await Store.LoadRoomAsync(log.Room, Cancel))!.Horizon);
        Assert.Empty(await Store.RoomsToExpireAsync(ulong.MaxValue, 10, Cancel));
        await Store.AppendAsync(log.Room, [log.Next("after")], Cancel);
        Assert.Equal("after", Text((await ReadAllAsync(log.Room, 10))[0].Message));
        Assert.Equal(0, await Store.ExpireMessagesAsync(RoomLog.Of(Bob).Room, ulong.MaxValue, 100, Cancel));
    }

    [Fact]
    public async Task A_reopened_store_has_kept_everything()
    {
        RoomLog log = await FoundAsync();
        await Store.AppendAsync(log.Room, [log.Next("commit", EntryKind.Handshake) with { GroupInfo = Bytes("info"), Welcome = Bytes("welcome"), WelcomeFor = [Bob], Roster = new Roster([Alice], [Bob], true), ExternalBy = Token("t") }], Cancel);
        await Store.AppendLeafAsync(new StoredLeaf(0, Bytes("leaf"), Name("receipt")), [new StoredEvidence(Name("evidence"), Bytes("evidence"))], Cancel);
        await Store.PublishKeyPackagesAsync(Token("t"), new PublishKeyPackages(false, [Bytes("package")], Bytes("last")), 10, Cancel);
        await Store.CreateBlobAsync(new StoredBlob(Name("blob"), log.Room, Alice, 4, 0, 1), 100, Cancel);
        await Store.AppendBlobAsync(Name("blob"), 0, Bytes("abc"), Cancel);
        await ReopenAsync();
        await AssertHoldsAsync(log);
        StoredRoom room = (await Store.LoadRoomAsync(log.Room, Cancel))!;
        Assert.Equal(ImmutableHashSet.Create(Bob), room.Roster.Handles, static (a, b) => a.SetEquals(b));
        Assert.Equal((Token("t"), 1000UL), Assert.Single(room.ExternalCommits.Recent));
        Assert.Equal("info", Text((await Store.FindGroupInfoAsync(log.Room, Cancel))!.GroupInfo));
        Assert.Single(await Store.ReadWelcomesAsync(Bob, 10, Cancel));
        Assert.Equal("leaf", Text(Assert.Single(await Store.ReadLeavesAsync(0, 10, Plenty, Cancel)).Leaf));
        Assert.Equal("evidence", Text(await Store.FindEvidenceAsync(Name("evidence"), Cancel)));
        Assert.Equal(new KeyPackageCount(1, true), await Store.CountKeyPackagesAsync(Token("t"), Cancel));
        Assert.Equal(4UL, await Store.AppendBlobAsync(Name("blob"), 3, Bytes("d"), Cancel));
        await Store.AppendAsync(log.Room, [log.Next("goes on")], Cancel);
        await AssertHoldsAsync(log);
        Assert.False(await Store.IsRestoredAsync(Cancel));
    }
}
