using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>How far this person is in a room.</summary>
public enum RoomStanding : byte
{
    /// <summary>A Welcome came, and the person has not accepted it.</summary>
    Invited = 1,

    /// <summary>Joined, and no other member has been heard in this epoch yet: nothing is sent.</summary>
    Entering,

    /// <summary>A member.</summary>
    Joined,

    /// <summary>No member any more: left, removed, or dropped because the vault was a copy.</summary>
    Left,
}

/// <summary>Which messages of a room call for the person.</summary>
public enum RoomNotices : byte
{
    /// <summary>Every message.</summary>
    All = 1,

    /// <summary>Those that name the person, or hold one of the key words.</summary>
    Mentions,

    /// <summary>None.</summary>
    None,
}

// struct {
//   uint16 version = 1;
//   RoomStanding standing; uint64 next_sequence; opaque head[32]; opaque policy<V>; opaque title<V>;
//   uint64 read_through; RoomNotices notices; opaque key_words<V>[]<V>;
// } StoredRoom;

/// <summary>What the client knows of a room, but for its MLS state, which is large and has a row of its own.</summary>
/// <param name="Id">The room.</param>
public sealed record StoredRoom(RoomId Id)
{
    private const ushort CurrentVersion = 1;
    private const int MaxTitle = 4096;
    private const int MaxKeyWord = 256;

    /// <summary>How far this person is in it.</summary>
    public RoomStanding Standing { get; init; } = RoomStanding.Entering;

    /// <summary>The cursor: the sequence of the next entry of the room's log to be read.</summary>
    public ulong NextSequence { get; init; }

    /// <summary>The hash of the last entry read.</summary>
    public Digest Head { get; init; }

    /// <summary>Facts of its policy, as the engine encodes them.</summary>
    public ReadOnlyMemory<byte> Policy { get; init; }

    /// <summary>Its name, as the members gave it.</summary>
    public string Title { get; init; } = "";

    /// <summary>The unread marker: what stands at this sequence or later has not been seen.</summary>
    public ulong UnreadFrom { get; init; }

    /// <summary>What calls for the person.</summary>
    public RoomNotices Notices { get; init; } = RoomNotices.All;

    /// <summary>Words that count as a mention.</summary>
    public IReadOnlyList<string> KeyWords { get; init; } = [];

    internal static StoredRoom Read(ref TlsReader reader, RowName name)
    {
        if (reader.ReadUInt16() != CurrentVersion || name.Scope.Length != Digest.Size)
            throw reader.Malformed("no such version of a room");
        return new StoredRoom(RoomId.FromBytes(name.Scope))
        {
            Standing = EnumField.Read<RoomStanding>(ref reader),
            NextSequence = reader.ReadUInt64(),
            Head = Digest.Read(ref reader),
            Policy = reader.ReadOpaque(VectorLength.Max).ToArray(),
            Title = TextField.Read(ref reader, MaxTitle),
            UnreadFrom = reader.ReadUInt64(),
            Notices = EnumField.Read<RoomNotices>(ref reader),
            KeyWords = ReadKeyWords(ref reader),
        };
    }

    internal void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt16(CurrentVersion);
        writer.WriteUInt8((byte)Standing);
        writer.WriteUInt64(NextSequence);
        Head.WriteTo(ref writer);
        writer.WriteOpaque(Policy.Span);
        TextField.Write(ref writer, Title, MaxTitle);
        writer.WriteUInt64(UnreadFrom);
        writer.WriteUInt8((byte)Notices);
        writer.WriteVector(KeyWords, static (ref writer, words) =>
        {
            foreach (string word in words)
                TextField.Write(ref writer, word, MaxKeyWord);
        });
    }

    private static List<string> ReadKeyWords(ref TlsReader reader)
    {
        TlsReader words = reader.ReadVector(VectorLength.Max);
        List<string> read = [];
        while (!words.IsEmpty)
            read.Add(TextField.Read(ref words, MaxKeyWord));
        return read;
    }
}
