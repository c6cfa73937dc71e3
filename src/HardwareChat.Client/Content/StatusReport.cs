using System.Formats.Cbor;
using HardwareChat.Wire;

namespace HardwareChat.Client.Content;

// draft-mahy-mimi-message-status-01, CBOR:   [ * [ messageId: bstr .size 32, status: 0..255 ] ]

/// <summary>The encoding of a report.</summary>
public static class StatusReport
{
    private const int Depth = 2;

    /// <summary>Reads a report.</summary>
    /// <exception cref="DecodeException">Malformed, or of more than <see cref="ContentLimits.Statuses"/> messages.</exception>
    public static IReadOnlyList<MessageStatus> Decode(ReadOnlyMemory<byte> input)
    {
        DeterministicCbor.Check(input.Span, Depth);
        var cbor = new CborReader(input, CborConformanceMode.Strict);
        int count = StartArray(cbor, ContentLimits.Statuses);
        var statuses = new MessageStatus[count];
        for (int i = 0; i < count; i++)
        {
            if (StartArray(cbor, 2) != 2 || cbor.PeekState() != CborReaderState.ByteString)
                throw Malformed(input, cbor);
            ReadOnlyMemory<byte> id = cbor.ReadDefiniteLengthByteString();
            if (id.Length != MessageId.Size || cbor.PeekState() != CborReaderState.UnsignedInteger)
                throw Malformed(input, cbor);
            ulong status = cbor.ReadUInt64();
            statuses[i] = status <= byte.MaxValue ? new MessageStatus(MessageId.FromBytes(id.Span), (DeliveryStatus)status) : throw Malformed(input, cbor);
            cbor.ReadEndArray();
        }
        return statuses;

        int StartArray(CborReader reader, int most)
        {
            if (reader.PeekState() != CborReaderState.StartArray)
                throw Malformed(input, reader);
            return reader.ReadStartArray() is { } items && items <= most ? items : throw Malformed(input, reader);
        }
    }

    /// <summary>Writes a report.</summary>
    /// <exception cref="ArgumentException">Of more than <see cref="ContentLimits.Statuses"/> messages.</exception>
    public static byte[] Encode(IReadOnlyList<MessageStatus> statuses)
    {
        ArgumentNullException.ThrowIfNull(statuses);
        if (statuses.Count > ContentLimits.Statuses)
            throw new ArgumentException($"A report has at most {ContentLimits.Statuses} messages.", nameof(statuses));
        var cbor = new CborWriter(CborConformanceMode.Strict);
        cbor.WriteStartArray(statuses.Count);
        foreach ((MessageId message, DeliveryStatus status) in statuses)
        {
            cbor.WriteStartArray(2);
            cbor.WriteByteString(message.ToArray());
            cbor.WriteUInt32((uint)status);
            cbor.WriteEndArray();
        }
        cbor.WriteEndArray();
        return cbor.Encode();
    }

    private static DecodeException Malformed(ReadOnlyMemory<byte> input, CborReader cbor) => new("not a report of statuses", input.Length - cbor.BytesRemaining);
}
