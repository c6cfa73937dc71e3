using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>Reads one element of a list.</summary>
internal delegate T ReadElement<out T>(ref TlsReader reader);

/// <summary>Lists inside frames: a limit of elements, one of bytes, and nothing left over.</summary>
internal static class FrameLists
{
    /// <summary>T list&lt;V&gt;.</summary>
    public static List<T> ReadList<T>(this ref TlsReader reader, int maxCount, int maxBytes, ReadElement<T> read)
    {
        TlsReader list = reader.ReadVector(maxBytes);
        var elements = new List<T>();
        while (!list.IsEmpty)
        {
            if (elements.Count == maxCount)
                throw list.Malformed("too many elements");
            elements.Add(read(ref list));
        }
        return elements;
    }

    /// <summary>EvidenceBlob evidence&lt;V&gt;.</summary>
    public static List<ReadOnlyMemory<byte>> ReadBlobs(this ref TlsReader reader, int maxCount, int maxBytes)
        => reader.ReadList<ReadOnlyMemory<byte>>(maxCount, maxBytes, static (ref list) => list.ReadOpaque(ProtocolLimits.EvidenceBytes).ToArray());

    /// <summary>The writing half of <see cref="ReadBlobs"/>.</summary>
    public static void WriteBlobs(this ref TlsWriter writer, IReadOnlyList<ReadOnlyMemory<byte>> evidence)
        => writer.WriteVector(evidence, static (ref list, blobs) =>
        {
            foreach (ReadOnlyMemory<byte> blob in blobs)
                list.WriteOpaque(blob.Span);
        });

    /// <summary>optional&lt;opaque x&lt;V&gt;&gt;.</summary>
    public static ReadOnlyMemory<byte>? ReadOptionalOpaque(this ref TlsReader reader, int limit)
        => reader.ReadOptional() ? reader.ReadOpaque(limit).ToArray() : (ReadOnlyMemory<byte>?)null;

    /// <summary>The writing half of <see cref="ReadOptionalOpaque"/>.</summary>
    public static void WriteOptionalOpaque(this ref TlsWriter writer, ReadOnlyMemory<byte>? bytes)
    {
        writer.WriteOptional(bytes is not null);
        if (bytes is { } present)
            writer.WriteOpaque(present.Span);
    }
}
