using System.Security.Cryptography;

namespace HardwareChat.Client;

/// <summary>One pinned array through which the plaintexts of rows pass, one after the other; its user zeroes what it took.</summary>
internal sealed class RowScratch : IDisposable
{
    private const int Smallest = 64 << 10;

    private byte[] _array = [];

    public Span<byte> Take(int size)
    {
        if (_array.Length < size)
            _array = GC.AllocateArray<byte>(Math.Max(size, Smallest), pinned: true);
        return _array.AsSpan(0, size);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_array);
}
