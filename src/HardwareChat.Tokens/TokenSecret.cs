using System.Security.Cryptography;

namespace HardwareChat.Tokens;

/// <summary>Secret bytes with one owner: pinned, zeroed when disposed, compared in constant time, never shown.</summary>
/// <remarks>
/// Pinned memory is not moved, so the collector leaves no copies behind; it can still be swapped out or appear in a core dump, which
/// managed memory cannot prevent.
/// </remarks>
public sealed class TokenSecret : IDisposable
{
    private readonly byte[] _bytes;
    private bool _disposed;

    /// <summary>A copy of <paramref name="bytes"/>; the caller clears the original.</summary>
    public TokenSecret(ReadOnlySpan<byte> bytes)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    /// <summary>The bytes, until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    /// <summary>How many bytes; not a secret.</summary>
    public int Length => _bytes.Length;

    /// <summary>Whether both hold the same bytes, in time that depends on the length alone.</summary>
    public bool Matches(TokenSecret other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(Span, other.Span);
    }

    /// <summary>Zeroes the bytes.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _disposed = true;
    }

    /// <summary>Says that it is a secret, and nothing of it.</summary>
    public override string ToString() => "(secret)";
}
