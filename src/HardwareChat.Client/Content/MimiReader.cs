using System.Formats.Cbor;
using HardwareChat.Wire;

namespace HardwareChat.Client.Content;

/// <summary>Reads a mimiContent. One use: one input.</summary>
internal sealed class MimiReader
{
    // mimiContent, then NestedPart and its list of parts on each level but the last, where there is no list.
    private const int Depth = 2 * ContentLimits.PartDepth;

    private readonly CborReader _cbor;
    private readonly int _length;
    private int _parts;

    private MimiReader(ReadOnlyMemory<byte> input)
    {
        _cbor = new CborReader(input, CborConformanceMode.Strict);
        _length = input.Length;
    }

    public static MimiContent Read(ReadOnlyMemory<byte> input)
    {
        if (input.Length > ContentLimits.PaddedBytes)
            throw new DecodeException("message is too long", ContentLimits.PaddedBytes);
        DeterministicCbor.Check(input.Span, Depth);
        return new MimiReader(input).ReadContent();
    }

    private MimiContent ReadContent()
    {
        Array(7);
        var content = new MimiContent
        {
            Salt = Bytes(MimiContent.SaltSize, MimiContent.SaltSize),
            Replaces = OptionalId(),
            TopicId = Bytes(0, ContentLimits.NameBytes),
            Expires = ReadExpiration(),
            InReplyTo = OptionalId(),
            Extensions = ReadExtensions(),
            Body = ReadPart(ContentLimits.PartDepth),
        };
        _cbor.ReadEndArray();
        return content;
    }

    private MessageId? OptionalId()
        => IsNull() ? null : MessageId.FromBytes(Bytes(MessageId.Size, MessageId.Size).Span);

    private Expiration? ReadExpiration()
    {
        if (IsNull())
            return null;
        Array(2);
        Expect(CborReaderState.Boolean);
        var expiration = new Expiration(_cbor.ReadBoolean(), (uint)Integer(uint.MaxValue));
        _cbor.ReadEndArray();
        return expiration;
    }

    // Keys ascend and are integers or text: DeterministicCbor saw to the order, and byte strings are refused here.
    private List<ContentExtension> ReadExtensions()
    {
        Expect(CborReaderState.StartMap);
        int count = _cbor.ReadStartMap() ?? throw Malformed("indefinite length");
        if (count > ContentLimits.Extensions)
            throw Malformed("too many extensions");
        var extensions = new List<ContentExtension>(count);
        for (int i = 0; i < count; i++)
        {
            if (_cbor.PeekState() is not (CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger or CborReaderState.TextString))
                throw Malformed("key of an extension is neither an integer nor text");
            ReadOnlyMemory<byte> key = _cbor.ReadEncodedValue();
            // One head byte, a second one from 24 bytes of text on.
            if (key.Length > ContentLimits.NameBytes + 2 || key.Span is [0x60])
                throw Malformed("key of an extension is empty or too long");
            ReadOnlyMemory<byte> value = _cbor.ReadEncodedValue();
            if (value.Length > ContentLimits.ExtensionBytes)
                throw Malformed("extension is too long");
            DeterministicCbor.Check(value.Span, ContentLimits.ExtensionDepth - 1);
            extensions.Add(new ContentExtension(key, value));
        }
        _cbor.ReadEndMap();
        return extensions;
    }

    private NestedPart ReadPart(int depth)
    {
        if (depth == 0)
            throw Malformed("parts are nested too deep");
        if (++_parts > ContentLimits.Parts)
            throw Malformed("too many parts");
        Expect(CborReaderState.StartArray);
        int items = _cbor.ReadStartArray() ?? throw Malformed("indefinite length");
        if (items < 3)
            throw Malformed("part is too short");
        var disposition = (Disposition)Integer(byte.MaxValue);
        string language = Text(ContentLimits.NameBytes);
        NestedPart part = (Integer(byte.MaxValue), items) switch
        {
            (MimiWriter.Null, 3) => new NullPart(disposition, language),
            (MimiWriter.Single, 5) => new SinglePart(disposition, language, Text(ContentLimits.NameBytes), Bytes(0, ContentLimits.PaddedBytes)),
            (MimiWriter.External, 15) => ReadExternal(disposition, language),
            (MimiWriter.Multi, 5) => ReadMulti(disposition, language, depth),
            _ => throw Malformed("unknown cardinality, or not its number of items"),
        };
        _cbor.ReadEndArray();
        return part;
    }

    private ExternalPart ReadExternal(Disposition disposition, string language) => new(disposition, language)
    {
        ContentType = Text(ContentLimits.NameBytes),
        Url = Text(ContentLimits.UrlBytes),
        Expires = (uint)Integer(uint.MaxValue),
        Size = Integer(ulong.MaxValue),
        EncryptionAlgorithm = (ushort)Integer(ushort.MaxValue),
        Key = Bytes(0, ContentLimits.NameBytes),
        Nonce = Bytes(0, ContentLimits.NameBytes),
        AssociatedData = Bytes(0, ContentLimits.NameBytes),
        HashAlgorithm = (byte)Integer(byte.MaxValue),
        ContentHash = Bytes(0, ContentLimits.NameBytes),
        Description = Text(ContentLimits.DescriptionBytes),
        FileName = Text(ContentLimits.FileNameBytes),
    };

    private MultiPart ReadMulti(Disposition disposition, string language, int depth)
    {
        var semantics = (PartSemantics)Integer((ulong)PartSemantics.ProcessAll);
        Expect(CborReaderState.StartArray);
        int count = _cbor.ReadStartArray() ?? throw Malformed("indefinite length");
        if (count is < 2 or > ContentLimits.Parts)
            throw Malformed("fewer than two parts, or too many");
        var parts = new NestedPart[count];
        for (int i = 0; i < count; i++)
            parts[i] = ReadPart(depth - 1);
        _cbor.ReadEndArray();
        return new MultiPart(disposition, language, semantics, parts);
    }

    private bool IsNull()
    {
        if (_cbor.PeekState() != CborReaderState.Null)
            return false;
        _cbor.ReadNull();
        return true;
    }

    private void Array(int items)
    {
        Expect(CborReaderState.StartArray);
        if (_cbor.ReadStartArray() != items)
            throw Malformed("not the number of items");
    }

    private ReadOnlyMemory<byte> Bytes(int least, int most)
    {
        Expect(CborReaderState.ByteString);
        ReadOnlyMemory<byte> bytes = _cbor.ReadDefiniteLengthByteString();
        return bytes.Length >= least && bytes.Length <= most ? bytes : throw Malformed("not the length that is asked for");
    }

    // The bytes are looked at before a string is made of them, so that what is too long costs nothing.
    private string Text(int most)
    {
        Expect(CborReaderState.TextString);
        ReadOnlyMemory<byte> utf8 = _cbor.ReadDefiniteLengthTextStringBytes();
        return utf8.Length <= most ? System.Text.Encoding.UTF8.GetString(utf8.Span) : throw Malformed("text is too long");
    }

    private ulong Integer(ulong most)
    {
        Expect(CborReaderState.UnsignedInteger);
        ulong value = _cbor.ReadUInt64();
        return value <= most ? value : throw Malformed("integer is out of range");
    }

    private void Expect(CborReaderState state)
    {
        if (_cbor.PeekState() != state)
            throw Malformed("another type than is asked for");
    }

    private DecodeException Malformed(string message) => new(message, _length - _cbor.BytesRemaining);
}
