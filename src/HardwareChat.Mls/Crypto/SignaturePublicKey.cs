using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §5.1.1
//
//   opaque SignaturePublicKey<V>;

/// <summary>A public signature key: the RFC 8032 form of Ed25519, or an uncompressed point (RFC 8446 §4.2.8.2).</summary>
/// <remarks>Whether it is a key of a suite, the suite says.</remarks>
public sealed class SignaturePublicKey : ITlsSerializable, IEquatable<SignaturePublicKey>
{
    private const int MaxLength = 1 << 14;

    private readonly byte[] _bytes;

    /// <summary>A key of a copy of <paramref name="bytes"/>.</summary>
    public SignaturePublicKey(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The encoded key.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    internal static SignaturePublicKey ReadFrom(ref TlsReader reader) => new(reader.ReadOpaque(MaxLength));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteOpaque(_bytes);

    /// <inheritdoc/>
    public bool Equals(SignaturePublicKey? other) => other is not null && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SignaturePublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The first bytes, in hexadecimal.</summary>
    public override string ToString() => $"signature key {Convert.ToHexStringLower(Span[..Math.Min(8, Span.Length)])}";
}
