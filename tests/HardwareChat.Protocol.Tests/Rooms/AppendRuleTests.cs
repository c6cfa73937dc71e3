using CsCheck;

namespace HardwareChat.Protocol.Tests;

public sealed class AppendRuleTests
{
    private static readonly RoomId Room = new(Digest.Of("room"u8));
    private static readonly Stamp Now = new(1000, 10);

    [Fact]
    public void The_first_entry_follows_the_rooms_id()
    {
        AppendVerdict verdict = Judge(RoomTail.Empty(Room), EntryKind.Handshake, after: 0);
        Assert.Equal((AppendAnswer.Accepted, 0UL), (verdict.Answer, verdict.Sequence!.Value));
        Assert.Equal((Room.Value, Now), (verdict.Entry!.Previous, verdict.Entry.Stamp));
    }

    [Fact]
    public void A_handshake_behind_another_is_a_Conflict_whether_commit_or_external()
    {
        RoomTail tail = Log(EntryKind.Handshake, EntryKind.Application, EntryKind.Handshake, EntryKind.Application);
        Assert.Equal(AppendAnswer.Conflict, Judge(tail, EntryKind.Handshake, after: 2).Answer);
        Assert.Equal(AppendAnswer.Conflict, Judge(tail, EntryKind.External, after: 0).Answer);
        Assert.Equal(AppendAnswer.Accepted, Judge(tail, EntryKind.Handshake, after: 3).Answer);
        Assert.Equal(AppendAnswer.Accepted, Judge(tail, EntryKind.External, after: 4).Answer);
    }

    [Fact]
    public void An_application_message_is_Stale_after_five_handshakes()
    {
        RoomTail tail = Log([.. Enumerable.Repeat(EntryKind.Handshake, 8)]);
        Assert.Equal(AppendAnswer.Accepted, Judge(tail, EntryKind.Application, after: 4).Answer);
        Assert.Equal(AppendAnswer.Stale, Judge(tail, EntryKind.Application, after: 3).Answer);
        Assert.Equal(AppendAnswer.Stale, Judge(tail, EntryKind.Application, after: 0).Answer);
    }

    [Fact]
    public void The_same_bytes_get_their_old_sequence_even_when_they_would_conflict_by_now()
    {
        RoomTail tail = Log(EntryKind.Handshake, EntryKind.Handshake);
        AppendVerdict verdict = AppendRule.Judge(new AppendRequest(EntryKind.Handshake, 0, 0, default, 10), tail, true, duplicateOf: 0, true, Now);
        Assert.Equal((AppendAnswer.Duplicate, 0UL), (verdict.Answer, verdict.Sequence!.Value));
        Assert.Null(verdict.Entry);
    }

    [Fact]
    public void A_stranger_learns_nothing_not_even_that_its_bytes_stand_there()
        => Assert.Equal(AppendAnswer.Refused, AppendRule.Judge(new AppendRequest(EntryKind.Application, 0, 0, default, 10), Log(EntryKind.Handshake), false, 0, true, Now).Answer);

    [Fact]
    public void A_position_beyond_the_end_is_a_Conflict()
        => Assert.Equal(AppendAnswer.Conflict, Judge(Log(EntryKind.Handshake), EntryKind.Application, after: 2).Answer);

    [Fact]
    public void More_registry_than_the_relay_has_is_RegistryAhead()
        => Assert.Equal(AppendAnswer.RegistryAhead, AppendRule.Judge(new AppendRequest(EntryKind.Application, 1, 11, default, 10), Log(EntryKind.Handshake), true, null, true, Now).Answer);

    [Fact]
    public void Too_many_bytes_are_TooLarge_by_kind()
    {
        Assert.Equal(AppendAnswer.TooLarge, Judge(Log(EntryKind.Handshake), EntryKind.Application, 1, ProtocolLimits.ApplicationMessageBytes + 1).Answer);
        Assert.Equal(AppendAnswer.Accepted, Judge(Log(EntryKind.Handshake), EntryKind.Handshake, 1, ProtocolLimits.CommitBytes).Answer);
        Assert.Equal(AppendAnswer.TooLarge, Judge(Log(EntryKind.Handshake), EntryKind.External, 1, ProtocolLimits.CommitBytes + 1).Answer);
    }

