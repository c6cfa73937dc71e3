using System.Formats.Cbor;
using System.Text;

namespace HardwareChat.Client.Content;

/// <summary>Writes a mimiContent, deterministically.</summary>
internal static class MimiWriter
{
    internal const ulong Null = 0;
    internal const ulong Single = 1;
    internal const ulong External = 2;
    internal const ulong Multi = 3;

    public static byte[] Write(MimiContent content)
    {
        if (content.Salt.Length != MimiContent.SaltSize)
            throw new ArgumentException($"A salt has {MimiContent.SaltSize} bytes.", nameof(content));
        var cbor = new CborWriter(CborConformanceMode.Strict);
        cbor.WriteStartArray(7);
        cbor.WriteByteString(content.Salt.Span);
        WriteId(cbor, content.Replaces);
        cbor.WriteByteString(content.TopicId.Span);
        WriteExpiration(cbor, content.Expires);
        WriteId(cbor, content.InReplyTo);
        cbor.WriteStartMap(content.Extensions.Count);
        foreach (ContentExtension extension in content.Extensions)
        {
            cbor.WriteEncodedValue(extension.Key.Span);
            cbor.WriteEncodedValue(extension.Value.Span);
        }
        cbor.WriteEndMap();
        WritePart(cbor, content.Body);
        cbor.WriteEndArray();
        return cbor.BytesWritten <= ContentLimits.PaddedBytes
            ? cbor.Encode()
            : throw new ArgumentException($"A message has at most {ContentLimits.PaddedBytes} bytes.", nameof(content));
    }

    private static void WriteId(CborWriter cbor, MessageId? id)
    {
        if (id is { } value)
            cbor.WriteByteString(value.ToArray());
        else
            cbor.WriteNull();
    }

    private static void WriteExpiration(CborWriter cbor, Expiration? expiration)
    {
        if (expiration is null)
        {
            cbor.WriteNull();
            return;
        }
        cbor.WriteStartArray(2);
        cbor.WriteBoolean(expiration.IsRelative);
        cbor.WriteUInt32(expiration.Time);
        cbor.WriteEndArray();
    }

    private static void WritePart(CborWriter cbor, NestedPart part)
    {
        switch (part)
        {
            case NullPart:
                Begin(cbor, part, 3, Null);
                break;
            case SinglePart single:
                Begin(cbor, part, 5, Single);
                WriteText(cbor, single.ContentType, ContentLimits.NameBytes);
                cbor.WriteByteString(single.Content.Span);
                break;
            case ExternalPart external:
                Begin(cbor, part, 15, External);
                WriteExternal(cbor, external);
                break;
            case MultiPart multi:
                Begin(cbor, part, 5, Multi);
                cbor.WriteUInt32((uint)multi.Semantics);
                cbor.WriteStartArray(multi.Parts.Count);
                foreach (NestedPart nested in multi.Parts)
                    WritePart(cbor, nested);
                cbor.WriteEndArray();
                break;
            default:
                throw new ArgumentException("Not a part that the draft knows.", nameof(part));
        }
        cbor.WriteEndArray();
    }

    private static void Begin(CborWriter cbor, NestedPart part, int items, ulong cardinality)
    {
        cbor.WriteStartArray(items);
        cbor.WriteUInt32((uint)part.Disposition);
        WriteText(cbor, part.Language, ContentLimits.NameBytes);
        cbor.WriteUInt64(cardinality);
    }

    private static void WriteExternal(CborWriter cbor, ExternalPart part)
    {
        WriteText(cbor, part.ContentType, ContentLimits.NameBytes);
        WriteText(cbor, part.Url, ContentLimits.UrlBytes);
        cbor.WriteUInt32(part.Expires);
        cbor.WriteUInt64(part.Size);
        cbor.WriteUInt32(part.EncryptionAlgorithm);
        cbor.WriteByteString(part.Key.Span);
        cbor.WriteByteString(part.Nonce.Span);
        cbor.WriteByteString(part.AssociatedData.Span);
        cbor.WriteUInt32(part.HashAlgorithm);
        cbor.WriteByteString(part.ContentHash.Span);
        WriteText(cbor, part.Description, ContentLimits.DescriptionBytes);
        WriteText(cbor, part.FileName, ContentLimits.FileNameBytes);
    }

    private static void WriteText(CborWriter cbor, string text, int most)
    {
        if (Encoding.UTF8.GetByteCount(text) > most)
            throw new ArgumentException($"A text has more than {most} bytes.", nameof(text));
        cbor.WriteTextString(text);
    }
}
