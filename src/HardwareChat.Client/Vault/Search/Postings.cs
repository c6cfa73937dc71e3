namespace HardwareChat.Client;

/// <summary>The places of one word: numbers in ascending order.</summary>
internal struct Postings
{
    private int[] _places;

    public int Count { get; private set; }

    public readonly ReadOnlySpan<int> Places => _places.AsSpan(0, Count);

    /// <summary>Adds a place that is not below the last one; the last one again changes nothing.</summary>
    public void Append(int place)
    {
        if (Count > 0 && _places[Count - 1] == place)
            return;
        if (_places is null)
            _places = new int[1];
        else if (Count == _places.Length)
            Array.Resize(ref _places, Count + (Count < 8 ? Count : Count / 2));
        _places[Count++] = place;
    }

    /// <summary>Removes a place, if it is there.</summary>
    public void Remove(int place)
    {
        int at = Places.BinarySearch(place);
        if (at < 0)
            return;
        _places.AsSpan(at + 1, Count - at - 1).CopyTo(_places.AsSpan(at));
        _places[--Count] = 0;
    }
}
