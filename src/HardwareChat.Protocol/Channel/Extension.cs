using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { uint16 type; opaque body<V>; } Extension;
//
// A list holds each type once, in rising order. Types from 0x8000 on are critical: who does not know one refuses what carries
// it. Who does not know another ignores it. That is all of versioning inside one subprotocol ("hwchat.1"); what cannot be
// said so gets a new subprotocol, which the prologue protects.

/// <summary>One extension of a handshake message or frame. This version defines none.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Body">Its bytes.</param>
public readonly record struct Extension(ushort Type, ReadOnlyMemory<byte> Body) : ITlsSerializable
{
    private const ushort FirstCritical = 0x8000;

    /// <summary>Whether who does not know it must refuse what carries it.</summary>
    public bool IsCritical => Type >= FirstCritical;

    /// <summary>Extension extensions&lt;V&gt;.</summary>
    /// <exception cref="DecodeException">Malformed, repeated, or out of order.</exception>
    /// <exception cref="ChannelException">A critical one, as this version knows none.</exception>
    public static IReadOnlyList<Extension> ReadList(ref TlsReader reader)
    {
        TlsReader list = reader.ReadVector(ProtocolLimits.Extensions * (ProtocolLimits.ExtensionBytes + 4));
        if (list.IsEmpty)
            return [];
        var extensions = new List<Extension>();
        while (!list.IsEmpty)
        {
            ushort type = list.ReadUInt16();
            if (extensions.Count > 0 && type <= extensions[^1].Type)
                throw list.Malformed("extensions are not in rising order");
            if (extensions.Count == ProtocolLimits.Extensions)
                throw list.Malformed("too many extensions");
            extensions.Add(new Extension(type, list.ReadOpaque(ProtocolLimits.ExtensionBytes).ToArray()));
        }
        if (extensions.Exists(static extension => extension.IsCritical))
            throw new ChannelException(ChannelRule.CriticalExtensionIsKnown);
        return extensions;
    }

    /// <summary>Writes a list.</summary>
    public static void WriteList(ref TlsWriter writer, IReadOnlyList<Extension> extensions)
    {
        if (extensions.Count == 0)
            writer.WriteLength(0);
        else
            writer.WriteVector<Extension>([.. extensions]);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt16(Type);
        writer.WriteOpaque(Body.Span);
    }

    /// <summary>Whether two extensions have the same type and bytes.</summary>
    public bool Equals(Extension other) => Type == other.Type && Body.Span.SequenceEqual(other.Body.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Body.Length);
}
