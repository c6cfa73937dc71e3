using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

/// <summary>A relay's log of one room, in memory: the real rule and the real roster, and ways to lie.</summary>
public sealed class TestLog
{
    private RoomTail _tail;
    private Roster _roster;

    public TestLog(RoomGenesis genesis)
    {
        Room = genesis.RoomId;
        _tail = RoomTail.Empty(Room);
        _roster = Roster.Of(genesis);
    }

    private TestLog(TestLog other)
    {
        Room = other.Room;
        _tail = other._tail;
        _roster = other._roster;
        Entries = [.. other.Entries];
        Welcomes = [.. other.Welcomes];
        GroupInfos = [.. other.GroupInfos];
    }

    public RoomId Room { get; }

    public List<EntryPush> Entries { get; } = [];

    public List<WelcomePush> Welcomes { get; } = [];

    public List<GroupInfoFrame> GroupInfos { get; } = [];

    public RoomChain Chain => _tail.Chain;

    /// <summary>Another log that begins as this one: what a relay shows that tells two stories.</summary>
    public TestLog Fork() => new(this);

    /// <summary>The relay's answer to a request; what it accepts is in the log.</summary>
    public AppendVerdict Append(Append frame, Handle actor, Stamp now)
    {
        ulong? duplicate = Entries.Find(push => push.Entry.MessageHash == Digest.Of(frame.Message.Span))?.Entry.Sequence;
        AppendVerdict verdict = AppendRule.Judge(frame.ToRequest(), _tail, _roster.MayAppend(actor, frame.EntryKind), duplicate, withinRate: true, now);
        if (verdict.Answer != AppendAnswer.Accepted)
            return verdict;
        (Roster? roster, RoomRule? rule) = _roster.Apply(frame.RosterChanges, actor);
        Assert.Null(rule);
        _roster = roster!;
        Push(verdict.Entry!, frame.Message);
        if (frame.GroupInfo is { } groupInfo)
            GroupInfos.Add(new GroupInfoFrame(verdict.Entry!.Sequence, groupInfo));
        if (frame.Welcome is { } welcome)
            Welcomes.Add(new WelcomePush(Room, verdict.Entry!.Sequence, welcome));
        return verdict;
    }

    /// <summary>Puts a message into the log whatever the rule says: what a hostile relay can do.</summary>
    public ulong Force(EntryKind kind, ReadOnlyMemory<byte> message, Stamp stamp)
    {
        var entry = new RoomEntry(Room, Chain.Size, Chain.Head, stamp, kind, Digest.Of(message.Span));
        Push(entry, message);
        return entry.Sequence;
    }

    private void Push(RoomEntry entry, ReadOnlyMemory<byte> message)
    {
        Entries.Add(new EntryPush(entry, default, message));
        _tail = _tail.Take(entry);
    }
}
