using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>The history: messages by room and sequence, and by the id that their sender gave them.</summary>
public sealed class MessageTable
{
    private readonly VaultRows _rows;
    private readonly List<MessageChange> _changes;

    internal MessageTable(VaultRows rows, List<MessageChange> changes)
    {
        _rows = rows;
        _changes = changes;
    }

    /// <summary>The message at a sequence; <see langword="null"/> if nothing stands there.</summary>
    public StoredMessage? Find(RoomId room, ulong sequence)
        => _rows.Find(VaultTable.Messages, new RowName(RowName.Of(room), sequence), StoredMessage.Read);

    /// <summary>The message that a token sent under an id: whoever finds one drops a second.</summary>
    public StoredMessage? Find(RoomId room, TokenId token, ReadOnlySpan<byte> id)
    {
        foreach ((ulong sequence, TokenId sender) in Places(room, id))
        {
            if (sender == token)
                return Find(room, sequence);
        }

        return null;
    }

    /// <summary>The messages with an id, whoever sent them: an edit, a reply or a reaction names only that.</summary>
    public IReadOnlyList<StoredMessage> FindById(RoomId room, ReadOnlySpan<byte> id)
        => [.. Places(room, id).Select(place => Find(room, place.Sequence)).OfType<StoredMessage>()];

    /// <summary>The last <paramref name="count"/> messages before a sequence, oldest first.</summary>
    public IReadOnlyList<StoredMessage> Before(RoomId room, ulong sequence, int count)
    {
        if (sequence == 0)
            return [];
        List<StoredMessage> page = _rows.Range(VaultTable.Messages, RowName.Of(room), 0, sequence - 1, count, backwards: true, StoredMessage.Read);
        page.Reverse();
        return page;
    }

    /// <summary>The first <paramref name="count"/> messages from a sequence on, oldest first.</summary>
    public IReadOnlyList<StoredMessage> From(RoomId room, ulong sequence, int count)
        => _rows.Range(VaultTable.Messages, RowName.Of(room), sequence, ulong.MaxValue, count, backwards: false, StoredMessage.Read);

    /// <summary>The newest message of a room; <see langword="null"/> if there is none.</summary>
    public StoredMessage? Last(RoomId room) => Before(room, ulong.MaxValue, 1) is [var last] ? last : null;

    /// <summary>How many messages there are in all rooms.</summary>
    public long Count() => _rows.Count(VaultTable.Messages);

    /// <summary>Writes a message, over the one that stands at its sequence if there is one.</summary>
    public void Put(StoredMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        StoredMessage? before = Find(message.Room, message.Sequence);
        if (before is not null && !(before.Token == message.Token && before.Id.Span.SequenceEqual(message.Id.Span)))
            RemovePlace(before);
        if (message.Token is TokenId token && !message.Id.IsEmpty)
            _rows.Put(VaultTable.MessageIds, Place(message), token);
        _rows.Put(VaultTable.Messages, new RowName(RowName.Of(message.Room), message.Sequence), message, static (ref writer, message) => message.WriteTo(ref writer));
        if (before is not null && !before.Content.Span.SequenceEqual(message.Content.Span))
            _rows.WantsTidying = true;
        _changes.Add(new MessageChange(before, message));
    }

    /// <summary>Removes a message: its row, its id, its words in the index, and their traces in the log. False if there is none.</summary>
    public bool Remove(RoomId room, ulong sequence)
    {
        if (Find(room, sequence) is not StoredMessage message)
            return false;
        Remove(message);
        return true;
    }

    /// <summary>Removes the messages of a room that are older than a time, as its retention asks; how many there were.</summary>
    /// <remarks>The relay's stamps never go back, so the oldest stand first, and reading ends with the first that stays.</remarks>
    public int RemoveOlderThan(RoomId room, ulong time) => RemoveWhile(room, message => message.Time < time);

    internal void RemoveRoom(RoomId room) => RemoveWhile(room, static _ => true);

    private int RemoveWhile(RoomId room, Func<StoredMessage, bool> condition)
    {
        const int AtOnce = 500;
        int removed = 0;
        for (bool done = false; !done;)
        {
            IReadOnlyList<StoredMessage> oldest = From(room, 0, AtOnce);
            int matching = 0;
            while (matching < oldest.Count && condition(oldest[matching]))
                Remove(oldest[matching++]);
            removed += matching;
            done = matching < AtOnce;
        }

        return removed;
    }

    private void Remove(StoredMessage message)
    {
        RemovePlace(message);
        _rows.Remove(VaultTable.Messages, new RowName(RowName.Of(message.Room), message.Sequence));
        _rows.WantsTidying = true;
        _changes.Add(new MessageChange(message, null));
    }

    private void RemovePlace(StoredMessage message)
    {
        if (message.Token is not null && !message.Id.IsEmpty)
            _rows.Remove(VaultTable.MessageIds, Place(message));
    }

    private List<(ulong Sequence, TokenId Token)> Places(RoomId room, ReadOnlySpan<byte> id)
        => _rows.Range(
            VaultTable.MessageIds, [.. RowName.Of(room), .. id], 0, ulong.MaxValue, int.MaxValue, backwards: false,
            static (ref reader, name) => (name.Ordinal, TokenId.Read(ref reader)));

    private static RowName Place(StoredMessage message) => new([.. RowName.Of(message.Room), .. message.Id.Span], message.Sequence);
}

/// <summary>What a transaction did to one place of the history, for the index.</summary>
internal readonly record struct MessageChange(StoredMessage? Before, StoredMessage? After);
