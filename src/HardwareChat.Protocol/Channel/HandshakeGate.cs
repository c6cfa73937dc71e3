using System.Buffers.Binary;
using System.Net;

namespace HardwareChat.Protocol;

/// <summary>Who is counted as one before it has said who it is: an IPv4 address, or a /64 of IPv6.</summary>
public readonly record struct AddressBlock(bool IsIPv6, ulong Prefix)
{
    /// <summary>The block of an address; an IPv4 address mapped into IPv6 is an IPv4 address.</summary>
    public static AddressBlock Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out int length);
        return length == 4 ? new AddressBlock(false, BinaryPrimitives.ReadUInt32BigEndian(bytes)) : new AddressBlock(true, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}

/// <summary>Counts handshakes that are not finished, and refuses one too many: of one address, or of all.</summary>
/// <remarks>
/// Memory is bounded: an address costs an entry only while it has half-open sockets or owes its bucket something, and
/// when <see cref="ProtocolLimits.CountedAddresses"/> are counted, further ones are held only to the limit of all.
/// Not thread-safe: the caller locks, or has one owner.
/// </remarks>
public sealed class HandshakeGate
{
    private readonly Dictionary<AddressBlock, Entry> _blocks = [];
    private TokenBucket _all;

    /// <summary>A gate that nobody has passed.</summary>
    public HandshakeGate(ulong now) => _all = TokenBucket.Full(ProtocolLimits.HandshakeBurst, now);

    /// <summary>Sockets that have entered and not left.</summary>
    public int HalfOpen { get; private set; }

    /// <summary>Addresses that are being counted.</summary>
    public int CountedAddresses => _blocks.Count;

    /// <summary>Lets a socket begin its handshake, or does not: then it is closed at once.</summary>
    /// <param name="block">Where it comes from.</param>
    /// <param name="now">Milliseconds.</param>
    public bool TryEnter(AddressBlock block, ulong now)
    {
        if (HalfOpen >= ProtocolLimits.HalfOpen)
            return false;
        bool counted = _blocks.TryGetValue(block, out Entry entry);
        if (!counted)
        {
            if (_blocks.Count >= ProtocolLimits.CountedAddresses)
                Forget(now);
            entry = new Entry(0, TokenBucket.Full(ProtocolLimits.HandshakeBurstPerAddress, now));
        }
        if (entry.HalfOpen >= ProtocolLimits.HalfOpenPerAddress)
            return false;
        bool own = entry.Bucket.TryTake(ProtocolLimits.HandshakeBurstPerAddress, ProtocolLimits.HandshakesPerSecondPerAddress, now, out TokenBucket bucket);
        bool enters = own && _all.TryTake(ProtocolLimits.HandshakeBurst, ProtocolLimits.HandshakesPerSecond, now, out _all);
        if (counted || _blocks.Count < ProtocolLimits.CountedAddresses)
            _blocks[block] = new Entry(entry.HalfOpen + (enters ? 1 : 0), bucket);
        HalfOpen += enters ? 1 : 0;
        return enters;
    }

    /// <summary>A socket that entered has finished its handshake, or ended.</summary>
    public void Leave(AddressBlock block)
    {
        HalfOpen--;
        if (_blocks.TryGetValue(block, out Entry entry) && entry.HalfOpen > 0)
            _blocks[block] = entry with { HalfOpen = entry.HalfOpen - 1 };
    }

    private void Forget(ulong now)
    {
        foreach ((AddressBlock block, Entry entry) in _blocks)
        {
            double tokens = entry.Bucket.Refilled(ProtocolLimits.HandshakeBurstPerAddress, ProtocolLimits.HandshakesPerSecondPerAddress, now).Tokens;
            if (entry.HalfOpen == 0 && tokens >= ProtocolLimits.HandshakeBurstPerAddress)
                _blocks.Remove(block);
        }
    }

    private readonly record struct Entry(int HalfOpen, TokenBucket Bucket);
}
