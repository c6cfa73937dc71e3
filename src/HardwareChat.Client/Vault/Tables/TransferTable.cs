using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>Which way an attachment goes.</summary>
public enum TransferDirection : byte
{
    /// <summary>To the relay.</summary>
    Upload = 1,

    /// <summary>From the relay.</summary>
    Download,
}

// struct {
//   uint16 version = 1;
//   TransferDirection direction; RoomId room; opaque path<V>; uint64 total; uint64 done; opaque details<V>;
// } StoredTransfer;

/// <summary>An attachment on its way, and where to go on after a break.</summary>
/// <param name="Id">The engine's name of it.</param>
public sealed record StoredTransfer(ReadOnlyMemory<byte> Id)
{
    private const ushort CurrentVersion = 1;
    private const int MaxPath = 32768;

    /// <summary>Which way it goes.</summary>
    public TransferDirection Direction { get; init; } = TransferDirection.Upload;

    /// <summary>The room whose message it belongs to.</summary>
    public RoomId Room { get; init; }

    /// <summary>The local file.</summary>
    public string Path { get; init; } = "";

    /// <summary>Bytes in all.</summary>
    public ulong Total { get; init; }

    /// <summary>The resume offset: bytes that are certainly there.</summary>
    public ulong Done { get; init; }

    /// <summary>What else the engine needs to go on (blob, key, hash), as it encodes it.</summary>
    public ReadOnlyMemory<byte> Details { get; init; }

    internal static StoredTransfer Read(ref TlsReader reader, RowName name)
    {
        if (reader.ReadUInt16() != CurrentVersion)
            throw reader.Malformed("no such version of a transfer");
        return new StoredTransfer(name.Scope)
        {
            Direction = EnumField.Read<TransferDirection>(ref reader),
            Room = RoomId.Read(ref reader),
            Path = TextField.Read(ref reader, MaxPath),
            Total = reader.ReadUInt64(),
            Done = reader.ReadUInt64(),
            Details = reader.ReadOpaque(VectorLength.Max).ToArray(),
        };
    }

    internal void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt16(CurrentVersion);
        writer.WriteUInt8((byte)Direction);
        Room.WriteTo(ref writer);
        TextField.Write(ref writer, Path, MaxPath);
        writer.WriteUInt64(Total);
        writer.WriteUInt64(Done);
        writer.WriteOpaque(Details.Span);
    }
}

/// <summary>Attachments on their way.</summary>
public sealed class TransferTable
{
    private readonly VaultRows _rows;

    internal TransferTable(VaultRows rows) => _rows = rows;

    /// <summary>The transfer; <see langword="null"/> if there is none.</summary>
    public StoredTransfer? Find(ReadOnlySpan<byte> id) => _rows.Find(VaultTable.Transfers, new RowName(id.ToArray()), StoredTransfer.Read);

    /// <summary>All of them, in the order in which they began.</summary>
    public IReadOnlyList<StoredTransfer> All() => _rows.All(VaultTable.Transfers, StoredTransfer.Read);

    /// <summary>Writes the transfer.</summary>
    public void Put(StoredTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        _rows.Put(VaultTable.Transfers, new RowName(transfer.Id.ToArray()), transfer, static (ref writer, transfer) => transfer.WriteTo(ref writer));
    }

    /// <summary>Removes it; false if there is none.</summary>
    public bool Remove(ReadOnlySpan<byte> id) => _rows.Remove(VaultTable.Transfers, new RowName(id.ToArray()));

    internal void RemoveRoom(RoomId room)
    {
        foreach (StoredTransfer transfer in All().Where(transfer => transfer.Room == room))
            Remove(transfer.Id.Span);
    }
}
