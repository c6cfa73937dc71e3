using System.Text;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Protocol.Tests;

namespace HardwareChat.Client.Tests;

/// <summary>One client of the test: a token, a session, and its view of the room.</summary>
public sealed class Device(TestRoom world, string handle, TestToken token) : IDisposable
{
    private Session? _session;
    private Room? _room;

    public Handle Handle { get; } = Handle.Parse(handle);

    public TestToken Token { get; } = token;

    public TouchVerifier Verifier { get; } = new();

    public RevocationFence Fence { get; } = new();

    /// <summary>Seconds by which the device's own clock is off.</summary>
    public long Skew { get; set; }

    /// <summary>The log that the relay shows to this device.</summary>
    public TestLog? Shown { get; set; }

    public TestLog Log => Shown ?? world.Log;

    /// <summary>The registry as this device has it; null: all of it.</summary>
    public RegistryState? Replica { get; set; }

    public RegistryState Registry => Replica ?? world.Community.State;

    public ulong Clock => (ulong)((long)world.Time + Skew);

    public Belief Belief => new(Clock, world.Time, Registry, Fence);

    public Session Session
    {
        get => _session ?? throw new InvalidOperationException("no session");
        set => _session = value;
    }

    public Room Room
    {
        get => _room ?? throw new InvalidOperationException("no room");
        set => _room = value;
    }

    public bool IsIn => _room is { Status: RoomStatus.Member or RoomStatus.Entering };

    public List<RoomEvent> Events { get; } = [];

    public IEnumerable<RoomEvent> Taken => Events.Where(static read => read.IsTaken);

    public string[] Heard => [.. Events.OfType<RoomEvent.Content>().Select(static content => Encoding.UTF8.GetString(content.Data.Span))];

    public string[] Leaves => [.. Room.Members.OrderBy(static member => member.Leaf.Value).Select(static member => $"{member.Leaf} {member.Handle}")];

    public SendObstacle? Obstacle => Room.CheckSend(Belief).Obstacle;

    /// <summary>A new session, for this room and as many key packages.</summary>
    public Session Touch(int keyPackages = 0, ulong? at = null)
    {
        using SessionDraft draft = Draft(keyPackages, at);
        return Session = draft.Complete(Token.Sign(draft.SigningInput()));
    }

    public SessionDraft Draft(int keyPackages = 0, ulong? at = null)
        => new(Registry.Token(Token.Id)!, Registry, new SessionWish(null, [world.Id], keyPackages), at ?? world.Time);

    /// <summary>Sends a request as its own user.</summary>
    public AppendVerdict Send(Outgoing outgoing) => Log.Append(outgoing.Frame, Handle, world.Now);

    /// <summary>Sends a request that must be accepted.</summary>
    public ulong Push(Outgoing outgoing)
    {
        AppendVerdict verdict = Send(outgoing);
        Assert.Equal(AppendAnswer.Accepted, verdict.Answer);
        return verdict.Sequence!.Value;
    }

    /// <summary>Reads the log to its end, or to where an entry waits; what was read now.</summary>
    public List<RoomEvent> Sync()
    {
        var read = new List<RoomEvent>();
        while (_room is { Status: not (RoomStatus.Evicted or RoomStatus.NotEntered) } room && room.Chain.Size < (ulong)Log.Entries.Count)
        {
            RoomEvent next = room.Take(Log.Entries[(int)room.Chain.Size], Registry, Clock);
            read.Add(next);
            if (!next.IsTaken)
                break;
        }

        Events.AddRange(read);
        return read;
    }

    /// <summary>Reads one entry.</summary>
    public RoomEvent Next()
    {
        RoomEvent next = Room.Take(Log.Entries[(int)Room.Chain.Size], Registry, Clock);
        Events.Add(next);
        return next;
    }

    public ulong Say(string text)
    {
        ulong sequence = Push(Room.Encrypt(Session, Encoding.UTF8.GetBytes(text), Belief));
        Sync();
        return sequence;
    }

    /// <summary>Commits something that must be accepted and valid.</summary>
    public RoomEvent.Applied Do(Outgoing outgoing)
    {
        ulong sequence = Push(outgoing);
        Sync();
        return Assert.IsType<RoomEvent.Applied>(Events.First(read => read.Sequence == sequence));
    }

    public void Add(params Device[] devices)
        => Do(Room.Add(Session, [.. devices.Select(static device => device.Offer())], Belief));

    /// <summary>What the relay gives to whoever asks for this device's key package.</summary>
    public TokenKeyPackage Offer() => new(Token.Id, Session.Publication(Session.KeyPackages[^1]));

    /// <summary>Accepts the last Welcome.</summary>
    public void Accept(WelcomePush? welcome = null)
    {
        welcome ??= Log.Welcomes[^1];
        KeyPackageBundle bundle = Session.KeyPackageFor(MlsMessage.Decode(welcome.Welcome.Span).Welcome!)!;
        using Invitation invitation = Invitation.Open(welcome, bundle, Registry, Verifier);
        while (invitation.From <= welcome.Sequence)
            Assert.Null(invitation.Take(Log.Entries[(int)invitation.From], Registry, Clock));
        Room = invitation.Accept();
        Session.Withdraw(bundle);
        Sync();
    }

    public Entrance Approach(GroupInfoFrame? groupInfo = null, ulong leastVersion = 0)
    {
        groupInfo ??= Log.GroupInfos[^1];
        Entrance entrance = Entrance.Open(world.Id, groupInfo.GroupInfo.Span, Registry, Verifier, leastVersion);
        while (entrance.From < (ulong)Log.Entries.Count)
            Assert.Null(entrance.Take(Log.Entries[(int)entrance.From], Registry, Clock));
        return entrance;
    }

    /// <summary>Enters by external commit; the entry must be accepted by the relay.</summary>
    public RoomEvent Enter(byte[]? phraseKey = null, SessionId? replaces = null, GroupInfoFrame? groupInfo = null)
    {
        (Room room, Outgoing knock) = Approach(groupInfo).Knock(Session, Belief, replaces, phraseKey);
        Room = room;
        ulong sequence = Push(knock);
        Sync();
        return Events.First(read => read.Sequence == sequence);
    }

    /// <summary>Saves and restores everything, as after a crash.</summary>
    public void Restart()
    {
        using Secret session = Session.Save();
        Session.Dispose();
        Session = Session.Restore(session.Span);
        using Secret room = Room.Save();
        Room.Dispose();
        Room = Room.Restore(room.Span, Verifier);
    }

    public void Dispose()
    {
        _session?.Dispose();
        _room?.Dispose();
    }
}