    [Fact]
    public void An_external_commit_above_the_rate_is_RateLimited()
        => Assert.Equal(AppendAnswer.RateLimited, AppendRule.Judge(new AppendRequest(EntryKind.External, 1, 0, default, 10), Log(EntryKind.Handshake), true, null, false, Now).Answer);

    [Fact]
    public void A_stamp_never_goes_back_even_when_the_relays_clock_does()
    {
        RoomTail tail = RoomTail.Empty(Room).Take(Judge(RoomTail.Empty(Room), EntryKind.Handshake, 0).Entry!);
        AppendVerdict verdict = AppendRule.Judge(new AppendRequest(EntryKind.Application, 1, 0, default, 10), tail, true, null, true, new Stamp(900, 10));
        Assert.Equal(Now, verdict.Entry!.Stamp);
    }

    [Fact]
    public void Every_answer_is_given_by_a_test()
        => Assert.All(
            Enum.GetNames<AppendAnswer>().Except([nameof(AppendAnswer.Accepted), nameof(AppendAnswer.Duplicate), nameof(AppendAnswer.Refused)]),
            name => Assert.Contains(typeof(AppendRuleTests).GetMethods(), method => method.Name.Split('_').Contains(name)));

    [Fact]
    public void Attack_24_a_stamp_with_less_registry_than_Seen_quotes_is_skipped_with_an_alarm()
    {
        var community = new TestCommunity();
        community.Enrol("bob");
        var entry = new RoomEntry(Room, 0, Room.Value, new Stamp(Now.Time, 1), EntryKind.Handshake, default);
        var seen = new Seen(0, Room.Value, community.State.Size, community.State.Root);
        Assert.Equal(RoomRule.SeenBeyondStamp, seen.Check(entry, Room.Value, community.State));
    }

    [Fact]
    public void What_was_accepted_forms_a_chain_that_a_reader_takes_and_the_tail_can_be_rebuilt()
        => Gen.Select(Gen.Int[1, 3].Select(static kind => (EntryKind)kind), Gen.ULong[0, 30], Gen.ULong[0, 2000])
            .Array[0, 60]
            .Sample(requests =>
            {
                RoomTail tail = RoomTail.Empty(Room);
                RoomChain reader = RoomChain.Empty(Room);
                var log = new List<RoomEntry>();
                foreach ((EntryKind kind, ulong after, ulong time) in requests)
                {
                    AppendVerdict verdict = AppendRule.Judge(new AppendRequest(kind, after, 0, default, 10), tail, true, null, true, new Stamp(time, 1));
                    int handshakesSince = log.Count(entry => entry.IsHandshake && entry.Sequence >= after);
                    bool admitted = after <= (ulong)log.Count && handshakesSince <= (kind == EntryKind.Application ? 4 : 0);
                    Assert.Equal(admitted, verdict.Answer == AppendAnswer.Accepted);
                    if (verdict.Entry is not { } entry)
                        continue;
                    Assert.Null(reader.Check(entry, entry.MessageHash));
                    reader = reader.Take(entry);
                    tail = tail.Take(entry);
                    log.Add(entry);
                }
                RoomTail rebuilt = log.Aggregate(RoomTail.Empty(Room), static (rebuilt, entry) => rebuilt.Take(entry));
                Assert.Equal(tail.Chain, rebuilt.Chain);
                Assert.Equal(tail.LastHandshakes, rebuilt.LastHandshakes);
            });

    private static AppendVerdict Judge(RoomTail tail, EntryKind kind, ulong after, int length = 10)
        => AppendRule.Judge(new AppendRequest(kind, after, 0, default, length), tail, true, null, true, Now);

    private static RoomTail Log(params EntryKind[] kinds)
    {
        RoomTail tail = RoomTail.Empty(Room);
        foreach (EntryKind kind in kinds)
            tail = tail.Take(new RoomEntry(Room, tail.Chain.Size, tail.Chain.Head, Now, kind, default));
        return tail;
    }
}
