using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace HardwareChat.Attestation;

/// <summary>The firmware version of a token; it cannot be changed after manufacture, so it decides what the token can do.</summary>
public readonly record struct FirmwareVersion(byte Major, byte Minor, byte Patch) : IComparable<FirmwareVersion>
{
    /// <summary>Bytes in the card's own encoding.</summary>
    public const int EncodedSize = 3;

    /// <summary>Reads the card's own encoding: exactly three bytes, major first.</summary>
    public static bool TryRead(ReadOnlySpan<byte> encoded, out FirmwareVersion version)
    {
        version = encoded.Length == EncodedSize ? new FirmwareVersion(encoded[0], encoded[1], encoded[2]) : default;
        return encoded.Length == EncodedSize;
    }

    /// <summary>Reads "5.7.1", or "5.7", which means 5.7.0.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out FirmwareVersion version)
    {
        version = default;
        string[] parts = text?.Split('.') ?? [];
        if (parts.Length is not (2 or 3))
            return false;
        Span<byte> numbers = stackalloc byte[EncodedSize];
        numbers.Clear();
        for (int i = 0; i < parts.Length; i++)
        {
            if (!byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return false;
        }

        return TryRead(numbers, out version);
    }

    /// <summary>Whether this version is <paramref name="major"/>.<paramref name="minor"/>.<paramref name="patch"/> or later.</summary>
    public bool IsAtLeast(byte major, byte minor, byte patch = 0) => CompareTo(new FirmwareVersion(major, minor, patch)) >= 0;

    /// <inheritdoc/>
    public int CompareTo(FirmwareVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    /// <summary>Earlier than.</summary>
    public static bool operator <(FirmwareVersion left, FirmwareVersion right) => left.CompareTo(right) < 0;

    /// <summary>Later than.</summary>
    public static bool operator >(FirmwareVersion left, FirmwareVersion right) => left.CompareTo(right) > 0;

    /// <summary>Not later than.</summary>
    public static bool operator <=(FirmwareVersion left, FirmwareVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Not earlier than.</summary>
    public static bool operator >=(FirmwareVersion left, FirmwareVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Such as "5.7.1".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");
}
