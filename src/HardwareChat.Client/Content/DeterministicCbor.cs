using System.Buffers.Binary;
using System.Text.Unicode;
using HardwareChat.Wire;

namespace HardwareChat.Client.Content;

// RFC 8949 §4.2.1, draft-ietf-mimi-content §6: one value has one encoding. Shortest heads, definite lengths, map keys that
// ascend bytewise, shortest floats, one NaN, UTF-8. System.Formats.Cbor's own canonical modes are those of RFC 7049 and CTAP2,
// which sort otherwise or refuse tags, so the whole input is walked here before that reader sees it: one pass, no allocation,
// a bound on depth. After it, the reader meets nothing that it could stumble over but a value of another type than was asked for.

/// <summary>Whether bytes are one data item of deterministic CBOR.</summary>
internal ref struct DeterministicCbor
{
    // The greatest integer of a key that every implementation can hold: 2^53 - 1 (draft-ietf-mimi-content §6.2).
    private const ulong KeyCeiling = (1UL << 53) - 1;

    private readonly ReadOnlySpan<byte> _input;
    private int _at;

    private DeterministicCbor(ReadOnlySpan<byte> input) => _input = input;

    /// <summary>Walks one data item that fills the input.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="depth">Levels of arrays, maps and tags at most.</param>
    /// <exception cref="DecodeException">Not CBOR, not deterministic, too deep, or followed by something.</exception>
    public static void Check(ReadOnlySpan<byte> input, int depth)
    {
        var walk = new DeterministicCbor(input);
        walk.Item(depth);
        if (walk._at != input.Length)
            throw walk.Malformed("bytes after the end of the item");
    }

    private void Item(int depth)
    {
        int start = _at;
        (int major, ulong value) = Head();
        switch (major)
        {
            case 0 or 1:
                break;
            case 2:
                Take(value);
                break;
            case 3:
                if (!Utf8.IsValid(Take(value)))
                    throw new DecodeException("text that is not UTF-8", start);
                break;
            case 4:
                Descend(depth, value);
                for (ulong i = 0; i < value; i++)
                    Item(depth - 1);
                break;
            case 5:
                Descend(depth, value);
                Map(value, depth - 1);
                break;
            case 6:
                Descend(depth, 1);
                if (value is 2 or 3)
                    BigInteger();
                else
                    Item(depth - 1);
                break;
            default:
                break;
        }
    }

    private void Map(ulong pairs, int depth)
    {
        ReadOnlySpan<byte> last = default;
        for (ulong i = 0; i < pairs; i++)
        {
            int start = _at;
            (int major, ulong value) = Head();
            if (major is 2 or 3)
                Take(value);
            else if (major is not (0 or 1) || value > KeyCeiling)
                throw new DecodeException("map key that is neither text, bytes nor a small integer", start);
            ReadOnlySpan<byte> key = _input[start.._at];
            if (major == 3 && !Utf8.IsValid(key[^(int)value..]))
                throw new DecodeException("text that is not UTF-8", start);
            if (i > 0 && last.SequenceCompareTo(key) >= 0)
                throw new DecodeException("map keys that do not ascend", start);
            last = key;
            Item(depth);
        }
    }

    // RFC 8949 §3.4.3: a big integer that fits an ordinary one is that one, and has no leading zeros.
    private void BigInteger()
    {
        int start = _at;
        (int major, ulong length) = Head();
        if (major != 2 || length <= sizeof(ulong) || Take(length)[0] == 0)
            throw new DecodeException("big integer that is not in its shortest form", start);
    }

    private (int Major, ulong Value) Head()
    {
        int start = _at;
        byte first = Take(1)[0];
        int major = first >> 5;
        int info = first & 31;
        if (info < 24)
            return major != 7 || info is >= 20 and <= 23 ? (major, (ulong)info) : throw new DecodeException("unassigned simple value", start);
        ulong value = info switch
        {
            24 => Take(1)[0],
            25 => BinaryPrimitives.ReadUInt16BigEndian(Take(2)),
            26 => BinaryPrimitives.ReadUInt32BigEndian(Take(4)),
            27 => BinaryPrimitives.ReadUInt64BigEndian(Take(8)),
            _ => throw new DecodeException("indefinite length, or a reserved head", start),
        };
        bool shortest = major == 7 ? IsShortest(info, value) : info switch
        {
            24 => value >= 24,
            25 => value > byte.MaxValue,
            26 => value > ushort.MaxValue,
            _ => value > uint.MaxValue,
        };
        return shortest ? (major, value) : throw new DecodeException("not the shortest form", start);
    }

    private static bool IsShortest(int info, ulong bits)
    {
        switch (info)
        {
            case 25:
                return !Half.IsNaN(BitConverter.UInt16BitsToHalf((ushort)bits)) || bits == 0x7E00;
            case 26:
                float single = BitConverter.UInt32BitsToSingle((uint)bits);
                return !float.IsNaN(single) && (float)(Half)single != single;
            case 27:
                double twice = BitConverter.UInt64BitsToDouble(bits);
                return !double.IsNaN(twice) && (double)(float)twice != twice;
            default:
                return false;
        }
    }

    // An item has at least one byte, so that no count is believed which the input has not paid for.
    private readonly void Descend(int depth, ulong items)
    {
        if (depth == 0)
            throw Malformed("nested too deep");
        if (items > (ulong)(_input.Length - _at))
            throw Malformed("more items than bytes");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_input.Length - _at))
            throw Malformed("input ends too early");
        ReadOnlySpan<byte> bytes = _input.Slice(_at, (int)count);
        _at += (int)count;
        return bytes;
    }

    private readonly DecodeException Malformed(string message) => new(message, _at);
}
