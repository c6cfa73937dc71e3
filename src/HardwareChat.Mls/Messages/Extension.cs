using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §7.2
//
//   struct {
//       ExtensionType extension_type;
//       opaque extension_data<V>;
//   } Extension;

/// <summary>An extension of a leaf, key package, group context or GroupInfo. Its content is opaque here.</summary>
public sealed class Extension : ITlsSerializable
{
    private readonly byte[] _content;

    /// <summary>An extension with a copy of <paramref name="content"/>.</summary>
    public Extension(ExtensionType type, ReadOnlySpan<byte> content)
        : this(type, content.ToArray())
    {
    }

    internal Extension(ExtensionType type, byte[] ownedContent)
    {
        Type = type;
        _content = ownedContent;
    }

    /// <summary>The kind.</summary>
    public ExtensionType Type { get; }

    /// <summary>extension_data.</summary>
    public ReadOnlySpan<byte> Content => _content;

    /// <summary>An extension whose content is the encoding of <paramref name="structure"/>.</summary>
    public static Extension Of<T>(ExtensionType type, T structure)
        where T : ITlsSerializable => new(type, TlsWriter.Encode(structure));

    internal static Extension ReadFrom(ref TlsReader reader)
        => new(ExtensionType.ReadFrom(ref reader), reader.ReadOpaque(TlsVector.NoLimit).ToArray());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Type.WriteTo(ref writer);
        writer.WriteOpaque(_content);
    }
}
