using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>What a kept event is about.</summary>
public enum KeptEventKind : byte
{
    /// <summary>Content stands in a room's log.</summary>
    Message = 1,

    /// <summary>The room has changed.</summary>
    Changed,

    /// <summary>An entry that is not shown, and why.</summary>
    Trouble,

    /// <summary>This client is out of a room.</summary>
    Out,
}

// struct {
//   uint16 version = 1;
//   KeptEventKind kind; RoomId room; uint64 sequence; optional<Handle> by; uint8 flags; Handle added<V>; Handle removed<V>; opaque why<V>;
// } KeptEvent;

/// <summary>An event that a program has to be told of, once, by a cursor. Words that were said are not in it: they are read from the history when it is told, so that what was taken back meanwhile is gone.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Room">Where.</param>
/// <param name="Sequence">The place in the room's log.</param>
public sealed record KeptEvent(KeptEventKind Kind, RoomId Room, ulong Sequence)
{
    private const ushort CurrentVersion = 1;
    private const int MaxWhy = 4096;
    private const byte EnteredFlag = 1;
    private const byte TermsFlag = 2;

    /// <summary>Its place among all events: of two, the later has the greater. 0 before it is kept.</summary>
    public ulong Cursor { get; init; }

    /// <summary>Who changed the room.</summary>
    public Handle? By { get; init; }

    /// <summary>Whether that one came in by it.</summary>
    public bool HasEntered { get; init; }

    /// <summary>Whether the room's settings changed.</summary>
    public bool TermsChanged { get; init; }

    /// <summary>Who was added.</summary>
    public IReadOnlyList<Handle> Added { get; init; } = [];

    /// <summary>Who is gone.</summary>
    public IReadOnlyList<Handle> Removed { get; init; } = [];

    /// <summary>Why, of a trouble and of an end.</summary>
    public string Why { get; init; } = "";

    /// <summary>What the history has at that place now; null if its time there is over.</summary>
    public StoredMessage? Message { get; init; }

    /// <summary>What of an event a program is told of for sure; null for what is only a state of now, or concerns nobody.</summary>
    internal static KeptEvent? Of(ClientEvent shown) => shown switch
    {
        ClientEvent.Message { Content: Content.HelloContent } => null,
        ClientEvent.Message message => new KeptEvent(KeptEventKind.Message, message.Room, message.Sequence),
        ClientEvent.Changed changed when RoomNotice.Of(changed.Change) is not null => new KeptEvent(KeptEventKind.Changed, changed.Room, changed.Sequence)
        {
            By = changed.Change.Committer.Handle,
            HasEntered = changed.Change.HasEntered,
            TermsChanged = changed.Change.TermsChanged,
            Added = Names(changed.Change.Added),
            Removed = Names(changed.Change.Removed),
        },
        ClientEvent.Trouble trouble => new KeptEvent(KeptEventKind.Trouble, trouble.Room, trouble.Sequence) { Why = Cut(trouble.Why) },
        ClientEvent.Out gone => new KeptEvent(KeptEventKind.Out, gone.Room, 0) { Why = Cut(gone.Why) },
        _ => null,
    };

    internal static KeptEvent Decode(StoredEvent stored)
    {
        var reader = new TlsReader(stored.Value.Span);
        if (reader.ReadUInt16() != CurrentVersion)
            throw reader.Malformed("no such version of an event");
        var kept = new KeptEvent(EnumField.Read<KeptEventKind>(ref reader), RoomId.Read(ref reader), reader.ReadUInt64())
        {
            Cursor = stored.Cursor,
            By = reader.ReadOptional() ? Handle.Read(ref reader) : null,
        };
        byte flags = reader.ReadUInt8();
        kept = kept with
        {
            HasEntered = (flags & EnteredFlag) != 0,
            TermsChanged = (flags & TermsFlag) != 0,
            Added = ReadNames(ref reader),
            Removed = ReadNames(ref reader),
            Why = TextField.Read(ref reader, MaxWhy),
        };
        reader.ThrowIfNotEmpty();
        return kept;
    }

    internal byte[] Encode()
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteUInt16(CurrentVersion);
        writer.WriteUInt8((byte)Kind);
        Room.WriteTo(ref writer);
        writer.WriteUInt64(Sequence);
        writer.WriteOptional(By.HasValue);
        By?.WriteTo(ref writer);
        writer.WriteUInt8((byte)((HasEntered ? EnteredFlag : 0) | (TermsChanged ? TermsFlag : 0)));
        WriteNames(ref writer, Added);
        WriteNames(ref writer, Removed);
        TextField.Write(ref writer, Why, MaxWhy);
        return buffer.WrittenSpan.ToArray();
    }

    private static Handle[] Names(IReadOnlyList<Member> members) => [.. members.Select(static member => member.Handle).Distinct()];

    // A name of another's making may stand in it; three bytes a character at most.
    private static string Cut(string why) => why.Length <= MaxWhy / 3 ? why : why[..(MaxWhy / 3)];

    private static List<Handle> ReadNames(ref TlsReader reader)
    {
        TlsReader all = reader.ReadVector(VectorLength.Max);
        List<Handle> names = [];
        while (!all.IsEmpty)
            names.Add(Handle.Read(ref all));
        return names;
    }

    private static void WriteNames(ref TlsWriter writer, IReadOnlyList<Handle> names) => writer.WriteVector(names, static (ref writer, names) =>
    {
        foreach (Handle name in names)
            name.WriteTo(ref writer);
    });
}

/// <summary>Where the kept events stand.</summary>
/// <param name="Oldest">The cursor before the oldest that is kept: what is wanted after an earlier one is gone.</param>
/// <param name="Last">The cursor of the newest event ever; 0 before the first.</param>
/// <param name="Acknowledged">The cursor up to which the program has said to have everything.</param>
public readonly record struct EventCursors(ulong Oldest, ulong Last, ulong Acknowledged);
