using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>What stands in a room's history at one place.</summary>
public enum MessageKind : byte
{
    /// <summary>A member's content.</summary>
    Content = 1,

    /// <summary>What happened in the room: somebody joined, left, was removed; the policy changed.</summary>
    Notice,

    /// <summary>What could not be shown: a gap, an entry that was refused, a message that did not open.</summary>
    Trouble,
}

/// <summary>How far a message has come. A message of another member is at least <see cref="Stored"/>.</summary>
public enum MessageState : byte
{
    /// <summary>Not acknowledged yet.</summary>
    Sending = 1,

    /// <summary>On the relay's disk.</summary>
    Stored,

    /// <summary>A member's client has it.</summary>
    Delivered,

    /// <summary>A member has seen it, and says so.</summary>
    Read,

    /// <summary>It will not be sent; the person decides.</summary>
    Failed,
}

/// <summary>One member's reaction to a message.</summary>
/// <param name="Sender">Whose it is.</param>
/// <param name="Text">Mostly one emoji.</param>
public sealed record Reaction(Handle Sender, string Text);

// struct {
//   uint16 version = 1;
//   opaque id<V>; optional<Handle> sender; optional<TokenId> token; uint64 time; MessageKind kind; MessageState state; uint8 flags;
//   opaque content<V>; struct { Handle sender; opaque text<V>; } reactions<V>;
// } StoredMessage;

/// <summary>A place in a room's history.</summary>
/// <param name="Room">The room.</param>
/// <param name="Sequence">The entry's sequence in the room's log.</param>
public sealed record StoredMessage(RoomId Room, ulong Sequence)
{
    /// <summary>The longest message id.</summary>
    public const int MaxId = 64;

    private const ushort CurrentVersion = 1;
    private const int MaxReaction = 256;
    private const byte EditedFlag = 1;
    private const byte DeletedFlag = 2;

    /// <summary>The id inside the content; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Id { get; init; }

    /// <summary>Who sent it, where somebody did.</summary>
    public Handle? Sender { get; init; }

    /// <summary>With which token.</summary>
    public TokenId? Token { get; init; }

    /// <summary>The entry's stamp, Unix seconds.</summary>
    public ulong Time { get; init; }

    /// <summary>Content, notice or trouble.</summary>
    public MessageKind Kind { get; init; } = MessageKind.Content;

    /// <summary>How far it has come.</summary>
    public MessageState State { get; init; } = MessageState.Stored;

    /// <summary>Whether the content is a later one than was first sent.</summary>
    public bool IsEdited { get; init; }

    /// <summary>Whether its sender took it back: the content is then gone, and the place remains.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>The content, as the engine encodes it.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>The reactions, in the order in which they came.</summary>
    public IReadOnlyList<Reaction> Reactions { get; init; } = [];

    internal static StoredMessage Read(ref TlsReader reader, RowName name)
    {
        if (reader.ReadUInt16() != CurrentVersion || name.Scope.Length != Digest.Size)
            throw reader.Malformed("no such version of a message");
        var message = new StoredMessage(RoomId.FromBytes(name.Scope), name.Ordinal)
        {
            Id = reader.ReadOpaque(MaxId).ToArray(),
            Sender = reader.ReadOptional() ? Handle.Read(ref reader) : null,
            Token = reader.ReadOptional() ? TokenId.Read(ref reader) : null,
            Time = reader.ReadUInt64(),
            Kind = EnumField.Read<MessageKind>(ref reader),
            State = EnumField.Read<MessageState>(ref reader),
        };
        byte flags = reader.ReadUInt8();
        if ((flags & ~(EditedFlag | DeletedFlag)) != 0)
            throw reader.Malformed("no such flag of a message");
        return message with
        {
            IsEdited = (flags & EditedFlag) != 0,
            IsDeleted = (flags & DeletedFlag) != 0,
            Content = reader.ReadOpaque(VectorLength.Max).ToArray(),
            Reactions = ReadReactions(ref reader),
        };
    }

    internal void WriteTo(ref TlsWriter writer)
    {
        if (Id.Length > MaxId)
            throw new ArgumentException($"A message id has at most {MaxId} bytes.");
        writer.WriteUInt16(CurrentVersion);
        writer.WriteOpaque(Id.Span);
        writer.WriteOptional(Sender.HasValue);
        Sender?.WriteTo(ref writer);
        writer.WriteOptional(Token.HasValue);
        Token?.WriteTo(ref writer);
        writer.WriteUInt64(Time);
        writer.WriteUInt8((byte)Kind);
        writer.WriteUInt8((byte)State);
        writer.WriteUInt8((byte)((IsEdited ? EditedFlag : 0) | (IsDeleted ? DeletedFlag : 0)));
        writer.WriteOpaque(Content.Span);
        writer.WriteVector(Reactions, static (ref writer, reactions) =>
        {
            foreach (Reaction reaction in reactions)
            {
                reaction.Sender.WriteTo(ref writer);
                TextField.Write(ref writer, reaction.Text, MaxReaction);
            }
        });
    }

    private static List<Reaction> ReadReactions(ref TlsReader reader)
    {
        TlsReader all = reader.ReadVector(VectorLength.Max);
        if (all.IsEmpty)
            return [];
        List<Reaction> reactions = [];
        while (!all.IsEmpty)
            reactions.Add(new Reaction(Handle.Read(ref all), TextField.Read(ref all, MaxReaction)));
        return reactions;
    }
}
