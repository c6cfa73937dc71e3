using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>The tables, inside <see cref="Vault.Read{T}"/> or <see cref="Vault.Write(Action{VaultTransaction})"/>. Of no use afterwards.</summary>
public sealed class VaultTransaction
{
    internal VaultTransaction(VaultRows rows)
    {
        Rows = rows;
        Settings = new SettingTable(rows);
        Sessions = new SessionTable(rows);
        Registry = new RegistryTable(rows);
        Rooms = new RoomTable(rows);
        KeyPackages = new KeyPackageTable(rows);
        Messages = new MessageTable(rows, Changes);
        Outbox = new OutboxTable(rows);
        Transfers = new TransferTable(rows);
        Contacts = new ContactTable(rows);
        Idempotency = new IdempotencyTable(rows);
        Events = new EventTable(rows);
    }

    /// <summary>Named values.</summary>
    public SettingTable Settings { get; }

    /// <summary>Secret state of sessions.</summary>
    public SessionTable Sessions { get; }

    /// <summary>The replica of the registry.</summary>
    public RegistryTable Registry { get; }

    /// <summary>Rooms, their MLS states and drafts.</summary>
    public RoomTable Rooms { get; }

    /// <summary>Private halves of key packages.</summary>
    public KeyPackageTable KeyPackages { get; }

    /// <summary>The history.</summary>
    public MessageTable Messages { get; }

    /// <summary>What waits to be sent.</summary>
    public OutboxTable Outbox { get; }

    /// <summary>Attachments on their way.</summary>
    public TransferTable Transfers { get; }

    /// <summary>Marks of verification.</summary>
    public ContactTable Contacts { get; }

    /// <summary>Keys under which programs asked for something.</summary>
    public IdempotencyTable Idempotency { get; }

    /// <summary>Events of JSON mode.</summary>
    public EventTable Events { get; }

    /// <summary>Removes all that belongs to a room, history included.</summary>
    public void RemoveRoom(RoomId room)
    {
        Messages.RemoveRoom(room);
        Outbox.RemoveRoom(room);
        Transfers.RemoveRoom(room);
        Rooms.Remove(room);
    }

    internal VaultRows Rows { get; }

    internal List<MessageChange> Changes { get; } = [];
}
