using HardwareChat.Protocol;

namespace HardwareChat.Client.Content;

// What a room looks like is a function of the set of contents that were received: the order in which they came to this client changes nothing, only
// their places in the log do. So a page of older history, or a message that is read twice, needs no care by who feeds this.
//
// A change counts only when its sender is the sender of what it changes (draft-ietf-mimi-content §8.3), and only for the first wording's id. A deletion is for good. References
// to what is not there, to what cannot be changed, or to oneself have no effect; what a person should know of is shown in its own place.

/// <summary>The messages of a room, folded: edits, deletions, reactions and reports where they belong.</summary>
public sealed class RoomTimeline
{
    /// <summary>Reactions of one user to one message that are shown.</summary>
    public const int ReactionsOfUser = 8;

    /// <summary>Different reactions to one message that are shown.</summary>
    public const int ReactionsOfMessage = 64;

    private readonly Dictionary<MessageId, ReceivedContent> _contents = [];
    private readonly Dictionary<MessageId, List<ReceivedContent>> _about = [];
    private readonly Func<ReceivedContent, bool> _mayDescribe;

    /// <summary>An empty room.</summary>
    /// <param name="mayDescribe">Whether the sender may set the room's title and picture at that place in the log; null lets everybody.</param>
    public RoomTimeline(Func<ReceivedContent, bool>? mayDescribe = null) => _mayDescribe = mayDescribe ?? (static _ => true);

    /// <summary>The room's title; null if nobody gave it one.</summary>
    public string? Title => Last<TitleContent>() is { Content: TitleContent { Title.Length: > 0 } title } ? title.Title : null;

    /// <summary>The room's picture.</summary>
    public ReceivedContent? Picture => Last<PictureContent>() is { Content: PictureContent { Picture: not null } } picture ? picture : null;

    /// <summary>The room of these contents.</summary>
    public static RoomTimeline Of(IEnumerable<ReceivedContent> contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        var timeline = new RoomTimeline();
        foreach (ReceivedContent content in contents)
            timeline.Add(content);
        return timeline;
    }

    /// <summary>Adds content, once: of two with one id, that which stands first in the log is meant.</summary>
    /// <returns>The ids of the messages that may look different now.</returns>
    public IReadOnlyList<MessageId> Add(ReceivedContent received)
    {
        ArgumentNullException.ThrowIfNull(received);
        if (_contents.TryGetValue(received.Id, out ReceivedContent? known))
        {
            if (known.Sequence <= received.Sequence)
                return [];
            foreach (MessageId target in Targets(known))
                _about[target].Remove(known);
        }
        _contents[received.Id] = received;
        List<MessageId> changed = [received.Id];
        foreach (MessageId target in Targets(received))
        {
            if (!_about.TryGetValue(target, out List<ReceivedContent>? about))
                _about[target] = about = [];
            about.Add(received);
            changed.Add(target);
        }
        return changed;
    }

    /// <summary>All messages that are shown, in order of the log.</summary>
    public IReadOnlyList<ShownMessage> Messages()
        => [.. _contents.Values.OrderBy(content => content.Sequence).Select(Show).OfType<ShownMessage>()];

    /// <summary>A message as it is shown; null if it is none, or is shown as part of another.</summary>
    public ShownMessage? Find(MessageId id) => _contents.TryGetValue(id, out ReceivedContent? received) ? Show(received) : null;

    private static IEnumerable<MessageId> Targets(ReceivedContent received) => received.Content switch
    {
        MessageContent { Replaces: { } target } => [target],
        DeletionContent deletion => [deletion.Target],
        ReactionContent reaction => [reaction.Target],
        StatusContent report => report.Statuses.Select(status => status.Message).Distinct(),
        _ => [],
    };

    private IEnumerable<ReceivedContent> About(MessageId id)
        => _about.TryGetValue(id, out List<ReceivedContent>? about) ? about.OrderBy(content => content.Sequence) : [];

    private ReceivedContent? Last<T>()
        where T : RoomContent
        => _contents.Values.Where(content => content.Content is T && _mayDescribe(content)).MaxBy(content => content.Sequence);

