using HardwareChat.Wire;

namespace HardwareChat.Mls;

internal delegate T ElementReader<out T>(ref TlsReader reader);

/// <summary>T x&lt;V&gt;: vectors of structures, which are read until their bytes are used up.</summary>
internal static class TlsVector
{
    /// <summary>The limit of a vector that nothing else limits: it is still no longer than the input.</summary>
    public const int NoLimit = VectorLength.Max;

    public static T[] Read<T>(ref TlsReader reader, ElementReader<T> element)
    {
        TlsReader body = reader.ReadVector(NoLimit);
        if (body.IsEmpty)
            return [];
        var elements = new List<T>();
        while (!body.IsEmpty)
            elements.Add(element(ref body));
        return [.. elements];
    }

    /// <summary>A whole structure and nothing behind it.</summary>
    public static T Decode<T>(ReadOnlySpan<byte> bytes, ElementReader<T> structure)
    {
        var reader = new TlsReader(bytes);
        T decoded = structure(ref reader);
        reader.ThrowIfNotEmpty();
        return decoded;
    }
}
