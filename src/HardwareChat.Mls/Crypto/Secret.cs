using System.Security.Cryptography;

namespace HardwareChat.Mls;

/// <summary>Secret bytes with one owner, who disposes of them.</summary>
/// <remarks>
/// The bytes are pinned, so the garbage collector leaves no copies behind, and zeroed when disposed. What managed memory
/// cannot promise: that registers, stack slots and a swapped page hold no trace, nor that a forgotten <see cref="Dispose"/>
/// is ever made good.
/// </remarks>
public sealed class Secret : IDisposable, IEquatable<Secret>
{
    private readonly byte[] _bytes;
    private bool _disposed;

    private Secret(byte[] bytes) => _bytes = bytes;

    /// <summary>Bytes of the secret.</summary>
    public int Length => _bytes.Length;

    /// <summary>Whether the bytes are gone.</summary>
    public bool IsDisposed => _disposed;

    /// <summary>The bytes, a view that becomes zeros when the secret is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The bytes are gone.</exception>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    internal Span<byte> WritableSpan
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    /// <summary>Fresh random bytes.</summary>
    public static Secret Random(int length)
    {
        Secret secret = Zero(length);
        RandomNumberGenerator.Fill(secret._bytes);
        return secret;
    }

    /// <summary>A copy of bytes that stay the caller's to erase.</summary>
    public static Secret CopyOf(ReadOnlySpan<byte> bytes)
    {
        Secret secret = Zero(bytes.Length);
        bytes.CopyTo(secret._bytes);
        return secret;
    }

    /// <summary>All zero bytes: the RFC's "0" of a length, and a place to derive into.</summary>
    internal static Secret Zero(int length) => new(GC.AllocateArray<byte>(length, pinned: true));

    /// <summary>A copy with an owner of its own.</summary>
    public Secret Copy() => CopyOf(Span);

    /// <summary>Zeroes the bytes. Idempotent.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _disposed = true;
    }

    /// <summary>Whether the bytes are the same, in time that depends on the lengths only.</summary>
    public bool Equals(Secret? other) => other is not null && CryptographicOperations.FixedTimeEquals(Span, other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <summary>The length: a hash of the bytes would tell something about them.</summary>
    public override int GetHashCode() => _bytes.Length;

    /// <summary>The length only.</summary>
    public override string ToString() => $"secret of {_bytes.Length} bytes";
}
