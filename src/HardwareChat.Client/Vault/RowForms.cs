using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>What stands in the rows of each table, for whoever has a row and not a question: the reader of a backup, and the fuzzer.</summary>
internal static class RowForms
{
    /// <summary>Reads a row's plaintext, name and value, to its end.</summary>
    /// <exception cref="DecodeException">It is no row of that table.</exception>
    public static T Read<T>(ReadOnlySpan<byte> plaintext, RowReader<T> read)
    {
        var reader = new TlsReader(plaintext);
        RowName name = RowName.Read(ref reader);
        T value = read(ref reader, name);
        reader.ThrowIfNotEmpty();
        return value;
    }

    /// <summary>Fuzz entry: uint8 table || plaintext; a row that is written again as it was, or a <see cref="DecodeException"/>.</summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        ReadOnlySpan<byte> plaintext = data[1..];
        switch ((VaultTable)data[0])
        {
            case VaultTable.Rooms:
                Again(plaintext, Read(plaintext, StoredRoom.Read), static (ref writer, room) => room.WriteTo(ref writer));
                break;
            case VaultTable.Messages:
                Again(plaintext, Read(plaintext, StoredMessage.Read), static (ref writer, message) => message.WriteTo(ref writer));
                break;
            case VaultTable.Outbox:
                Again(plaintext, Read(plaintext, QueuedMessage.Read), static (ref writer, message) => message.WriteTo(ref writer));
                break;
            case VaultTable.Transfers:
                Again(plaintext, Read(plaintext, StoredTransfer.Read), static (ref writer, transfer) => transfer.WriteTo(ref writer));
                break;
            case VaultTable.Contacts:
                Again(plaintext, Read(plaintext, StoredContact.Read), static (ref writer, contact) => contact.WriteTo(ref writer));
                break;
            case VaultTable.Recipients:
                Read(plaintext, static (ref reader, _) => VaultRecipient.Read(ref reader)); // a SubjectPublicKeyInfo has more than one encoding
                break;
            default:
                Read(plaintext, static (ref reader, _) => reader.ReadOpaque(VectorLength.Max).Length);
                break;
        }
    }

    private static void Again<T>(ReadOnlySpan<byte> plaintext, T value, RowWriter<T> write)
    {
        var reader = new TlsReader(plaintext);
        RowName name = RowName.Read(ref reader);
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        name.WriteTo(ref writer);
        write(ref writer, value);
        if (!buffer.WrittenSpan.SequenceEqual(plaintext))
            throw new InvalidOperationException($"a {typeof(T).Name} did not survive its own encoding");
    }
}
