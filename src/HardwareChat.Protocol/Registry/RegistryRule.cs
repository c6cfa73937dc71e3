namespace HardwareChat.Protocol;

/// <summary>The rule of the registry that a leaf breaks, in the order in which the rules are checked.</summary>
public enum RegistryRule
{
    /// <summary>The bytes are no leaf.</summary>
    Malformed = 1,

    /// <summary>A version of Statement that this code does not know: it must be updated before it can read on.</summary>
    UnknownVersion,

    /// <summary>A kind of statement that this code does not know: it must be updated before it can read on.</summary>
    UnknownKind,

    /// <summary>Genesis is the first statement, and only the first.</summary>
    GenesisFirst,

    /// <summary>The statement is for another registry.</summary>
    OtherRegistry,

    /// <summary>appended_at is less than that of the leaf before.</summary>
    TimeGoesBack,

    /// <summary>A statement with this StatementId stands already.</summary>
    Repeated,

    /// <summary>base_size is more than the leaves before this one; or, on sight, than the reader has.</summary>
    BaseSize,

    /// <summary>base_root is not the root at base_size: the statement was signed on another history.</summary>
    BaseRoot,

    /// <summary>Something about the same subject, about a signer, or by the same signer was appended since base_size: sign again.</summary>
    Superseded,

    /// <summary>A signer is named twice.</summary>
    SignerTwice,

    /// <summary>A signer is no key that the registry knows at this point, or its token is revoked.</summary>
    SignerUnknown,

    /// <summary>A signer may not sign this.</summary>
    SignerNotEntitled,

    /// <summary>A signer that the kind asks for is missing, or fewer admins signed than the policy's threshold.</summary>
    SignerMissing,

    /// <summary>A signature does not verify, or is not in the one form that travels (a high s).</summary>
    Signature,

    /// <summary>The founders are not one to eight, or a founder has no token, or a founder's token has no 9C key.</summary>
    Founders,

    /// <summary>The invite has been used, or an invite with this key stands already.</summary>
    InviteSpent,

    /// <summary>The invite expired before appended_at.</summary>
    InviteExpired,

    /// <summary>The invite would live longer than 30 days, or is over when it is made.</summary>
    InviteLifetime,

    /// <summary>The invite is for another handle.</summary>
    InviteHandle,

    /// <summary>The handle, or one that looks like it, is or was another user's.</summary>
    HandleTaken,

    /// <summary>There is no user with this handle.</summary>
    UserUnknown,

    /// <summary>The token or one of its keys was enrolled before.</summary>
    KeyTaken,

    /// <summary>The user has as many tokens as a user may have.</summary>
    TokensPerUser,

    /// <summary>There is no such token.</summary>
    TokenUnknown,

    /// <summary>The token is revoked already.</summary>
    TokenRevoked,

    /// <summary>A bot stays a bot, nobody else becomes one; and an admin needs a token with a 9C key.</summary>
    RoleChange,

    /// <summary>A policy's version is not the next one, or its values are out of range.</summary>
    PolicyVersion,

    /// <summary>The evidence blob is missing, or is not the one that was named.</summary>
    EvidenceMissing,

    /// <summary>The evidence does not satisfy the policy.</summary>
    EvidenceRefused,

    /// <summary>No admin, or fewer than the threshold, would remain who can sign.</summary>
    AdminsRemain,
}
