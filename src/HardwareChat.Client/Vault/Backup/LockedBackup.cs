using System.Buffers.Binary;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>What a restore brought back.</summary>
/// <param name="Rooms">Rooms that the vault did not know.</param>
/// <param name="Messages">Messages that the vault did not have.</param>
/// <param name="Contacts">Contacts that the vault did not know.</param>
public readonly record struct RestoreCount(int Rooms, int Messages, int Contacts);

/// <summary>A sealed backup that no key has opened yet.</summary>
public sealed class LockedBackup
{
    private const int RecordsAtOnce = 500;
    private const int MaxRecord = 1 << 20;

    private readonly Stream _input;
    private readonly byte[] _header;
    private readonly WrappedKey _wrapped;

    private LockedBackup(Stream input, byte[] header, BackupHeader decoded)
    {
        _input = input;
        _header = header;
        _wrapped = new WrappedKey("the backup", decoded.Id, decoded.Wrappings);
    }

    /// <summary>The wrappings of the backup's key.</summary>
    public IReadOnlyList<KeyWrapping> Wrappings => _wrapped.Wrappings;

    /// <summary>Reads the head of a backup.</summary>
    /// <param name="input">The whole file, able to seek, since it is checked to its end before anything of it is restored; stays the caller's.</param>
    /// <exception cref="VaultException">It is no backup, or a damaged one.</exception>
    public static LockedBackup Open(Stream input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!input.CanSeek)
            throw new ArgumentException("A backup is read twice, so its stream must be able to seek.", nameof(input));
        Span<byte> length = stackalloc byte[sizeof(uint)];
        bool isWhole = input.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) == length.Length;
        byte[] header = new byte[isWhole ? Math.Min(BinaryPrimitives.ReadUInt32BigEndian(length), BackupHeader.MaxSize) : 0];
        int read = input.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (!BackupHeader.IsBackup(header))
            throw new VaultException(VaultFault.Foreign, "The file is no backup.");
        try
        {
            return new LockedBackup(input, header, BackupHeader.Decode(header.AsSpan(0, read)));
        }
        catch (DecodeException error)
        {
            throw BackupStream.Damaged("its head cannot be read", error);
        }
    }

    /// <summary>The wrapping for a token, whose <see cref="KeyWrapping.Ephemeral"/> its 9D key is to agree with.</summary>
    public KeyWrapping? FindWrapping(TokenId token) => _wrapped.Find(token.Value);

    /// <summary>Adds to a vault what it does not have, and changes nothing that it has.</summary>
    /// <exception cref="VaultException">Wrong key, or the backup is damaged; then nothing is restored.</exception>
    public RestoreCount Restore(Vault vault, TokenId token, ReadOnlySpan<byte> agreed)
    {
        ArgumentNullException.ThrowIfNull(vault);
        using Secret key = _wrapped.Open(token, agreed);
        return Restore(vault, key);
    }

    /// <summary>Adds to a vault what it does not have, and changes nothing that it has.</summary>
    /// <exception cref="VaultException">Wrong key, or the backup is damaged; then nothing is restored.</exception>
    public RestoreCount Restore(Vault vault, RecoveryCode code)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(code);
        using Secret key = _wrapped.Open(code);
        return Restore(vault, key);
    }

    private RestoreCount Restore(Vault vault, Secret key)
    {
        long start = _input.Position;
        foreach (object record in Records(key))
            _ = record;
        _input.Position = start;
        var restored = default(RestoreCount);
        foreach (object[] some in Records(key).Chunk(RecordsAtOnce))
        {
            RestoreCount added = vault.Write(transaction => Add(transaction, some));
            restored = new RestoreCount(restored.Rooms + added.Rooms, restored.Messages + added.Messages, restored.Contacts + added.Contacts);
        }

        return restored;
    }

    private static RestoreCount Add(VaultTransaction transaction, object[] records)
    {
        int rooms = 0;
        int messages = 0;
        int contacts = 0;
        foreach (object record in records)
        {
            switch (record)
            {
                case StoredRoom room when transaction.Rooms.Find(room.Id) is null:
                    transaction.Rooms.Put(room);
                    rooms++;
                    break;
                case StoredMessage message when transaction.Messages.Find(message.Room, message.Sequence) is null:
                    transaction.Messages.Put(message);
                    messages++;
                    break;
                case StoredContact contact when transaction.Contacts.Find(contact.Handle) is null:
                    transaction.Contacts.Put(contact);
                    contacts++;
                    break;
            }
        }

        return new RestoreCount(rooms, messages, contacts);
    }

    private IEnumerable<object> Records(Secret key)
    {
        using var stream = new BackupStream(key.Span, _header);
        byte[] pending = [];
        for (bool isLast = false; !isLast;)
        {
            pending = [.. pending, .. stream.ReadChunk(_input, out isLast)];
            int taken = 0;
            while (Next(pending.AsSpan(taken), isLast, out int size) is object record)
            {
                taken += size;
                yield return record;
            }

            pending = pending[taken..];
        }
    }

    // The next record, or null where the rest of it is in the next chunk.
    private static object? Next(ReadOnlySpan<byte> pending, bool isLast, out int size)
    {
        size = 0;
        if (pending.IsEmpty)
            return null;
        try
        {
            if (!isLast && pending.Length < MaxRecord && !IsWhole(pending))
                return null;
            var reader = new TlsReader(pending);
            var table = (VaultTable)reader.ReadUInt8();
            ReadOnlySpan<byte> row = reader.ReadOpaque(MaxRecord);
            size = reader.Position;
            return table switch
            {
                VaultTable.Rooms => RowForms.Read(row, StoredRoom.Read),
                VaultTable.Messages => RowForms.Read(row, StoredMessage.Read),
                VaultTable.Contacts => RowForms.Read(row, StoredContact.Read),
                _ => throw reader.Malformed("no record of a backup"),
            };
        }
        catch (DecodeException error)
        {
            throw BackupStream.Damaged("a record of it cannot be read", error);
        }
    }

    // Whether a whole record stands at the front, by its length prefix alone.
    private static bool IsWhole(ReadOnlySpan<byte> pending)
    {
        if (pending.Length < 2)
            return false;
        int prefix = 1 << (pending[1] >> 6);
        if (pending.Length < 1 + prefix)
            return false;
        int length = pending[1] & 0x3F;
        for (int i = 1; i < prefix && prefix < 8; i++)
            length = (length << 8) | pending[1 + i];
        return prefix == 8 || pending.Length - 1 - prefix >= length;
    }
}
