using System.Text;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>The rooms: what is known of each, its MLS state, and what the person has begun to write there.</summary>
public sealed class RoomTable
{
    private readonly VaultRows _rows;

    internal RoomTable(VaultRows rows) => _rows = rows;

    /// <summary>The room; <see langword="null"/> if it is not known.</summary>
    public StoredRoom? Find(RoomId room) => _rows.Find(VaultTable.Rooms, Name(room), StoredRoom.Read);

    /// <summary>All rooms, in the order in which they became known.</summary>
    public IReadOnlyList<StoredRoom> All() => _rows.All(VaultTable.Rooms, StoredRoom.Read);

    /// <summary>Writes the room.</summary>
    public void Put(StoredRoom room)
    {
        ArgumentNullException.ThrowIfNull(room);
        _rows.Put(VaultTable.Rooms, Name(room.Id), room, static (ref writer, room) => room.WriteTo(ref writer));
    }

    /// <summary>The room's MLS state, which the caller disposes; <see langword="null"/> if there is none.</summary>
    public Secret? FindState(RoomId room)
        => _rows.Find(VaultTable.RoomStates, Name(room), static (ref reader, _) => Secret.CopyOf(reader.ReadOpaque(VectorLength.Max)));

    /// <summary>Replaces the room's MLS state. The old one is gone from the file, and from the log when it is next emptied.</summary>
    public void PutState(RoomId room, ReadOnlySpan<byte> state)
        => _rows.Put(VaultTable.RoomStates, Name(room), state, static (ref writer, state) => writer.WriteOpaque(state));

    /// <summary>Removes the room's MLS state, from the log as well; false if there is none.</summary>
    public bool RemoveState(RoomId room)
    {
        _rows.WantsTidying = true;
        return _rows.Remove(VaultTable.RoomStates, Name(room));
    }

    /// <summary>What the person has begun to write; <see langword="null"/> if nothing.</summary>
    public string? FindDraft(RoomId room)
        => _rows.Find(VaultTable.Drafts, Name(room), static (ref reader, _) => TextField.Read(ref reader, VectorLength.Max));

    /// <summary>Keeps what the person has begun to write; an empty text removes it.</summary>
    public void PutDraft(RoomId room, string draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (draft.Length == 0)
            _rows.Remove(VaultTable.Drafts, Name(room));
        else
            _rows.Put(VaultTable.Drafts, Name(room), Encoding.UTF8.GetBytes(draft), static (ref writer, draft) => writer.WriteOpaque(draft));
    }

    internal void Remove(RoomId room)
    {
        _rows.Remove(VaultTable.Rooms, Name(room));
        _rows.Remove(VaultTable.Drafts, Name(room));
        RemoveState(room);
    }

    private static RowName Name(RoomId room) => new(RowName.Of(room));
}
