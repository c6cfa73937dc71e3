using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §8.1
//
//   opaque group_id<V>;

/// <summary>The application's name for a group.</summary>
public sealed class GroupId : ITlsSerializable, IEquatable<GroupId>
{
    private readonly byte[] _bytes;

    /// <summary>The id of a copy of <paramref name="bytes"/>.</summary>
    public GroupId(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    // RFC 9420 §11: "for example, by making the group ID a freshly generated random value of size KDF.Nh".
    /// <summary>A fresh random id of 32 bytes.</summary>
    public static GroupId Random() => new(RandomNumberGenerator.GetBytes(32));

    internal static GroupId ReadFrom(ref TlsReader reader) => new(reader.ReadOpaque(TlsVector.NoLimit));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteOpaque(_bytes);

    /// <inheritdoc/>
    public bool Equals(GroupId? other) => other is not null && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GroupId);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The bytes, in hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(_bytes);
}
