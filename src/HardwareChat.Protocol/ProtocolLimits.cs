namespace HardwareChat.Protocol;

/// <summary>Every limit of the protocol: first what two implementations must agree on, then what only this one has chosen.</summary>
public static class ProtocolLimits
{
    // Specification: a verdict or an encoding depends on these.

    /// <summary>Items that one touch may vouch for.</summary>
    public const int GrantItemsPerTouch = 256;

    /// <summary>Key hashes in one grant item.</summary>
    public const int KeysPerGrantItem = 2;

    /// <summary>Hashes in the path of one of 256 items.</summary>
    public const int GrantPathHashes = 8;

    /// <summary>Bytes of a raw public key: an uncompressed P-384 point.</summary>
    public const int PublicKeyBytes = 97;

    /// <summary>Bytes of a SubjectPublicKeyInfo: P-384's.</summary>
    public const int SpkiBytes = 120;

    /// <summary>Bytes of a signature: P-384's.</summary>
    public const int SignatureBytes = 96;

    /// <summary>Seconds that a touch may claim to be ahead of the stamp under which it enters.</summary>
    public const ulong ClockSkew = 300;

    /// <summary>Leaves of one token in one room.</summary>
    public const int LeavesPerToken = 4;

    /// <summary>Leaves of one user in one room.</summary>
    public const int LeavesPerUser = 8;

    /// <summary>Characters of a handle.</summary>
    public const int HandleCharacters = 32;

    /// <summary>Founders of a registry.</summary>
    public const int Founders = 8;

    /// <summary>Tokens that one user may have enrolled and not revoked.</summary>
    public const int TokensPerUser = 8;

    /// <summary>Signatures on one statement: every founder's 9A and 9C.</summary>
    public const int StatementSignatures = 2 * Founders * TokensPerUser;

    /// <summary>Bytes of one statement, a policy with its attestation roots being the largest.</summary>
    public const int StatementBytes = 64 * 1024;

    /// <summary>Bytes of one evidence blob: an attestation chain or three.</summary>
    public const int EvidenceBytes = 32 * 1024;

    /// <summary>Evidence blobs that come with one statement: one for each token of a genesis.</summary>
    public const int EvidencePerStatement = Founders * TokensPerUser;

    /// <summary>Bytes of the evidence that comes with one statement.</summary>
    public const int EvidencePerStatementBytes = 8 * EvidenceBytes;

    /// <summary>Bytes of the evidence that comes with leaves which a restored relay has lost.</summary>
    public const int EvidencePerOfferBytes = 2 * 1024 * 1024;

    /// <summary>Attestation roots in a policy.</summary>
    public const int AttestationRoots = 16;

    /// <summary>Bytes of one attestation root certificate.</summary>
    public const int CertificateBytes = 4096;

    /// <summary>Rooms that the role statement of a bot may name.</summary>
    public const int BotRooms = 256;

    /// <summary>Seconds that an invite may live: 30 days.</summary>
    public const ulong InviteLifetime = 30 * 24 * 3600;

    /// <summary>The longest session that a policy may allow: 7 days.</summary>
    public const ulong SessionLifetimeCeiling = 7 * 24 * 3600;

    /// <summary>The longest room entry that a policy may allow after a touch: 24 h.</summary>
    public const ulong RoomEntryCeiling = 24 * 3600;

    /// <summary>The longest life of a key package that a policy may allow: 90 days.</summary>
    public const ulong KeyPackageLifetimeCeiling = 90 * 24 * 3600;

    /// <summary>The longest linger that a room may have: 90 days.</summary>
    public const ulong LingerCeiling = 90 * 24 * 3600;

    /// <summary>Linger of a room unless its owner says otherwise: 14 days.</summary>
    public const ulong LingerDefault = 14 * 24 * 3600;

    /// <summary>Owners, admins or listed handles of a room.</summary>
    public const int RoomHandles = 1000;

    /// <summary>Removals that a room keeps.</summary>
    public const int RoomRemovals = 1000;

    /// <summary>Leaves of a room.</summary>
    public const int RoomLeaves = 1000;

    /// <summary>Handshake entries that may stand after the position for which an application message was encrypted.</summary>
    public const int StaleHandshakes = 4;

    /// <summary>Bytes of an application message.</summary>
    public const int ApplicationMessageBytes = 64 * 1024;

    /// <summary>Bytes of a commit, without its GroupInfo.</summary>
    public const int CommitBytes = 256 * 1024;

    /// <summary>Bytes of a GroupInfo.</summary>
    public const int GroupInfoBytes = 2 * 1024 * 1024;

    /// <summary>Seconds between the stamp and the floor that a Removal may set.</summary>
    public const ulong FloorSkew = 300;

    /// <summary>Seconds by which a stamp may be ahead of the reader's clock before it waits.</summary>
    public const ulong StampAhead = 300;

    /// <summary>Entries by which the position that a Seen quotes may lie behind its own.</summary>
    public const ulong SeenReach = 1024;

    /// <summary>Seconds of grace before the reader's own clock makes a leaf void for what it sends.</summary>
    public const ulong FenceGrace = 600;

    /// <summary>External commits that one token may append to one room in an hour.</summary>
    public const int ExternalCommitsPerTokenHour = 3;

