namespace HardwareChat.Protocol;

/// <summary>The rule of a room that an entry, a commit or a policy breaks.</summary>
public enum RoomRule
{
    // The chain. What breaks it is not processed at all.

    /// <summary>The entry is of another room.</summary>
    OtherRoom = 1,

    /// <summary>The sequence is not the next one.</summary>
    Sequence,

    /// <summary>previous is not the hash of the entry before.</summary>
    Previous,

    /// <summary>The stamp's time is less than that of the entry before.</summary>
    TimeGoesBack,

    /// <summary>The stamp's registry size is less than that of the entry before.</summary>
    RegistryGoesBack,

    /// <summary>message_hash is not the hash of the message.</summary>
    MessageHash,

    // Not yet: the entry waits.

    /// <summary>The stamp's time is more than five minutes ahead of the reader's clock: the entry is not read yet, and the person is warned.</summary>
    AheadOfClock,

    /// <summary>The stamp's registry size is beyond the reader's replica: it syncs first.</summary>
    BeyondReplica,

    // The entry. What breaks a rule from here on is skipped by every reader alike.

    /// <summary>The content does not fit the entry's kind.</summary>
    Kind,

    /// <summary>The message is longer than its kind may be.</summary>
    Size,

    /// <summary>Seen quotes entries that do not stand before this one.</summary>
    SeenAhead,

    /// <summary>Seen's room head is not the reader's at that size: two logs, or a lie.</summary>
    SeenRoom,

    /// <summary>Seen quotes more registry than the stamp has.</summary>
    SeenBeyondStamp,

    /// <summary>Seen's registry root is not the reader's at that size: two logs, or a lie.</summary>
    SeenRegistry,

    /// <summary>Seen quotes a position before its message's epoch began, or too many entries back: it is made again. No lie, and no alarm.</summary>
    SeenStale,

    /// <summary>The sender's leaf is not active at the stamp, and the entry is no renewal of it.</summary>
    SenderNotActive,

    /// <summary>The sender is not in the tree at this position.</summary>
    SenderGone,

    // Who may commit what.

    /// <summary>A commit of a dormant leaf holds more than its own renewal.</summary>
    RenewalOnly,

    /// <summary>The committer may not add.</summary>
    AddNotAllowed,

    /// <summary>The room's door is not open to this user.</summary>
    DoorClosed,

    /// <summary>The committer may not remove that leaf.</summary>
    RemoveNotAllowed,

    /// <summary>A proposal of a kind that rooms do not take: Update, ReInit, external senders, or unknown.</summary>
    ProposalKind,

    /// <summary>A proposal by reference that is not a member's removal of itself.</summary>
    ByReference,

    /// <summary>An external commit holds no, or more than one, or another pre-shared key than the door asks for.</summary>
    Phrase,

    /// <summary>The committer may not change the group's context, or changes what may not change.</summary>
    ContextNotAllowed,

    /// <summary>An admin removes somebody and puts no Removal.</summary>
    RemovalMissing,

    /// <summary>A Removal was added, changed, kept or dropped that does not follow from this commit.</summary>
    RemovalMismatch,

    /// <summary>A floor is not within five minutes of the stamp.</summary>
    RemovalFloorTime,

    /// <summary>The room would have more than 1,000 leaves.</summary>
    RoomFull,

    // The room's policy.

    /// <summary>H("room", genesis) is not the room's id.</summary>
    PolicyGenesis,

    /// <summary>The genesis is of another registry.</summary>
    PolicyRegistry,

    /// <summary>The policy's version is below one seen; in a commit, it is not the next.</summary>
    PolicyVersion,

    /// <summary>The signer's grant does not verify.</summary>
    PolicyGrant,

    /// <summary>The signer's token is revoked.</summary>
    PolicySignerRevoked,

    /// <summary>The signer is neither an owner nor an admin of the registry.</summary>
    PolicySigner,

    /// <summary>The signature does not verify.</summary>
    PolicySignature,

    /// <summary>Argon2id would be weaker than the floor, or heavier than the ceiling.</summary>
    PhraseWork,

    // The roster.

    /// <summary>Only an owner drops from the roster or moves the door.</summary>
    RosterNotOwner,
}
