using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §7.2
//
//   struct {
//       uint64 not_before;
//       uint64 not_after;
//   } Lifetime;

/// <summary>When a leaf made for a key package may be added, in seconds since the Unix epoch, both ends included.</summary>
/// <param name="NotBefore">The first second.</param>
/// <param name="NotAfter">The last second.</param>
public readonly record struct Lifetime(ulong NotBefore, ulong NotAfter) : ITlsSerializable
{
    /// <summary>All times.</summary>
    public static readonly Lifetime Unlimited = new(0, ulong.MaxValue);

    /// <summary>Whether <paramref name="time"/> (seconds since the Unix epoch) lies within.</summary>
    public bool Contains(ulong time) => NotBefore <= time && time <= NotAfter;

    internal static Lifetime ReadFrom(ref TlsReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(NotBefore);
        writer.WriteUInt64(NotAfter);
    }
}
