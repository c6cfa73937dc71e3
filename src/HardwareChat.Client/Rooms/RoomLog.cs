using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// A reader keeps of the log its end, the heads of the last entries, and where the epochs at hand began. It need keep no more, since a Seen
// may reach no further back than that: Seen.CheckReach.

/// <summary>The end of a room's log as one reader has it.</summary>
internal sealed class RoomLog
{
    private const int EpochsKept = 6;

    private readonly List<Digest> _heads;
    private readonly List<(Epoch Epoch, ulong Began)> _epochs;

    /// <summary>A reader that begins at a position: 0, or one that a member has vouched for.</summary>
    public RoomLog(RoomChain chain)
        : this(chain, [chain.Head], [])
    {
    }

    private RoomLog(RoomChain chain, List<Digest> heads, List<(Epoch Epoch, ulong Began)> epochs)
    {
        Chain = chain;
        _heads = heads;
        _epochs = epochs;
    }

    public RoomChain Chain { get; private set; }

    /// <summary>Takes an entry that was checked.</summary>
    public void Take(RoomEntry entry)
    {
        Chain = Chain.Take(entry);
        _heads.Add(Chain.Head);
        if (_heads.Count > 2 * (int)ProtocolLimits.SeenReach)
            _heads.RemoveRange(0, _heads.Count - (int)ProtocolLimits.SeenReach - 1);
    }

    /// <summary>Notes that an epoch begins after so many entries.</summary>
    public void Begin(Epoch epoch, ulong size)
    {
        _epochs.Add((epoch, size));
        if (_epochs.Count > EpochsKept)
            _epochs.RemoveAt(0);
    }

    /// <summary>The rule that a Seen breaks at an entry, the next one; null if none.</summary>
    public RoomRule? Check(Seen seen, RoomEntry entry, Epoch epoch, RegistryState registry)
        => seen.CheckReach(entry, BeganAt(epoch)) ?? seen.Check(entry, HeadAt(seen.RoomSize), registry);

    /// <summary>What this reader has seen.</summary>
    public Seen ToSeen(RegistryState registry) => new(Chain.Size, Chain.Head, registry.Size, registry.Root);

    public void WriteTo(ref TlsWriter writer)
    {
        writer.Write(Chain.Room);
        writer.WriteUInt64(Chain.Size);
        writer.WriteUInt64(Chain.Stamp.Time);
        writer.WriteUInt64(Chain.Stamp.RegistrySize);
        int kept = Math.Min(_heads.Count, (int)ProtocolLimits.SeenReach + 1);
        writer.WriteVector<Digest>(_heads.ToArray().AsSpan(_heads.Count - kept));
        writer.WriteVector(_epochs, static (ref writer, epochs) =>
        {
            foreach ((Epoch epoch, ulong began) in epochs)
            {
                writer.WriteUInt64(epoch.Value);
                writer.WriteUInt64(began);
            }
        });
    }

    public static RoomLog ReadFrom(ref TlsReader reader)
    {
        RoomId room = RoomId.Read(ref reader);
        ulong size = reader.ReadUInt64();
        var stamp = new Stamp(reader.ReadUInt64(), reader.ReadUInt64());
        TlsReader list = reader.ReadVector(((int)ProtocolLimits.SeenReach + 1) * Digest.Size);
        List<Digest> heads = [];
        while (!list.IsEmpty)
            heads.Add(Digest.Read(ref list));
        if (heads.Count == 0 || (ulong)heads.Count - 1 > size)
            throw reader.Malformed("a saved log has no head, or more of them than entries");
        list = reader.ReadVector(EpochsKept * 2 * sizeof(ulong));
        List<(Epoch Epoch, ulong Began)> epochs = [];
        while (!list.IsEmpty)
            epochs.Add((new Epoch(list.ReadUInt64()), list.ReadUInt64()));
        return new RoomLog(new RoomChain(room, size, heads[^1], stamp), heads, epochs);
    }

    private ulong BeganAt(Epoch epoch) => _epochs.Find(began => began.Epoch == epoch).Began;

    private Digest? HeadAt(ulong size)
    {
        ulong behind = Chain.Size - Math.Min(size, Chain.Size);
        return size <= Chain.Size && behind < (ulong)_heads.Count ? _heads[_heads.Count - 1 - (int)behind] : null;
    }
}
