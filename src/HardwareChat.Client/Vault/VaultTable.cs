namespace HardwareChat.Client;

// The number of a table is under the seal of each of its rows, and its name is that of the SQL table: neither changes, and a number
// that fell out of use is not given again.

/// <summary>The tables of sealed rows.</summary>
internal enum VaultTable : byte
{
    Settings = 1,
    Sessions = 2,
    RegistryLeaves = 3,
    RegistryEvidence = 4,
    RegistryHead = 5,
    Rooms = 6,
    RoomStates = 7,
    Drafts = 8,
    KeyPackages = 9,
    Messages = 10,
    MessageIds = 11,
    Outbox = 12,
    Transfers = 13,
    Contacts = 14,
    Idempotency = 15,
    Events = 16,
    Recipients = 17,
}
