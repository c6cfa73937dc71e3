using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §5.1.1
//
//   opaque HPKEPublicKey<V>;

/// <summary>A public encryption key in the KEM's own format (RFC 9180 §4). Whether it is a key of a suite, the suite says.</summary>
public sealed class HpkePublicKey : ITlsSerializable, IEquatable<HpkePublicKey>
{
    private const int MaxLength = 1 << 14;

    private readonly byte[] _bytes;

    /// <summary>A key of a copy of <paramref name="bytes"/>.</summary>
    public HpkePublicKey(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The encoded key.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    internal static HpkePublicKey ReadFrom(ref TlsReader reader) => new(reader.ReadOpaque(MaxLength));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteOpaque(_bytes);

    /// <inheritdoc/>
    public bool Equals(HpkePublicKey? other) => other is not null && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as HpkePublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The first bytes, in hexadecimal.</summary>
    public override string ToString() => $"HPKE key {Convert.ToHexStringLower(Span[..Math.Min(8, Span.Length)])}";
}