    private ShownMessage? Show(ReceivedContent received) => received.Content switch
    {
        MessageContent { Replaces: { } target } => ShowChange(received, target),
        DeletionContent deletion => _contents.ContainsKey(deletion.Target) ? ShowChange(received, deletion.Target) : null,
        MessageContent message => ShowMessage(received, message),
        UnsupportedContent when IsDeleted(received) => new ShownMessage { First = received, Kind = ShownKind.Deleted, Content = null },
        UnsupportedContent => new ShownMessage { First = received, Kind = ShownKind.Unsupported, Content = received.Content },
        _ => null,
    };

    // A change that took effect is part of the message that it changed, and nothing of its own.
    private ShownMessage? ShowChange(ReceivedContent change, MessageId target)
    {
        if (!_contents.TryGetValue(target, out ReceivedContent? changed))
            return IsDeleted(change)
                ? new ShownMessage { First = change, Kind = ShownKind.Deleted, Content = null }
                : new ShownMessage { First = change, Kind = ShownKind.EditOfUnknown, Content = change.Content };
        if (changed.Sender != change.Sender)
            return new ShownMessage { First = change, Kind = ShownKind.RefusedChange, Content = change.Content };
        if (change.Content is DeletionContent || changed.Content is MessageContent { Replaces: null })
            return null;
        return new ShownMessage { First = change, Kind = ShownKind.EditOfUnknown, Content = change.Content };
    }

    private bool IsDeleted(ReceivedContent received)
        => About(received.Id).Any(change => change.Content is DeletionContent && change.Sender == received.Sender);

    private ShownMessage ShowMessage(ReceivedContent received, MessageContent message)
    {
        if (IsDeleted(received))
            return new ShownMessage { First = received, Kind = ShownKind.Deleted, Content = null };
        List<ReceivedContent> edits =
        [
            .. About(received.Id).Where(change => change.Content is MessageContent && change.Sender == received.Sender && !IsDeleted(change)),
        ];
        // A new wording is words and files: what the message answers and when it ends stay as they were.
        RoomContent content = edits is [.., { Content: MessageContent last }] ? last with { Replaces = null, InReplyTo = message.InReplyTo, Expires = message.Expires } : message;
        ReceivedContent? answered = message.InReplyTo is { } id && _contents.TryGetValue(id, out ReceivedContent? found) ? found : null;
        return new ShownMessage
        {
            First = received,
            Kind = ShownKind.Message,
            Content = content,
            Wordings = edits.Count > 0 ? [received, .. edits] : [],
            InReplyTo = answered,
            AnswersUnknown = message.InReplyTo is not null && answered is null,
            Reactions = ReactionsTo(received.Id),
            Statuses = StatusesOf(received),
        };
    }

    private List<ShownReaction> ReactionsTo(MessageId id)
    {
        var byEmoji = new List<(string Emoji, List<Handle> Users)>();
        var given = new Dictionary<Handle, int>();
        foreach (ReceivedContent received in About(id))
        {
            if (received.Content is not ReactionContent reaction || IsDeleted(received))
                continue;
            List<Handle>? users = byEmoji.Find(shown => shown.Emoji == reaction.Emoji).Users;
            if (users?.Contains(received.Sender) == true || given.GetValueOrDefault(received.Sender) == ReactionsOfUser)
                continue;
            if (users is null)
            {
                if (byEmoji.Count == ReactionsOfMessage)
                    continue;
                byEmoji.Add((reaction.Emoji, users = []));
            }
            users.Add(received.Sender);
            given[received.Sender] = given.GetValueOrDefault(received.Sender) + 1;
        }
        return [.. byEmoji.Select(shown => new ShownReaction(shown.Emoji, shown.Users))];
    }

    // Received, then read: a report never takes that back. Nobody reports on a message of his own.
    private Dictionary<Handle, DeliveryStatus> StatusesOf(ReceivedContent message)
    {
        var statuses = new Dictionary<Handle, DeliveryStatus>();
        foreach (ReceivedContent received in About(message.Id))
        {
            if (received.Content is not StatusContent report || received.Sender == message.Sender)
                continue;
            foreach (MessageStatus status in report.Statuses)
            {
                if (status.Message == message.Id && status.Status is DeliveryStatus.Delivered or DeliveryStatus.Read && status.Status > statuses.GetValueOrDefault(received.Sender))
                    statuses[received.Sender] = status.Status;
            }
        }
        return statuses;
    }
}
