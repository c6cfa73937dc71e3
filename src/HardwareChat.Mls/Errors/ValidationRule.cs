namespace HardwareChat.Mls;

/// <summary>The rules that well-formed input can break, in the order of RFC 9420.</summary>
/// <remarks>Each names its section; ValSem is its number in OpenMLS's list.</remarks>
public enum ValidationRule
{
    /// <summary>No rule.</summary>
    None = 0,

    // ---- RFC 9420 §5: cryptographic objects

    /// <summary>§5.1: a cipher suite that this library does not have.</summary>
    CipherSuiteUnsupported,

    /// <summary>§5.1.1, RFC 9180 §7.1.4: an HPKE public key has the suite's form and is a point of its curve.</summary>
    EncryptionKeyWellFormed,

    /// <summary>§5.1.1: a signature public key has the scheme's form and is a point of its curve.</summary>
    SignatureKeyWellFormed,

    /// <summary>§5.1.3, RFC 9180 §5.2: an HPKE ciphertext opens.</summary>
    HpkeDecryption,

    /// <summary>§5.3.1: the application accepts the credential of a leaf that enters the tree.</summary>
    CredentialAccepted,

    /// <summary>§5.3.1: a successor's credential is acceptable for the identity that it follows.</summary>
    CredentialSuccession,

    /// <summary>§12.1.8.1: an external sender's credential is accepted by the application.</summary>
    ExternalSenderCredentialAccepted,

    // ---- RFC 9420 §6: framing

    /// <summary>§6: the protocol version is mls10.</summary>
    ProtocolVersion,

    /// <summary>§6: the message is of this group (ValSem002).</summary>
    GroupIdMatches,

    /// <summary>§6, §14: the message is of an epoch that is at hand (ValSem003).</summary>
    EpochMatches,

    /// <summary>§6: a member's message comes from a leaf that is not blank (ValSem004).</summary>
    SenderIsMember,

    /// <summary>§6: the sender's type may send this content.</summary>
    SenderTypeAllowed,

    /// <summary>§6: application data is sent as a PrivateMessage only (ValSem005).</summary>
    ApplicationDataEncrypted,

    /// <summary>§6.3: a PrivateMessage decrypts (ValSem006).</summary>
    Decryption,

    /// <summary>§9.1: the generation of a PrivateMessage is unused and within the bounds kept.</summary>
    GenerationAvailable,

    /// <summary>§6.3.2: the sender data of a PrivateMessage decrypts and names a leaf.</summary>
    SenderDataDecryption,

    /// <summary>§6.2: a member's PublicMessage has a membership tag (ValSem007).</summary>
    MembershipTagPresent,

    /// <summary>§6.2: the membership tag is right (ValSem008).</summary>
    MembershipTagValid,

    /// <summary>§6.1: a commit has a confirmation tag, nothing else has one (ValSem009).</summary>
    ConfirmationTagPresent,

    /// <summary>§6.1: the signature of the content is right (ValSem010).</summary>
    MessageSignature,

    /// <summary>§6.3.1: the padding is all zero (ValSem011).</summary>
    PaddingZero,

    /// <summary>§6: the wire format is one that the group's policy takes for this content.</summary>
    WireFormatAllowed,

    // ---- RFC 9420 §7.3: leaf node validation

    /// <summary>§7.3: "Verify that the signature on the LeafNode is valid using signature_key".</summary>
    LeafSignature,

    /// <summary>§7.3: the required extensions, proposals and credential types are in the leaf's capabilities (ValSem106).</summary>
    RequiredCapabilities,

    /// <summary>§7.3: the leaf's credential type is supported by all members.</summary>
    CredentialTypeSupportedByMembers,

    /// <summary>§7.3: the leaf supports the credential types that the other members use.</summary>
    CredentialTypesInUseSupported,

    /// <summary>§7.2: the leaf's own credential type is in its capabilities.</summary>
    OwnCredentialTypeListed,

    /// <summary>§7.3: the time is within the leaf's lifetime.</summary>
    Lifetime,

    /// <summary>§7.2: the leaf's lifetime is not longer in total than the application takes.</summary>
    LifetimeTotal,

    /// <summary>§7.3: every extension of the leaf is in its capabilities.</summary>
    LeafExtensionsListed,

