using HardwareChat.Client;
using HardwareChat.Protocol;
using ErrorCode = HardwareChat.Protocol.ErrorCode;

namespace HardwareChat.EndToEnd.Tests.Hostile;

/// <summary>What a relay can do that has the right key and wishes its people ill, seen from the whole client.</summary>
public sealed class HostileRelayTests(Neighbours neighbours) : IClassFixture<Neighbours>
{
    private Person Alice => neighbours.Alice;

    private Person Bob => neighbours.Bob;

    [Fact]
    public async Task Attack_23_a_withheld_entry_stops_the_reader_with_an_alarm_and_the_honest_log_goes_on()
    {
        RoomId room = await neighbours.RoomAsync();
        await using HostileRelay relay = await neighbours.BewitchAsync(Bob);
        int withheld = 0;
        relay.Push = push => push is EntryPush && withheld++ == 0 ? [] : [push];
        await Alice.SayAsync(room, "withheld");
        await Alice.SayAsync(room, "behind it");
        ClientEvent.Trouble trouble = await TroubleAsync(Bob, room, RoomRule.Sequence);
        Assert.Contains("does not hang together", trouble.Why, StringComparison.Ordinal);
        Assert.Equal(["bob: here I am"], Bob.Transcript(room));

        await relay.ReleaseAsync();
        await Bob.ReadsAsync("behind it");
        Assert.Equal(Alice.Transcript(room), Bob.Transcript(room));
    }

    [Fact]
    public async Task Attack_23_an_entry_before_its_turn_is_not_read_and_one_that_comes_twice_is_shown_once()
    {
        RoomId room = await neighbours.RoomAsync();
        await using HostileRelay relay = await neighbours.BewitchAsync(Bob);
        FrameBody? held = null;
        relay.Push = push =>
        {
            if (push is not EntryPush)
                return [push];
            FrameBody? first = held;
            held = push;
            return first is null ? [] : [push, first, first];
        };
        await Alice.SayAsync(room, "first");
        await Alice.SayAsync(room, "second");
        await TroubleAsync(Bob, room, RoomRule.Sequence);
        Assert.DoesNotContain("alice: second", Bob.Transcript(room));
        await relay.ReleaseAsync();
        await Bob.ReadsAsync("second");
        Assert.Equal(["bob: here I am", "alice: first", "alice: second"], Bob.Transcript(room));
    }

