namespace HardwareChat.Protocol;

/// <summary>A check of the channel. Each is broken by exactly one test.</summary>
/// <remarks>Names are what must hold. The wire tells a peer none of them: a handshake is refused in one way.</remarks>
public enum ChannelRule
{
    // Both ends of the handshake.

    /// <summary>A handshake message has at least its fields and at most its limit.</summary>
    HandshakeMessageSize,

    /// <summary>A handshake message is authentic.</summary>
    HandshakeDecrypts,

    /// <summary>No X25519 result is all zeros.</summary>
    SharedSecretIsNotZero,

    /// <summary>No extension is unknown and critical.</summary>
    CriticalExtensionIsKnown,

    /// <summary>The chosen subprotocol is ours, and was offered.</summary>
    SubprotocolIsOffered,

    // Client, before it says who it is.

    /// <summary>RelayStatic.static_key is the s that the handshake brought.</summary>
    RelayStaticIsTheHandshakes,

    /// <summary>RelayStatic names this registry.</summary>
    RelayStaticIsOfThisRegistry,

    /// <summary>relay_key signed RelayStatic.</summary>
    RelayStaticIsSigned,

    /// <summary>The dates of RelayStatic are at most 7 days apart and hold now.</summary>
    RelayStaticIsCurrent,

    /// <summary>relay_key is the pinned one, or the succession leads to it.</summary>
    RelayKeyIsPinned,

    // Relay, before it says Ready; in this order.

    /// <summary>The touch is of this registry.</summary>
    GrantIsOfThisRegistry,

    /// <summary>The token is enrolled.</summary>
    TokenIsEnrolled,

    /// <summary>The token is not revoked.</summary>
    TokenIsNotRevoked,

    /// <summary>The touch quotes a head that this registry had.</summary>
    GrantHeadIsKnown,

    /// <summary>No sign-out of the token stands at or after the head that the touch quotes.</summary>
    SessionIsNotSignedOut,

    /// <summary>The touch is not from the future, not over, and not longer than the policy allows; enter_by is not_after.</summary>
    GrantIsCurrent,

    /// <summary>The grant's purpose is a channel.</summary>
    GrantIsForAChannel,

    /// <summary>The grant's context is this relay.</summary>
    GrantIsForThisRelay,

    /// <summary>The grant's key is the s that the handshake brought.</summary>
    GrantNamesTheStaticKey,

    /// <summary>The path leads from the grant's item to the touch's root.</summary>
    GrantIsInTheTouch,

    /// <summary>The token signed the touch.</summary>
    TouchIsSigned,

    /// <summary>A guest's invite is open.</summary>
    InviteIsOpen,

    /// <summary>The invite key signed the guest's static key for this relay.</summary>
    GuestIsSigned,

    // Records.

    /// <summary>A record has at most 65,535 bytes.</summary>
    RecordSize,

    /// <summary>A record is authentic, and the next one of its direction.</summary>
    RecordDecrypts,

    /// <summary>Parts follow each other, full ones and then the last.</summary>
    PartsAreInOrder,

    /// <summary>A frame, put together, is within its limit.</summary>
    FrameSize,

    /// <summary>Nothing follows a close.</summary>
    NothingFollowsClose,

    /// <summary>The channel's time is not over.</summary>
    ChannelIsWithinItsLifetime,
}

/// <summary>Well-formed bytes broke a rule of the channel, which is over.</summary>
public sealed class ChannelException : Exception
{
    /// <summary>A broken rule.</summary>
    public ChannelException(ChannelRule rule)
        : base($"channel rule broken: {rule}") => Rule = rule;

    /// <summary>The rule.</summary>
    public ChannelRule Rule { get; }
}
