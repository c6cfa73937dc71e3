using System.Globalization;
using System.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Relay.Tests.Storage;

/// <summary>A room's log as its sequencer would write it: the next write each time it is asked.</summary>
public sealed class RoomLog
{
    private static int _rooms;

    private RoomLog(RoomGenesis genesis)
    {
        Genesis = genesis;
        Tail = RoomTail.Empty(genesis.RoomId);
    }

    public RoomGenesis Genesis { get; }

    public RoomId Room => Genesis.RoomId;

    /// <summary>What has been made, in order.</summary>
    public List<RoomWrite> Written { get; } = [];

    public RoomTail Tail { get; private set; }

    public static RoomLog Of(params Handle[] owners)
    {
        string name = Interlocked.Increment(ref _rooms).ToString(CultureInfo.InvariantCulture) + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return new RoomLog(new RoomGenesis(default, owners, Digest.Of(Encoding.UTF8.GetBytes(name))));
    }

    /// <summary>The log that a store holds, to go on with.</summary>
    public static RoomLog After(StoredRoom room) => new(room.Genesis) { Tail = room.Tail };

    public RoomWrite Next(string message, EntryKind kind = EntryKind.Application, ulong time = 1000)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        RoomChain chain = Tail.Chain;
        var stamp = new Stamp(Math.Max(time, chain.Stamp.Time), 3);
        var entry = new RoomEntry(Room, chain.Size, chain.Head, stamp, kind, Digest.Of(bytes));
        Tail = Tail.Take(entry);
        var write = new RoomWrite(entry, Digest.Of(Encoding.UTF8.GetBytes("receipt of " + message)), bytes);
        Written.Add(write);
        return write;
    }

    public RoomWrite[] Next(int count) => [.. Enumerable.Range(0, count).Select(i => Next($"message {Tail.Chain.Size.ToString(CultureInfo.InvariantCulture)} of {i}"))];
}
