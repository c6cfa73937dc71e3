using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>Where the last messages of a room stand, by their hash: a sender's retry is found here, or in the store if it is older.</summary>
internal sealed class RecentMessages(ulong size)
{
    private const int Limit = 4096;

    private readonly Dictionary<Digest, ulong> _sequences = [];
    private readonly Queue<Digest> _order = new();
    private ulong _next = size;

    /// <summary>The first sequence that is remembered: at and after it, what is not found is not in the log.</summary>
    public ulong Start => _next - (ulong)_order.Count;

    /// <summary>The sequence of a message; null if it is not among the remembered.</summary>
    public ulong? Find(Digest message) => _sequences.TryGetValue(message, out ulong sequence) ? sequence : null;

    /// <summary>Remembers the next entry, and forgets the oldest when there are many.</summary>
    public void Take(RoomEntry entry)
    {
        _sequences[entry.MessageHash] = entry.Sequence;
        _order.Enqueue(entry.MessageHash);
        _next = entry.Sequence + 1;
        if (_order.Count > Limit)
            _sequences.Remove(_order.Dequeue());
    }
}