    /// <summary>§13.4: an extension type occurs once in a list.</summary>
    ExtensionsUnique,

    /// <summary>§7.2, §7.3: the leaf's capabilities list the group's protocol version and cipher suite.</summary>
    LeafSupportsGroup,

    /// <summary>§7.3: leaf_node_source is key_package in a KeyPackage.</summary>
    LeafSourceKeyPackage,

    /// <summary>§7.3: leaf_node_source is update in an Update.</summary>
    LeafSourceUpdate,

    /// <summary>§7.3: leaf_node_source is commit in an UpdatePath.</summary>
    LeafSourceCommit,

    /// <summary>§7.3: the encryption key of an Update differs from the one replaced (ValSem110).</summary>
    UpdateKeyNew,

    /// <summary>§7.3: signature_key is unique among the members (ValSem101, ValSem206).</summary>
    SignatureKeyUnique,

    /// <summary>§7.3, §12.4.3.1: encryption keys are unique in the tree (ValSem103, ValSem206, ValSem207).</summary>
    EncryptionKeyUnique,

    // ---- RFC 9420 §7.4-§7.9: the tree

    /// <summary>§12.4.3.3: no blank nodes follow the last node of a transmitted tree (ValSem300).</summary>
    TreeTrailingBlanks,

    /// <summary>§12.4.3.3: leaves stand at even places of a transmitted tree, parents at odd ones; and there is a leaf.</summary>
    TreeShape,

    /// <summary>§7.1: unmerged_leaves is sorted and has no duplicates.</summary>
    UnmergedLeavesSorted,

    /// <summary>§12.4.3.1: an unmerged leaf is a non-blank leaf below the node.</summary>
    UnmergedLeafDescendant,

    /// <summary>§12.4.3.1: every non-blank node between an unmerged leaf and its parent lists that leaf too.</summary>
    UnmergedLeafInBetween,

    /// <summary>§7.9.2: every non-blank parent node is parent-hash valid.</summary>
    ParentHashValid,

    /// <summary>§12.4.3.1: the tree's hash is the GroupContext's tree_hash.</summary>
    TreeHashMatches,

    /// <summary>§7.5, §12.4.2: the new leaf's parent_hash is that of the path (§7.9.2).</summary>
    LeafParentHashMatches,

    /// <summary>§7.6: the path is as long as the filtered direct path (ValSem202).</summary>
    PathLength,

    /// <summary>§7.6: a path node has one ciphertext for each node of the resolution.</summary>
    PathCiphertextCount,

    /// <summary>§7.5: a path secret decrypts (ValSem203).</summary>
    PathDecryption,

    /// <summary>§7.5: the path's public keys are those of its secrets (ValSem204).</summary>
    PathKeysMatch,

    // ---- RFC 9420 §8: key schedule

    /// <summary>§8.4: a PSK is at hand.</summary>
    PskAvailable,

    /// <summary>§8.4: psk_nonce has KDF.Nh bytes (ValSem401).</summary>
    PskNonceLength,

    /// <summary>§8.4, §12.1.4: the type and usage of a PSK are allowed where it stands (ValSem402).</summary>
    PskUsageAllowed,

    /// <summary>§12.2: a PSK is referenced once (ValSem403).</summary>
    PskUnique,

    /// <summary>§8.1: the confirmation tag is right (ValSem205).</summary>
    ConfirmationTagValid,

    // ---- RFC 9420 §10, §11: key packages, group creation

    /// <summary>§10.1: the version and cipher suite of a KeyPackage are the group's (ValSem105).</summary>
    KeyPackageMatchesGroup,

    /// <summary>§10.1: the signature of a KeyPackage is right.</summary>
    KeyPackageSignature,

    /// <summary>§10.1: init_key differs from the leaf's encryption_key (ValSem104).</summary>
    InitKeyDistinct,

    /// <summary>§12.2, §16.8: init keys are unique in a proposal list (ValSem102).</summary>
    InitKeyUnique,

    /// <summary>§11.1: every member supports the required capabilities.</summary>
    MembersMeetRequiredCapabilities,

    /// <summary>§11.2, §12.4.3.1: a group that follows a ReInit has its parameters.</summary>
    ReInitParameters,

    /// <summary>§11.2, §11.3: a PSK of usage reinit or branch is the only such one, and the new group's epoch is 1.</summary>
    SuccessorGroup,

