using System.Runtime.InteropServices;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

// The index of words lives in memory only and is made from the sealed rows after each start. A blind index in the file (words as MACs) would save
// that second, and show whoever has the file which messages share words, how often each word occurs, and, by counting, which word it is. Here the
// file shows nothing, and what is deleted leaves no posting behind.
//
// A message's number is its place in the order of writing; an edited message gets a new one. Guarded by the vault's lock.

/// <summary>Finds messages by the beginnings of words.</summary>
internal sealed class MessageIndex(Func<StoredMessage, string?> textOf)
{
    private const int RowsAtOnce = 500;
    private const int UnsortedAtMost = 8192;

    private readonly Dictionary<string, Postings> _postings = new(StringComparer.Ordinal);
    private readonly Dictionary<RoomId, int> _roomNumbers = [];
    private readonly List<RoomId> _rooms = [];
    private readonly List<Place> _places = [];
    private readonly Dictionary<(int Room, ulong Sequence), int> _numbers = [];
    private string[] _sorted = [];
    private readonly List<string> _unsorted = [];
    private long _lastRow;
    private bool _isComplete;

    /// <summary>Takes up the next rows of the history; true when there are no more.</summary>
    public bool Continue(VaultRows rows)
    {
        if (_isComplete)
            return true;
        List<StoredMessage> read = rows.After(VaultTable.Messages, ref _lastRow, RowsAtOnce, StoredMessage.Read);
        foreach (StoredMessage message in read)
            Add(message);
        _isComplete = read.Count < RowsAtOnce;
        return _isComplete;
    }

    /// <summary>Follows a committed transaction. What it takes up before <see cref="Continue"/> has come so far is passed over there.</summary>
    public void Apply(IReadOnlyList<MessageChange> changes)
    {
        foreach ((StoredMessage? before, StoredMessage? after) in changes)
        {
            string? textBefore = before is null ? null : textOf(before);
            string? textAfter = after is null ? null : textOf(after);
            if (before is not null && after is not null && textBefore == textAfter)
                continue;
            if (before is not null)
                Remove(before, textBefore);
            if (after is not null)
                Add(after);
        }
    }

    /// <summary>The newest messages that hold every word of the query as the beginning of a word.</summary>
    public List<(RoomId Room, ulong Sequence)> Find(string query, RoomId? room, int count)
    {
        HashSet<string> words = SearchTerms.Distinct(query);
        int onlyRoom = -1;
        if (words.Count == 0 || count == 0 || (room is RoomId wanted && !_roomNumbers.TryGetValue(wanted, out onlyRoom)))
            return [];
        ulong[]? matching = null;
        foreach (string word in words)
        {
            ulong[] having = Having(word);
            if (matching is null)
                matching = having;
            for (int i = 0; i < matching.Length; i++)
                matching[i] &= having[i];
        }

        return Newest(matching!, room is null ? -1 : onlyRoom, count);
    }

    private List<(RoomId Room, ulong Sequence)> Newest(ulong[] matching, int onlyRoom, int count)
    {
        var newest = new PriorityQueue<Place, (ulong Time, int Number)>();
        for (int block = 0; block < matching.Length; block++)
        {
            for (ulong bits = matching[block]; bits != 0; bits &= bits - 1)
            {
                int number = (block * 64) + System.Numerics.BitOperations.TrailingZeroCount(bits);
                Place place = _places[number];
                if (onlyRoom >= 0 && place.Room != onlyRoom)
                    continue;
                if (newest.Count < count)
                    newest.Enqueue(place, (place.Time, number));
                else
                    newest.EnqueueDequeue(place, (place.Time, number));
            }
        }

        var found = new List<(RoomId, ulong)>(newest.Count);
        while (newest.TryDequeue(out Place place, out _))
            found.Add((_rooms[place.Room], place.Sequence));
        found.Reverse();
        return found;
    }

    // A bit for each message that holds a word which begins so.
    private ulong[] Having(string beginning)
    {
        ulong[] bits = new ulong[(_places.Count + 63) / 64];
        int first = Array.BinarySearch(_sorted, beginning, StringComparer.Ordinal);
        for (int i = first < 0 ? ~first : first; i < _sorted.Length && _sorted[i].StartsWith(beginning, StringComparison.Ordinal); i++)
            Mark(_sorted[i]);
        foreach (string term in _unsorted)
        {
            if (term.StartsWith(beginning, StringComparison.Ordinal))
                Mark(term);
        }

        return bits;

        void Mark(string term)
        {
            if (!_postings.TryGetValue(term, out Postings postings))
                return;
            foreach (int number in postings.Places)
                bits[number >> 6] |= 1UL << (number & 63);
        }
    }

    private void Add(StoredMessage message)
    {
        if (textOf(message) is not { Length: > 0 } text || Number(message) is not null)
            return;
        int room = RoomNumber(message.Room);
        int number = _places.Count;
        _places.Add(new Place(room, message.Sequence, message.Time));
        _numbers.Add((room, message.Sequence), number);
        Dictionary<string, Postings>.AlternateLookup<ReadOnlySpan<char>> lookup = _postings.GetAlternateLookup<ReadOnlySpan<char>>();
        SearchTerms.Cut(text, term =>
        {
            ref Postings postings = ref CollectionsMarshal.GetValueRefOrAddDefault(lookup, term, out bool exists);
            postings.Append(number);
            if (!exists)
                _unsorted.Add(term.ToString());
        });
        if (_unsorted.Count > UnsortedAtMost)
            Sort();
    }

    private void Remove(StoredMessage message, string? text)
    {
        if (text is null || Number(message) is not int number)
            return;
        foreach (string term in SearchTerms.Distinct(text))
        {
            ref Postings postings = ref CollectionsMarshal.GetValueRefOrNullRef(_postings, term);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref postings))
                continue;
            postings.Remove(number);
            if (postings.Count == 0)
                _postings.Remove(term);
        }

        _numbers.Remove((_places[number].Room, message.Sequence));
    }

    private void Sort()
    {
        _sorted = [.. _postings.Keys];
        Array.Sort(_sorted, StringComparer.Ordinal);
        _unsorted.Clear();
    }

    private int? Number(StoredMessage message)
        => _roomNumbers.TryGetValue(message.Room, out int room) && _numbers.TryGetValue((room, message.Sequence), out int number) ? number : null;

    private int RoomNumber(RoomId room)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_roomNumbers, room, out bool exists);
        if (!exists)
        {
            number = _rooms.Count;
            _rooms.Add(room);
        }

        return number;
    }

    private readonly record struct Place(int Room, ulong Sequence, ulong Time);
}
