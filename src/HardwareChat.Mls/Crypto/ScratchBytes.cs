using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>Bytes put together for one call of a primitive: on the caller's stack while they fit, rented beyond; zeroed at the end.</summary>
internal ref struct ScratchBytes(Span<byte> initial)
{
    private Span<byte> _bytes = initial;
    private byte[]? _rented;
    private int _length;

    public readonly ReadOnlySpan<byte> Written => _bytes[.._length];

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Take(bytes.Length));
    }

    public void AppendUInt8(byte value) => Take(1)[0] = value;

    public void AppendUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), value);

    public void AppendUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(sizeof(uint)), value);

    /// <summary>opaque x&lt;V&gt; of the bytes given in two parts.</summary>
    public void AppendOpaque(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> more = default)
    {
        AppendLength(bytes.Length + more.Length);
        Append(bytes);
        Append(more);
    }

    /// <summary>The length of a vector, in its shortest form (RFC 9420 §2.1.2).</summary>
    public void AppendLength(int length)
    {
        switch (VectorLength.EncodedSize(length))
        {
            case 1:
                AppendUInt8((byte)length);
                break;
            case 2:
                AppendUInt16((ushort)(length | 0x4000));
                break;
            default:
                AppendUInt32((uint)length | 0x8000_0000);
                break;
        }
    }

    /// <summary>Zeroes what was written and gives back what was rented.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes[.._length]);
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
        _bytes = default;
        _length = 0;
    }

    private Span<byte> Take(int count)
    {
        if (count > _bytes.Length - _length)
            Grow(count);
        Span<byte> taken = _bytes.Slice(_length, count);
        _length += count;
        return taken;
    }

    private void Grow(int count)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + count, _bytes.Length * 2));
        Written.CopyTo(larger);
        CryptographicOperations.ZeroMemory(_bytes[.._length]);
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = larger;
        _bytes = larger;
    }
}