    // ---- RFC 9420 §12.1, §12.2: proposals

    /// <summary>§12.2: an Update is not of the committer (ValSem111).</summary>
    UpdateNotByCommitter,

    /// <summary>§12.1.2: an Update comes from a member (ValSem112).</summary>
    UpdateByMember,

    /// <summary>§12.1.3: a Remove names a non-blank leaf (ValSem108).</summary>
    RemoveExistingMember,

    /// <summary>§12.2: a commit does not remove its committer (ValSem200).</summary>
    RemoveNotOfCommitter,

    /// <summary>§12.2: one Update or Remove a leaf (ValSem107).</summary>
    OneChangePerLeaf,

    /// <summary>§12.2: no two Adds are of the same client.</summary>
    AddUnique,

    /// <summary>§12.2: no Add is of a client already in the group.</summary>
    AddNotMember,

    /// <summary>§12.2: at most one GroupContextExtensions (ValSem208).</summary>
    OneGroupContextExtensions,

    /// <summary>§12.1.7: every member supports each extension of the GroupContext (ValSem209).</summary>
    GroupContextExtensionsSupported,

    /// <summary>§12.2: a ReInit stands alone.</summary>
    ReInitAlone,

    /// <summary>§12.1.5: a ReInit does not go back to an older version.</summary>
    ReInitVersion,

    /// <summary>§12.2: no ExternalInit in the commit of a member.</summary>
    ExternalInitNotByMember,

    /// <summary>§12.2: every member that stays supports each proposal's type (ValSem113).</summary>
    ProposalTypeSupported,

    /// <summary>§12.1.8: an external proposal is of a type that may come from outside.</summary>
    ExternalProposalType,

    /// <summary>§12.1.8.1: an external sender's index is in external_senders.</summary>
    ExternalSenderKnown,

    /// <summary>§12.4: a proposal named by reference is at hand.</summary>
    ProposalReferenceKnown,

    // ---- RFC 9420 §12.4: commits

    /// <summary>§12.4: the path is present where it is required (ValSem201).</summary>
    PathRequired,

    /// <summary>§12.2, §12.4.3.2: exactly one ExternalInit in an external commit (ValSem240).</summary>
    ExternalCommitOneExternalInit,

    /// <summary>§12.2: an external commit has only ExternalInit, Remove and PreSharedKey (ValSem241, ValSem242).</summary>
    ExternalCommitProposals,

    /// <summary>§12.2: an external commit removes at most one leaf, the joiner's own former one.</summary>
    ExternalCommitRemove,

    /// <summary>§12.4.3.2: an external commit has no proposals by reference (ValSem244).</summary>
    ExternalCommitInline,

    /// <summary>§12.4.3.2: an external commit has a path (ValSem245).</summary>
    ExternalCommitPath,

    /// <summary>§12.4.3.2: an external commit's signature is by its path's leaf (ValSem246).</summary>
    ExternalCommitSignature,

    /// <summary>§12.4.1: a commit of this client's own that comes back is the one that is pending.</summary>
    OwnCommitPending,

    // ---- RFC 9420 §12.4.3: joining

    /// <summary>§12.4.3.1: a Welcome is for a KeyPackage at hand.</summary>
    WelcomeForUs,

    /// <summary>§12.4.3.1: the cipher suites of KeyPackage, Welcome and GroupInfo are the same.</summary>
    WelcomeCipherSuite,

    /// <summary>§12.4.3.1: the encrypted GroupInfo and GroupSecrets of a Welcome open.</summary>
    WelcomeDecryption,

    /// <summary>§12.4.3.1: the GroupInfo's signature is right, by a non-blank leaf.</summary>
    GroupInfoSignature,

    /// <summary>§12.4.3.1: the ratchet tree is at hand.</summary>
    RatchetTreePresent,

    /// <summary>§12.4.3.1: the joiner's leaf is in the tree.</summary>
    OwnLeafPresent,

    /// <summary>§12.4.3.1: the private keys of a path secret are those of the tree's public keys.</summary>
    WelcomePathSecret,

    /// <summary>§12.4.3.2: a GroupInfo for an external join has external_pub.</summary>
    ExternalPubPresent,

    /// <summary>§12.1.3, §14: the group no longer has this client.</summary>
    Evicted,
}