    [Fact]
    public async Task Attack_23_the_entries_of_another_room_do_not_pass_for_this_ones()
    {
        RoomId kitchen = await neighbours.RoomAsync();
        RoomId cellar = await neighbours.RoomAsync();
        await using HostileRelay relay = await neighbours.BewitchAsync(Bob);
        relay.Push = push => push is EntryPush entry && entry.Entry.Room == cellar
            ? [entry with { Entry = entry.Entry with { Room = kitchen } }]
            : [push];
        await Alice.SayAsync(cellar, "for the cellar");
        ClientEvent.Trouble trouble = await Bob.SeesAsync<ClientEvent.Trouble>(trouble => trouble.Room == kitchen);
        Assert.Contains("does not hang together", trouble.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("alice: for the cellar", Bob.Transcript(kitchen));
        await relay.ReleaseAsync();
    }

    [Fact]
    public async Task Attack_22_two_logs_alarm_both_sides_at_the_next_message_and_each_skips_the_others()
    {
        RoomId room = await neighbours.RoomAsync();
        await using HostileRelay relay = await neighbours.BewitchAsync(Bob);
        RoomChain? fork = null;
        relay.Push = push =>
        {
            if (push is not EntryPush entry)
                return [push];

            // The first entry is another than alice's; what follows hangs together with it.
            RoomEntry shown = fork is null
                ? entry.Entry with { MessageHash = Digest.Of("noise"u8) }
                : entry.Entry with { Previous = fork.Head };
            fork = (fork ?? new RoomChain(room, shown.Sequence, shown.Previous, shown.Stamp)).Take(shown);
            return [entry with { Entry = shown, Message = shown.MessageHash == entry.Entry.MessageHash ? entry.Message : "noise"u8.ToArray() }];
        };
        await Alice.SayAsync(room, "in one log alone");
        await Bob.SeesAsync<ClientEvent.Trouble>(trouble => trouble.Room == room && trouble.Why.Contains(nameof(RoomRule.Kind), StringComparison.Ordinal));
        await Alice.SayAsync(room, "crossing");
        ClientEvent.Trouble alarm = await TroubleAsync(Bob, room, RoomRule.SeenRoom);
        Assert.StartsWith("alice saw another log", alarm.Why, StringComparison.Ordinal);
        await Bob.SayAsync(room, "crossing back");
        await TroubleAsync(Alice, room, RoomRule.SeenRoom);
        Assert.DoesNotContain("alice: crossing", Bob.Transcript(room));
        Assert.DoesNotContain("bob: crossing back", Alice.Transcript(room));
        await relay.ReleaseAsync();
    }

    [Fact]
    public async Task Attack_25_an_entry_of_next_year_waits_and_nobody_is_removed_for_it()
    {
        RoomId room = await neighbours.RoomAsync();
        await using HostileRelay relay = await neighbours.BewitchAsync(Bob);
        relay.Push = push => push is EntryPush entry
            ? [entry with { Entry = entry.Entry with { Stamp = entry.Entry.Stamp with { Time = entry.Entry.Stamp.Time + (365 * 24 * 3600) } } }]
            : [push];
        await Alice.SayAsync(room, "now");
        await TroubleAsync(Bob, room, RoomRule.AheadOfClock);
        Assert.Equal(2, (await Bob.Client.MembersAsync(room)).Count);
        await relay.ReleaseAsync();
        await Bob.ReadsAsync("now");
    }

    [Theory]
    [InlineData(ErrorCode.Stale)]
    [InlineData(ErrorCode.Refused)]
    public async Task Attack_32_a_message_that_was_taken_and_answered_with_an_error_is_shown_once(ErrorCode lie)
    {
        RoomId room = await neighbours.RoomAsync();
        await using HostileRelay relay = await neighbours.BewitchAsync(Bob);
        int told = 0;
        relay.Answer = (request, honest) => request is Append && told++ == 0 ? new ErrorFrame(lie, 0) : honest;
        try
        {
            await Bob.SayAsync(room, "once and no more");
        }
        catch (RoomException e)
        {
            Assert.Equal(lie, Assert.IsType<RelayException>(e.InnerException).Code);
        }

        await Alice.ReadsAsync("once and no more");
        await relay.ReleaseAsync();
        await Bob.SayAsync(room, "done");
        await Alice.ReadsAsync("done");
        Assert.Equal(["bob: here I am", "bob: once and no more", "bob: done"], Alice.Transcript(room));
        Assert.Equal(Alice.Transcript(room), Bob.Transcript(room));
        Assert.Empty(Bob.Client.Outbox);
    }

    [Fact]
    public async Task Attack_31_what_was_acknowledged_and_lost_is_not_shown_as_sent_and_goes_again()
    {
        RoomId room = await neighbours.RoomAsync();
        await using HostileRelay relay = await neighbours.BewitchAsync(Bob);
        relay.Invent = request => request is Append ? new Appended(0, new Stamp(1, 1), default) : null;
        await Bob.SayAsync(room, "said into the void");
        Assert.DoesNotContain("bob: said into the void", Bob.Transcript(room));
        Assert.Single(Bob.Client.Outbox);

        await relay.ReleaseAsync();
        await Alice.ReadsAsync("said into the void");
        Assert.Equal(Alice.Transcript(room), Bob.Transcript(room));
        Assert.Empty(Bob.Client.Outbox);
    }

    [Fact]
    public async Task A_lie_of_Conflict_costs_a_commit_made_anew_and_nothing_else()
    {
        RoomId room = await neighbours.RoomAsync();
        await using HostileRelay relay = await neighbours.BewitchAsync(Alice);
        int told = 0;
        relay.Invent = request => request is Append && told++ == 0 ? new ErrorFrame(ErrorCode.Conflict, 0) : null;
        await Alice.Client.ChangeSettingsAsync(room, RoomSettings.Standard with { Inviters = Who.Members });
        Assert.Equal(2, told);
        await relay.ReleaseAsync();
        await Alice.SayAsync(room, "settled");
        await Bob.ReadsAsync("settled");
        Assert.Equal(Who.Members, (await Bob.Client.TermsAsync(room))!.Policy.Inviters);
    }

    [Fact]
    public async Task Attack_26_a_stale_GroupInfo_lets_nobody_in_and_changes_nothing()
    {
        RoomId room = await Alice.Client.CreateRoomAsync("attic", RoomSettings.Standard with { Door = new Door.Everybody() });
        await using HostileRelay relay = await neighbours.BewitchAsync(Bob);
        GroupInfoFrame? stale = null;
        relay.Answer = (request, honest) => request is GetGroupInfo ? stale ??= (GroupInfoFrame)honest : honest;
        await Bob.Client.LookAtAsync(room);
        await Alice.Client.ChangeSettingsAsync(room, RoomSettings.Standard with { Door = new Door.Everybody(), Inviters = Who.Members });
        Assert.False(await Bob.Client.JoinAsync(room));
        await Assert.ThrowsAsync<RoomException>(() => Bob.SayAsync(room, "into a room that is not there"));
        Assert.Single(await Alice.Client.MembersAsync(room));
        await relay.ReleaseAsync();
        Assert.True(await Bob.Client.JoinAsync(room));
    }

    [Fact]
    public async Task Attack_27_the_GroupInfo_of_another_room_or_of_nothing_is_refused()
    {
        RoomId room = await Alice.Client.CreateRoomAsync("attic", RoomSettings.Standard with { Door = new Door.Everybody() });
        RoomId trap = await Alice.Client.CreateRoomAsync("trap", RoomSettings.Standard with { Door = new Door.Everybody() });
        await using HostileRelay relay = await neighbours.BewitchAsync(Bob);
        GroupInfoFrame? other = null;
        relay.Answer = (request, honest) => request is GetGroupInfo asked && asked.Room == trap ? other = (GroupInfoFrame)honest : honest;
        await Bob.Client.LookAtAsync(trap);
        relay.Invent = request => request is GetGroupInfo ? other : null;
        Assert.Equal(RoomRule.OtherRoom, (await Assert.ThrowsAsync<RoomRuleException>(() => Bob.Client.JoinAsync(room))).Fault.Room);
        relay.Invent = static request => request is GetGroupInfo ? new GroupInfoFrame(0, "nothing of the kind"u8.ToArray()) : null;
        await Assert.ThrowsAsync<Wire.DecodeException>(() => Bob.Client.JoinAsync(room));
        await relay.ReleaseAsync();
    }

    [Fact]
    public async Task Attack_29_a_key_package_that_is_given_twice_is_an_alarm_of_its_owner()
    {
        await using HostileRelay relay = await neighbours.BewitchAsync(Alice);
        FrameBody? first = null;
        relay.Answer = (request, honest) => request is FetchKeyPackages ? first ??= honest : honest;
        await neighbours.RoomAsync();
        RoomId second = await Alice.Client.CreateRoomAsync("cellar", RoomSettings.Standard);
        await Alice.Client.AddAsync(second, Bob.Handle);
        ClientEvent.Trouble trouble = await Bob.SeesAsync<ClientEvent.Trouble>(trouble => trouble.Room == second);
        Assert.Contains("key package", trouble.Why, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RoomException>(() => Bob.Client.AcceptAsync(second));
        await relay.ReleaseAsync();
    }

    [Fact]
    public async Task Attack_28_the_relays_choice_of_another_key_package_adds_nobody()
    {
        RoomId room = await Alice.Client.CreateRoomAsync("cellar", RoomSettings.Standard);
        await using HostileRelay relay = await neighbours.BewitchAsync(Alice);
        relay.Answer = (request, honest) => honest is KeyPackages { Items: [var only] }
            ? new KeyPackages([only with { Token = Alice.Token }])
            : honest;
        RoomRuleException refused = await Assert.ThrowsAsync<RoomRuleException>(() => Alice.Client.AddAsync(room, Bob.Handle));
        Assert.Equal(TouchRule.TokenUnknown, refused.Fault.Touch);
        Assert.Single(await Alice.Client.MembersAsync(room));
        await relay.ReleaseAsync();
    }

    [Fact]
    public async Task Attack_46_numbers_without_measure_and_junk_end_no_client()
    {
        RoomId room = await neighbours.RoomAsync();
        await using HostileRelay relay = await neighbours.BewitchAsync(Bob);
        var entry = new RoomEntry(room, ulong.MaxValue, default, new Stamp(ulong.MaxValue, 1), EntryKind.Handshake, Digest.Of("x"u8));
        FrameBody[] junk =
        [
            new EntryPush(entry, default, "x"u8.ToArray()),
            new EntryPush(entry with { Sequence = 0 }, default, null),
            new EntryPush(entry with { Room = new RoomId(Digest.Of("nowhere"u8)) }, default, null),
            new EntryPush(entry with { Stamp = new Stamp(1, ulong.MaxValue) }, default, "x"u8.ToArray()),
            new WelcomePush(room, ulong.MaxValue, "no welcome"u8.ToArray()),
            new WelcomePush(new RoomId(Digest.Of("nowhere"u8)), ulong.MaxValue, "no welcome"u8.ToArray()),
            new Detached(room, ulong.MaxValue),
            new RegistryNews("no checkpoint"u8.ToArray()),
            new EphemeralPush(room, Bob.Token, "x"u8.ToArray()),
            new Restored(room, ulong.MaxValue),
            new Restored(null, ulong.MaxValue),
        ];
        foreach (FrameBody body in junk)
            await relay.SendAsync(body);
        await Alice.SayAsync(room, "still there?");
        await Bob.ReadsAsync("still there?");
        await Bob.SayAsync(room, "still here");
        await Alice.ReadsAsync("still here");
        await relay.ReleaseAsync();
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL)]
    public async Task A_relay_whose_clock_is_out_of_all_measure_is_not_believed(ulong time)
    {
        await using HostileRelay relay = await HostileRelay.StartAsync(neighbours.Village, Bob);
        relay.Clock = time;
        await Bob.EndAsync();
        ConnectionException refused = await Assert.ThrowsAsync<ConnectionException>(() => Bob.BeginAsync(relay.Address));
        Assert.Contains("clock", refused.Message, StringComparison.Ordinal);
        await relay.ReleaseAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    public async Task Attack_18_a_registry_without_end_is_not_read_without_end(int leaves)
    {
        // An alarm stays until a person decides: so this is not bob, who lives on.
        Person victim = await neighbours.Village.NeighbourAsync($"victim{leaves}");
        await using HostileRelay relay = await HostileRelay.StartAsync(neighbours.Village, victim);
        ReceiptedLeaf[] page = [.. Enumerable.Repeat(new ReceiptedLeaf(new byte[80_000], default), leaves)];
        var endless = new Leaves(0, page, relay.SignCheckpoint(1UL << 60));
        int asked = 0;
        relay.Invent = request =>
        {
            asked += request is GetLeaves ? 1 : 0;
            return request is GetLeaves ? endless : null;
        };
        await victim.EndAsync();
        await Assert.ThrowsAsync<CommunityException>(() => victim.BeginAsync(relay.Address));
        Assert.InRange(asked, 1, 100);
        relay.GiveUp();
    }

    [Fact]
    public async Task Attack_13_a_revocation_that_the_relay_withholds_is_told_in_the_room_and_fences_on_sight()
    {
        Person carol = await neighbours.Village.NeighbourAsync("carol");
        RoomId room = await neighbours.RoomAsync(RoomSettings.Standard with { Door = new Door.Everybody() });
        Assert.True(await carol.Client.JoinAsync(room));
        await carol.SayAsync(room, "carol is in");
        await Bob.ReadsAsync("carol is in");

        await using HostileRelay relay = await neighbours.BewitchAsync(Alice);
        relay.Invent = static request => request is SubmitStatement ? new ErrorFrame(ErrorCode.Busy, 0) : null;
        await Assert.ThrowsAsync<CommunityException>(() => Alice.Client.RevokeAsync(carol.Token, RevocationReason.Compromised));
        ClientEvent.Trouble told = await Bob.SeesAsync<ClientEvent.Trouble>(trouble => trouble.Room == room && trouble.Why.Contains("carol", StringComparison.Ordinal));
        Assert.Contains("does not hold", told.Why, StringComparison.Ordinal);

        // bob is no admin: he is silent until the log lets somebody remove her; alice may at once, and does so before she speaks.
        await Assert.ThrowsAsync<RoomException>(() => Bob.SayAsync(room, "carol must not read this"));
        relay.Invent = static _ => null;
        await Alice.SayAsync(room, "she is gone");
        await carol.SeesAsync<ClientEvent.Out>(gone => gone.Room == room);
        await Bob.ReadsAsync("she is gone");
        await Bob.SayAsync(room, "now I speak");
        await Alice.ReadsAsync("now I speak");
        Assert.DoesNotContain(carol.Transcript(room), static line => line.EndsWith("she is gone", StringComparison.Ordinal));
        await relay.ReleaseAsync();
    }

    private static Task<ClientEvent.Trouble> TroubleAsync(Person person, RoomId room, RoomRule rule)
        => person.SeesAsync<ClientEvent.Trouble>(trouble => trouble.Room == room && trouble.Why.Contains(rule.ToString(), StringComparison.Ordinal));
}
