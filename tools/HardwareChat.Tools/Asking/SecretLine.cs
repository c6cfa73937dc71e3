using System.Security.Cryptography;

namespace HardwareChat.Tools;

/// <summary>One line that somebody typed and nobody should see: pinned, zeroed when disposed, never a string.</summary>
internal sealed class SecretLine : IDisposable
{
    /// <summary>The most bytes that a line may have: longer than any PIN, PUK or management key in hexadecimal.</summary>
    public const int Longest = 128;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(Longest, pinned: true);
    private int _length;

    /// <summary>The line in UTF-8, without its end.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <summary>Adds a byte; false if the line is full.</summary>
    public bool TryAppend(byte value)
    {
        if (_length == Longest)
            return false;
        _bytes[_length++] = value;
        return true;
    }

    /// <summary>Takes the last byte away, if there is one.</summary>
    public void RemoveLast()
    {
        if (_length > 0)
            _bytes[--_length] = 0;
    }

    /// <summary>Whether the other line is the same, in a time that does not depend on where they differ.</summary>
    public bool IsSameAs(SecretLine other) => CryptographicOperations.FixedTimeEquals(Span, other.Span);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _length = 0;
    }

    public override string ToString() => "(secret)";
}
