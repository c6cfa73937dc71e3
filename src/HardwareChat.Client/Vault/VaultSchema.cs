namespace HardwareChat.Client;

// application_id  0x48575631 ("HWV1")
// user_version    VaultHeader.CurrentSchema
// wrapping        the vault key under each recipient's key
// header          one row: the vault's id, and the sealed VaultHeader
// one table for each VaultTable: id (order of insertion), key (RowName's image), version, nonce, value (sealed)
//
// A file whose schema is not exactly this one, to the letter, is not opened: triggers and views that somebody added would run in our name.

/// <summary>The SQL of a vault file.</summary>
internal static class VaultSchema
{
    public const long ApplicationId = 0x48575631;

    public static string NameOf(VaultTable table) => table switch
    {
        VaultTable.Settings => "settings",
        VaultTable.Sessions => "sessions",
        VaultTable.RegistryLeaves => "registry_leaves",
        VaultTable.RegistryEvidence => "registry_evidence",
        VaultTable.RegistryHead => "registry_head",
        VaultTable.Rooms => "rooms",
        VaultTable.RoomStates => "room_states",
        VaultTable.Drafts => "drafts",
        VaultTable.KeyPackages => "key_packages",
        VaultTable.Messages => "messages",
        VaultTable.MessageIds => "message_ids",
        VaultTable.Outbox => "outbox",
        VaultTable.Transfers => "transfers",
        VaultTable.Contacts => "contacts",
        VaultTable.Idempotency => "idempotency",
        VaultTable.Events => "events",
        VaultTable.Recipients => "recipients",
        _ => throw new ArgumentOutOfRangeException(nameof(table)),
    };

    public static IReadOnlyList<VaultTable> Tables { get; } = Enum.GetValues<VaultTable>();

    /// <summary>The statements that make an empty vault, as sqlite_schema then repeats them.</summary>
    public static IReadOnlyList<string> Statements { get; } =
    [
        "CREATE TABLE wrapping (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT",
        "CREATE TABLE header (id INTEGER PRIMARY KEY, vault BLOB NOT NULL, nonce BLOB NOT NULL, value BLOB NOT NULL) STRICT",
        .. Tables.Select(table =>
            $"CREATE TABLE {NameOf(table)} (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, version INTEGER NOT NULL, nonce BLOB NOT NULL, value BLOB NOT NULL) STRICT"),
    ];
}
