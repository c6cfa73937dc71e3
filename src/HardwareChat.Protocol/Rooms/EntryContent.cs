namespace HardwareChat.Protocol;

/// <summary>What an entry's message is, once a reader has parsed it as MLS.</summary>
public enum ContentKind
{
    /// <summary>A PublicMessage with a commit of a member.</summary>
    Commit = 1,

    /// <summary>A PublicMessage with a proposal of a member.</summary>
    Proposal,

    /// <summary>A PublicMessage with a commit whose sender is new_member_commit.</summary>
    ExternalCommit,

    /// <summary>A PrivateMessage with application data.</summary>
    Application,

    /// <summary>Anything else, or not MLS at all.</summary>
    Other,
}

/// <summary>The first checks of an entry's content: they are the same for every reader, whatever it can decrypt.</summary>
public static class EntryContent
{
    /// <summary>The rule that the content breaks; null if it fits the entry.</summary>
    public static RoomRule? Check(EntryKind kind, ContentKind content, int length)
    {
        bool fits = kind switch
        {
            EntryKind.Handshake => content is ContentKind.Commit or ContentKind.Proposal,
            EntryKind.External => content is ContentKind.ExternalCommit,
            EntryKind.Application => content is ContentKind.Application,
            _ => false,
        };
        if (!fits)
            return RoomRule.Kind;
        return length <= AppendRule.LimitOf(kind) ? null : RoomRule.Size;
    }

    /// <summary>The rule that the sender of a proposal or of content breaks; a commit's sender is the business of <see cref="CommitTable"/>.</summary>
    /// <param name="sender">What its leaf is at the stamp; null if it is no longer in the tree at that position.</param>
    public static RoomRule? CheckSender(LeafState? sender) => sender switch
    {
        LeafState.Active => null,
        null => RoomRule.SenderGone,
        _ => RoomRule.SenderNotActive,
    };
}
