using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>opaque text&lt;V&gt;: UTF-8, valid, of bounded length.</summary>
internal static class TextField
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Read(ref TlsReader reader, int limit)
    {
        try
        {
            return Strict.GetString(reader.ReadOpaque(limit));
        }
        catch (DecoderFallbackException error)
        {
            throw new DecodeException("text is not UTF-8", reader.Offset, error);
        }
    }

    /// <summary>Writes text; half of a surrogate pair becomes U+FFFD.</summary>
    public static void Write(ref TlsWriter writer, string text, int limit)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > limit)
            throw new ArgumentException($"The text has more than {limit} bytes.", nameof(text));
        writer.WriteOpaque(bytes);
    }
}
