using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace HardwareChat.Tokens;

/// <summary>A PIN or PUK as a person gave it: 6 to 8 bytes, pinned, zeroed when disposed, never a string.</summary>
/// <remarks>SP 800-73-4 Part 2 §2.4.3: eight bytes on the card, padded with FF. YubiKeys take any bytes but FF, not digits alone.</remarks>
public sealed class Pin : IDisposable
{
    /// <summary>Fewest bytes.</summary>
    public const int MinLength = 6;

    /// <summary>Most bytes, and the length on the card.</summary>
    public const int MaxLength = 8;

    private const byte Padding = 0xFF;

    private readonly TokenSecret _padded;

    private Pin(TokenSecret padded, int length)
    {
        _padded = padded;
        Length = length;
    }

    /// <summary>Bytes that were given.</summary>
    public int Length { get; }

    /// <summary>The eight bytes that the card compares.</summary>
    internal ReadOnlySpan<byte> Padded => _padded.Span;

    /// <summary>The bytes that were given, without padding.</summary>
    internal ReadOnlySpan<byte> Unpadded => _padded.Span[..Length];

    /// <summary>A PIN of a copy of <paramref name="bytes"/>, which the caller clears; false if no card could have such a PIN.</summary>
    public static bool TryCreate(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Pin? pin)
    {
        pin = null;
        if (bytes.Length is < MinLength or > MaxLength || bytes.Contains(Padding))
            return false;
        Span<byte> padded = stackalloc byte[MaxLength];
        padded.Fill(Padding);
        bytes.CopyTo(padded);
        pin = new Pin(new TokenSecret(padded), bytes.Length);
        CryptographicOperations.ZeroMemory(padded);
        return true;
    }

    /// <summary>A PIN of a copy of <paramref name="bytes"/>, which the caller clears.</summary>
    /// <exception cref="ArgumentException">No card could have such a PIN.</exception>
    public static Pin Create(ReadOnlySpan<byte> bytes)
        => TryCreate(bytes, out Pin? pin) ? pin : throw new ArgumentException("A PIN or PUK has 6 to 8 bytes, none of them FF.", nameof(bytes));

    /// <summary>The same PIN again, for whoever disposes what it is given.</summary>
    public Pin Copy() => Create(_padded.Span[..Length]);

    /// <summary>Whether both are the same, in constant time: for "type the new PIN again".</summary>
    public bool Matches(Pin other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return _padded.Matches(other._padded);
    }

    /// <summary>Zeroes the bytes.</summary>
    public void Dispose() => _padded.Dispose();

    /// <summary>Says that it is a PIN, and nothing of it.</summary>
    public override string ToString() => "(PIN)";
}
