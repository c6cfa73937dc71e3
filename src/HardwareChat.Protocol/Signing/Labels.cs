namespace HardwareChat.Protocol;

/// <summary>Every label of the protocol, in one place, so that no two uses can share one.</summary>
public static class Labels
{
    // Signed: the bytes under a signature begin "HardwareChat 1 " + label + 0x00.

    /// <summary>Signed by a token's 9A key: a Touch.</summary>
    public static ReadOnlySpan<byte> Touch => "touch"u8;

    /// <summary>Signed by whoever the registry asks: a Statement. Also the label of its StatementId.</summary>
    public static ReadOnlySpan<byte> Statement => "statement"u8;

    /// <summary>Signed by relay_key: a RelayStatic.</summary>
    public static ReadOnlySpan<byte> RelayStatic => "relay static"u8;

    /// <summary>Signed by an invite key: RelayId || s.</summary>
    public static ReadOnlySpan<byte> Guest => "guest"u8;

    /// <summary>Signed by a session key: a RoomPolicy.</summary>
    public static ReadOnlySpan<byte> RoomPolicy => "room policy"u8;

    /// <summary>Signed by a token's key at its owner's wish: what <c>hwchat-tools token sign</c> says of a file.</summary>
    public static ReadOnlySpan<byte> File => "file"u8;

    /// <summary>Signed by a token's key to try it: random bytes, of no use to anybody.</summary>
    public static ReadOnlySpan<byte> TouchTest => "touch test"u8;

    // Hashed: H(label, x) = SHA-256("HardwareChat 1 " + label + 0x00 + x).

    /// <summary>SessionId = H("session", Touch).</summary>
    public static ReadOnlySpan<byte> Session => "session"u8;

    /// <summary>RelayId = H("relay", relay_key).</summary>
    public static ReadOnlySpan<byte> Relay => "relay"u8;

    /// <summary>KeyHash = H("key", public key).</summary>
    public static ReadOnlySpan<byte> Key => "key"u8;

    /// <summary>RoomId = H("room", RoomGenesis).</summary>
    public static ReadOnlySpan<byte> Room => "room"u8;

    /// <summary>EntryHash = H("room entry", RoomEntry).</summary>
    public static ReadOnlySpan<byte> RoomEntry => "room entry"u8;

    /// <summary>The checksum of a code on paper: H("paper code", kind || bytes).</summary>
    public static ReadOnlySpan<byte> PaperCode => "paper code"u8;

    /// <summary>By which a token finds its wrapping of a vault key: the first bytes of H("vault hint", vault id || recipient id).</summary>
    public static ReadOnlySpan<byte> VaultHint => "vault hint"u8;

    /// <summary>The id of a vault's recovery key among its recipients: H("vault recovery id", public key).</summary>
    public static ReadOnlySpan<byte> VaultRecoveryId => "vault recovery id"u8;

    /// <summary>The digest that two people compare: H("comparison", ComparedUsers).</summary>
    public static ReadOnlySpan<byte> Comparison => "comparison"u8;

    // Mixed into a handshake.

    /// <summary>The prologue of the channel's Noise handshake.</summary>
    public static ReadOnlySpan<byte> Channel => "channel"u8;

    // Derived or authenticated: the info of an HKDF, the prefix of an HMAC.

    /// <summary>HKDF info of the invite key.</summary>
    public static ReadOnlySpan<byte> InviteKey => "invite key"u8;

    /// <summary>HKDF info of the relay's receipt key.</summary>
    public static ReadOnlySpan<byte> ReceiptKey => "receipt key"u8;

    /// <summary>HMAC prefix of a room entry's receipt.</summary>
    public static ReadOnlySpan<byte> EntryReceipt => "entry receipt"u8;

    /// <summary>HMAC prefix of a registry leaf's receipt.</summary>
    public static ReadOnlySpan<byte> LeafReceipt => "leaf receipt"u8;

    /// <summary>The psk_id prefix and HKDF info of a room's phrase.</summary>
    public static ReadOnlySpan<byte> Phrase => "phrase"u8;

    /// <summary>HKDF info of the key that wraps a vault key.</summary>
    public static ReadOnlySpan<byte> Vault => "vault"u8;

    /// <summary>Associated data of a wrapped vault key.</summary>
    public static ReadOnlySpan<byte> VaultWrapping => "vault wrapping"u8;

    /// <summary>HKDF info of a vault's recovery key, from the code on paper.</summary>
    public static ReadOnlySpan<byte> VaultRecovery => "vault recovery"u8;

    /// <summary>HKDF info of the key that seals a vault's values.</summary>
    public static ReadOnlySpan<byte> VaultValues => "vault values"u8;

    /// <summary>HKDF info of the key that hides the names of a vault's rows.</summary>
    public static ReadOnlySpan<byte> VaultNames => "vault names"u8;

    /// <summary>HKDF info of the key that sums a vault's rows.</summary>
    public static ReadOnlySpan<byte> VaultSums => "vault sums"u8;

    /// <summary>HKDF info of the key that seals a backup, and its associated data.</summary>
    public static ReadOnlySpan<byte> VaultBackup => "vault backup"u8;
}