    /// <summary>External commits that one room takes in an hour.</summary>
    public const int ExternalCommitsPerRoomHour = 30;

    /// <summary>The least memory of a phrase's Argon2id, in KiB: 64 MiB.</summary>
    public const uint PhraseMemoryFloor = 64 * 1024;

    /// <summary>The most memory of a phrase's Argon2id, in KiB: 1 GiB.</summary>
    public const uint PhraseMemoryCeiling = 1024 * 1024;

    /// <summary>The fewest passes of a phrase's Argon2id.</summary>
    public const uint PhrasePassesFloor = 3;

    /// <summary>The most passes of a phrase's Argon2id.</summary>
    public const uint PhrasePassesCeiling = 16;

    /// <summary>Bytes of a phrase in UTF-8.</summary>
    public const int PhraseBytes = 512;

    /// <summary>Bytes of the first handshake message.</summary>
    public const int HelloBytes = 2 * 1024;

    /// <summary>Bytes of the third handshake message.</summary>
    public const int ClientAuthBytes = 16 * 1024;

    /// <summary>Bytes of the client's list of subprotocols.</summary>
    public const int SubprotocolBytes = 256;

    /// <summary>Bytes of one extension's body.</summary>
    public const int ExtensionBytes = 4 * 1024;

    /// <summary>Extensions in one list.</summary>
    public const int Extensions = 16;

    /// <summary>Seconds for which relay_key may certify a static key: 7 days.</summary>
    public const ulong RelayStaticLifetime = 7 * 24 * 3600;

    /// <summary>Seconds after which a member's channel ends, whatever its grant says: 24 h.</summary>
    public const ulong ChannelLifetime = 24 * 3600;

    /// <summary>Seconds after which a guest's channel ends: 15 min.</summary>
    public const ulong GuestChannelLifetime = 15 * 60;

    /// <summary>Bytes of a record: a Noise message.</summary>
    public const int RecordBytes = 65535;

    /// <summary>Records of one direction between two calls of Rekey().</summary>
    public const ulong RecordsPerKey = 4096;

    /// <summary>Bytes of a frame, put together from its parts: an Append with its GroupInfo, or 1,000 welcomes in one.</summary>
    public const int FrameBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of a frame of a guest: a genesis with its evidence.</summary>
    public const int GuestFrameBytes = EvidencePerStatementBytes + StatementBytes + (StatementSignatures * (36 + SignatureBytes)) + 1024;

    /// <summary>Bytes of an ephemeral message.</summary>
    public const int EphemeralBytes = 2 * 1024;

    /// <summary>Bytes of a Welcome: with the tree of 1,000 leaves.</summary>
    public const int WelcomeBytes = 1536 * 1024;

    /// <summary>Bytes of a key package.</summary>
    public const int KeyPackageBytes = 8 * 1024;

    /// <summary>Key packages in one publication.</summary>
    public const int KeyPackagesPerPublication = 64;

    /// <summary>Users whose key packages one request may ask for.</summary>
    public const int KeyPackageOwners = 64;

    /// <summary>Bytes of one blob's ciphertext: 4 GiB.</summary>
    public const ulong BlobBytes = 4UL * 1024 * 1024 * 1024;

    /// <summary>Bytes of a ticket for the blob endpoints.</summary>
    public const int TicketBytes = 256;

    /// <summary>Bytes of an address to which a relay may send its clients.</summary>
    public const int DrainAddressBytes = 255;

    /// <summary>Items in one answer that the asker then continues: rooms, welcomes, roster lines, healing offers.</summary>
    public const int ItemsPerPage = 1000;

    /// <summary>Bytes of the registry leaves in one answer.</summary>
    public const int LeavesPerPageBytes = 1024 * 1024;

    // Implementation: another one may choose otherwise and still talk with this one.

    /// <summary>Seconds for a whole handshake, from the socket to Ready.</summary>
    public const ulong HandshakeSeconds = 10;

    /// <summary>Sockets that have not finished their handshake.</summary>
    public const int HalfOpen = 1024;

    /// <summary>Sockets of one address (of one /64 in IPv6) that have not finished their handshake.</summary>
    public const int HalfOpenPerAddress = 16;

    /// <summary>Handshakes that the relay starts in a burst, from everywhere.</summary>
    public const double HandshakeBurst = 1024;

    /// <summary>Handshakes that the relay starts in a second, from everywhere, in the long run.</summary>
    public const double HandshakesPerSecond = 200;

    /// <summary>Handshakes that the relay starts in a burst, from one address.</summary>
    public const double HandshakeBurstPerAddress = 32;

    /// <summary>Handshakes that the relay starts in a second, from one address, in the long run.</summary>
    public const double HandshakesPerSecondPerAddress = 2;

    /// <summary>Addresses whose handshakes are counted; beyond them only the count of all holds.</summary>
    public const int CountedAddresses = 16 * 1024;

    /// <summary>Verified touches that a cache remembers.</summary>
    public const int RememberedTouches = 16 * 1024;

    /// <summary>Bytes of a checkpoint with its signatures.</summary>
    public const int CheckpointBytes = 16 * 1024;

    /// <summary>Signature lines of a checkpoint.</summary>
    public const int CheckpointSignatures = 64;

    /// <summary>Bytes of the address inside an invite.</summary>
    public const int RelayAddressBytes = 255;
}
