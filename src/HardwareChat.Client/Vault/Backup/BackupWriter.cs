using HardwareChat.Mls;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>Writes a sealed backup: rooms by name, their history, and contacts. No ratchets, keys, sessions or settings: state never goes back.</summary>
internal static class BackupWriter
{
    private const int AtOnce = 500;

    public static void Write(Vault vault, Stream output)
    {
        using Secret key = Secret.Random(VaultKeys.Size);
        byte[] header = TlsWriter.Encode(BackupHeader.Create(key, vault.Recipients()));
        using var stream = new BackupStream(key.Span, header);
        using var buffer = new TlsBuffer(2 * BackupStream.ChunkSize);
        var writer = new TlsWriter(buffer);
        writer.WriteUInt32((uint)header.Length);
        output.Write(buffer.WrittenSpan);
        output.Write(header);
        buffer.Clear();
        foreach (StoredContact contact in vault.Read(static transaction => transaction.Contacts.All()))
            Append(VaultTable.Contacts, ContactTable.Name(contact.Handle), contact, static (ref writer, contact) => contact.WriteTo(ref writer));
        foreach (StoredRoom room in vault.Read(static transaction => transaction.Rooms.All()))
        {
            Append(VaultTable.Rooms, new RowName(RowName.Of(room.Id)), HistoryOf(room), static (ref writer, room) => room.WriteTo(ref writer));
            for (ulong next = 0; vault.Read(transaction => transaction.Messages.From(room.Id, next, AtOnce)) is { Count: > 0 } page; next = page[^1].Sequence + 1)
            {
                foreach (StoredMessage message in page)
                    Append(VaultTable.Messages, new RowName(RowName.Of(room.Id), message.Sequence), message, static (ref writer, message) => message.WriteTo(ref writer));
            }
        }

        stream.WriteChunk(output, buffer.WrittenSpan, isLast: true);
        output.Flush();

        void Append<T>(VaultTable table, RowName name, T value, RowWriter<T> write)
        {
            var writer = new TlsWriter(buffer);
            writer.WriteUInt8((byte)table);
            writer.WriteVector((name, value, write), static (ref writer, row) =>
            {
                row.name.WriteTo(ref writer);
                row.write(ref writer, row.value);
            });
            while (buffer.WrittenSpan.Length > BackupStream.ChunkSize)
                Flush();
        }

        void Flush()
        {
            byte[] rest = buffer.WrittenSpan[BackupStream.ChunkSize..].ToArray();
            stream.WriteChunk(output, buffer.WrittenSpan[..BackupStream.ChunkSize], isLast: false);
            buffer.Clear();
            new TlsWriter(buffer).WriteFixed(rest);
        }
    }

    // A room without its state is one that this person is not in.
    private static StoredRoom HistoryOf(StoredRoom room) => new(room.Id)
    {
        Standing = RoomStanding.Left,
        Title = room.Title,
        UnreadFrom = room.UnreadFrom,
        Notices = room.Notices,
        KeyWords = room.KeyWords,
    };
}
