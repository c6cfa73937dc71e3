using System.Buffers;
using System.Security.Cryptography;

namespace HardwareChat.Wire;

/// <summary>A growing buffer of rented memory that is zeroed whenever it is given back.</summary>
/// <remarks>
/// Owned by whoever makes it; <see cref="Dispose"/> zeroes and returns the memory. The rented arrays are not pinned, so the
/// garbage collector may leave copies behind: a place to pass secrets through, not to keep them in.
/// </remarks>
public sealed class TlsBuffer : IBufferWriter<byte>, IDisposable
{
    private const int InitialCapacity = 256;

    private byte[] _array;
    private int _written;

    /// <summary>An empty buffer.</summary>
    /// <param name="capacity">Bytes expected; it grows beyond them as needed.</param>
    public TlsBuffer(int capacity = InitialCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _array = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 1));
    }

    /// <summary>What has been written; a view that is valid until the next write or <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _array.AsSpan(0, _written);

    /// <summary>What has been written, as memory; valid until the next write or <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _array.AsMemory(0, _written);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - _written);
        _written += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(_written);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(_written);
    }

    /// <summary>Zeroes what was written and starts again, keeping the memory.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_array.AsSpan(0, _written));
        _written = 0;
    }

    /// <summary>Zeroes the memory and gives it back. Idempotent; the buffer is empty and of no more use afterwards.</summary>
    public void Dispose()
    {
        Release(_array, _written);
        _array = [];
        _written = 0;
    }

    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        ObjectDisposedException.ThrowIf(_array.Length == 0, this);
        int wanted = Math.Max(sizeHint, 1);
        if (wanted <= _array.Length - _written)
            return;

        long doubled = Math.Min((long)_array.Length * 2, Array.MaxLength);
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(doubled, (long)_written + wanted));
        WrittenSpan.CopyTo(larger);
        Release(_array, _written);
        _array = larger;
    }

    private static void Release(byte[] array, int written)
    {
        if (array.Length == 0)
            return;
        CryptographicOperations.ZeroMemory(array.AsSpan(0, written));
        ArrayPool<byte>.Shared.Return(array);
    }
}
