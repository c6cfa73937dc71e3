using System.Text;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Terminal.Conversation;

// Always whole from its oldest loaded place to the end: an edit or a deletion stands later in the log than what it changes, so a
// window in the middle could show words that their sender took back.

/// <summary>A room's history as far back as it was looked at, folded: edits, reactions and deletions where they belong.</summary>
internal sealed class RoomHistory(Handle own, Func<ulong, int, IReadOnlyList<StoredMessage>> before, Func<Handle, bool>? isBot = null)
{
    /// <summary>Entries that are read at once.</summary>
    public const int Page = 200;

    private readonly RoomTimeline _timeline = new();
    private readonly List<HistoryItem> _items = [];
    private readonly List<HistoryItem> _notes = [];
    private readonly List<PendingMessage> _pending = [];
    private readonly List<ReceivedContent> _titles = [];
    private readonly Dictionary<MessageId, ulong> _places = [];
    private ulong _oldest = ulong.MaxValue;

    /// <summary>What is shown, oldest first.</summary>
    public IReadOnlyList<HistoryItem> Items => _items;

    /// <summary>What is not in the log yet.</summary>
    public IReadOnlyList<PendingMessage> Pending => _pending;

    /// <summary>Whether there may be more before the first.</summary>
    public bool HasOlder { get; private set; } = true;

    /// <summary>The sequence after the newest entry that was taken.</summary>
    public ulong End { get; private set; }

    /// <summary>What stands at a place; null if nothing is shown there, or it was not loaded.</summary>
    public HistoryItem? At(ulong sequence) => PlaceOf(sequence) is >= 0 and var at ? _items[at] : null;

    /// <summary>The index of the item at a sequence; if there is none, the complement of where it would stand.</summary>
    public int PlaceOf(ulong sequence)
    {
        int low = 0;
        int high = _items.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_items[middle].Sequence == sequence)
                return middle;
            if (_items[middle].Sequence < sequence)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }

    /// <summary>Reads one page further back; false if there was none.</summary>
    public bool LoadOlder(int count = Page)
    {
        if (!Read(count))
            return false;
        Rebuild();
        return true;
    }

    /// <summary>Reads back until a place is loaded.</summary>
    public void LoadTo(ulong sequence)
    {
        bool any = false;
        while (_oldest > sequence && Read(10 * Page))
            any = true;
        if (any)
            Rebuild();
    }

    /// <summary>Takes what has come; returns the items that are new or look different now.</summary>
    public IReadOnlyList<HistoryItem> Take(ReceivedContent received)
    {
        End = Math.Max(End, received.Sequence + 1);
        _places[received.Id] = received.Sequence;
        if (received.Sender == own && received.Content is MessageContent { Replaces: null } content)
            Settle(content);
        string? title = _timeline.Title;
        List<HistoryItem> changed = [];
        foreach (MessageId id in _timeline.Add(received))
        {
            if (!_places.TryGetValue(id, out ulong sequence))
                continue;
            int at = PlaceOf(sequence);
            if (_timeline.Find(id) is not { } shown)
            {
                if (at >= 0 && _items[at] is HistoryItem.Said)
                    _items.RemoveAt(at);
                continue;
            }
            var item = Said(shown);
            Put(at, item);
            changed.Add(item);
        }
        if (received.Content is TitleContent)
        {
            _titles.Add(received);
            if (Named(received, title) is { } named)
            {
                Put(PlaceOf(named.Sequence), named);
                changed.Add(named);
            }
        }

        // Answers quote what they answer: as it is now.
        if (received.Content is DeletionContent or MessageContent { Replaces: not null })
            Rebuild();
        return changed;
    }

    /// <summary>Takes a note: what happened, or what is not shown.</summary>
    public void Take(HistoryItem note)
    {
        End = Math.Max(End, note.Sequence + 1);
        _notes.Add(note);
        Put(PlaceOf(note.Sequence), note);
    }

    /// <summary>Adds a message that goes out now.</summary>
    public void Add(PendingMessage pending) => _pending.Add(pending);

    /// <summary>Takes one away that the person gave up.</summary>
    public void Remove(PendingMessage pending) => _pending.Remove(pending);

    /// <summary>Messages of others, and troubles, from a sequence on.</summary>
    public int UnreadFrom(ulong sequence)
    {
        int from = PlaceOf(sequence);
        return _items.Skip(from < 0 ? ~from : from).Count(static item => item is HistoryItem.NotShown or HistoryItem.Said { IsOwn: false });
    }

    /// <summary>The newest message of one's own that can be edited or taken back; null if there is none.</summary>
    public HistoryItem.Said? LastOwn() => _items.OfType<HistoryItem.Said>().LastOrDefault(static item => item is { IsOwn: true, Message.Kind: ShownKind.Message });

    private void Settle(MessageContent content)
    {
        if (_pending.Find(waiting => waiting.State != MessageState.Failed && waiting.Content.Text == content.Text) is { } sent)
            _pending.Remove(sent);
    }

    private bool Read(int count)
    {
        if (!HasOlder)
            return false;
        IReadOnlyList<StoredMessage> page = before(_oldest, count);
        HasOlder = page.Count == count;
        if (page.Count == 0)
            return false;
        _oldest = page[0].Sequence;
        End = Math.Max(End, page[^1].Sequence + 1);
        foreach (StoredMessage message in page)
            Keep(message);
        return true;
    }

    private void Keep(StoredMessage message)
    {
        if (message.Kind != MessageKind.Content)
        {
            string text = Encoding.UTF8.GetString(message.Content.Span);
            _notes.Add(message.Kind == MessageKind.Notice
                ? new HistoryItem.Happened(message.Sequence, message.Time, text)
                : new HistoryItem.NotShown(message.Sequence, message.Time, text));
        }
        else if (message.Sender is { } sender && message.Id.Length == MessageId.Size)
        {
            MessageId id = MessageId.FromBytes(message.Id.Span);
            _places[id] = message.Sequence;

            // Of what was taken back only the place is left; the deletion stands later in the same history.
            var received = new ReceivedContent(id, sender, message.Sequence, message.Time, MessageText.ContentOf(message) ?? new MessageContent("", TextFormat.Plain));
            _timeline.Add(received);
            if (received.Content is TitleContent)
                _titles.Add(received);
        }
    }

    // Newcomers are told the title again; what does not change it is no news.
    private HistoryItem.Happened? Named(ReceivedContent received, string? before) => received.Content is TitleContent title && title.Title != before
        ? new HistoryItem.Happened(received.Sequence, received.Time, $"{(received.Sender == own ? "you" : received.Sender)} gave the room the title: {HarmlessText.Line(title.Title, 60)}")
        : null;

    private void Rebuild()
    {
        _items.Clear();
        _items.AddRange(_timeline.Messages().Select(HistoryItem (shown) => Said(shown))
            .Concat(_notes).Concat(Names()).OrderBy(static item => item.Sequence));
    }

    private IEnumerable<HistoryItem> Names()
    {
        string? before = null;
        foreach (ReceivedContent received in _titles.OrderBy(static title => title.Sequence))
        {
            if (Named(received, before) is { } named)
                yield return named;
            before = ((TitleContent)received.Content).Title;
        }
    }

    private HistoryItem.Said Said(ShownMessage shown)
        => new(shown, shown.First.Sender == own, shown.InReplyTo is { } answered ? _timeline.Find(answered.Id) : null, isBot?.Invoke(shown.First.Sender) == true);

    private void Put(int at, HistoryItem item)
    {
        if (at >= 0)
            _items[at] = item;
        else
            _items.Insert(~at, item);
    }
}
