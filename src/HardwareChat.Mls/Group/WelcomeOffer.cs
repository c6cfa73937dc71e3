using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.4.3.1, in its order.

/// <summary>A Welcome that has been opened and is right in every respect that the library can see. <see cref="Accept"/> it, or dispose of it.</summary>
public sealed class WelcomeOffer : IDisposable
{
    private EpochState? _state;

    private WelcomeOffer(GroupInfo info, EpochState ownedState)
    {
        GroupInfo = info;
        _state = ownedState;
        Context = ownedState.Context;
        Tree = ownedState.Tree;
        OwnIndex = ownedState.Own;
    }

    /// <summary>The GroupInfo: its extensions, its signer.</summary>
    public GroupInfo GroupInfo { get; }

    /// <summary>The group's context.</summary>
    public GroupContext Context { get; }

    /// <summary>The group's tree.</summary>
    public RatchetTree Tree { get; }

    /// <summary>The joiner's leaf.</summary>
    public LeafIndex OwnIndex { get; }

    /// <summary>The confirmation tag of the commit with which the Welcome came. It is right.</summary>
    public ReadOnlySpan<byte> ConfirmationTag => GroupInfo.ConfirmationTag;

    /// <summary>Opens a Welcome. That the group is not one that the client is in already, the application checks.</summary>
    /// <param name="welcome">The Welcome.</param>
    /// <param name="keyPackage">The key package that it answers, with its private keys; stays the caller's, to be disposed of after acceptance.</param>
    /// <param name="policy">Judges every leaf of the tree; finds PSKs.</param>
    /// <param name="tree">The tree, if the GroupInfo does not carry it.</param>
    /// <param name="predecessor">The group that this one continues by ReInit or branch.</param>
    /// <exception cref="DecodeException">What was encrypted is malformed.</exception>
    /// <exception cref="ValidationException">A rule is broken.</exception>
    public static WelcomeOffer Open(Welcome welcome, KeyPackageBundle keyPackage, GroupPolicy policy, RatchetTree? tree = null, MlsGroup? predecessor = null)
    {
        ArgumentNullException.ThrowIfNull(welcome);
        ArgumentNullException.ThrowIfNull(keyPackage);
        ArgumentNullException.ThrowIfNull(policy);
        if (!CipherSuite.TryGet(welcome.CipherSuite, out CipherSuite? suite))
            throw new ValidationException(ValidationRule.CipherSuiteUnsupported, "the Welcome has a cipher suite that this library does not have");

        // "If [...] the cipher suite indicated in the KeyPackage does not match the one in the Welcome message, return an error."
        if (keyPackage.KeyPackage.CipherSuite != welcome.CipherSuite)
            throw new ValidationException(ValidationRule.WelcomeCipherSuite, "the Welcome has another cipher suite than the key package");
        using GroupSecrets secrets = OpenSecrets(suite, welcome, keyPackage);

        // "If a PreSharedKeyID is part of the GroupSecrets and the client is not in possession of the corresponding PSK, return an error.
        // Additionally, if a PreSharedKeyID has type resumption with usage reinit or branch, verify that it is the only such PSK."
        PreSharedKeyId[] links = [.. secrets.Psks.Where(static psk => psk.Usage is ResumptionPskUsage.ReInit or ResumptionPskUsage.Branch)];
        if (links.Length > 1)
            throw new ValidationException(ValidationRule.SuccessorGroup, "the Welcome links to more than one group");
        PreSharedKeyId? link = links.FirstOrDefault();
        PskLookup.Validate(suite, secrets.Psks, link?.Usage ?? ResumptionPskUsage.None);
        using PskLookup psks = PskLookup.Find(secrets.Psks, id => FindPsk(id, policy, predecessor));
        using Secret pskSecret = psks.DerivePskSecret(suite);
        GroupInfo info = OpenGroupInfo(suite, welcome, secrets.JoinerSecret, pskSecret);

        // "Verify that the cipher_suite in the GroupInfo matches the cipher_suite in the KeyPackage."
        if (info.Context.CipherSuite != welcome.CipherSuite)
            throw new ValidationException(ValidationRule.WelcomeCipherSuite, "the group has another cipher suite than the key package");
        RatchetTree groupTree = JoinChecks.ValidateGroupInfo(info, tree, policy);
        EpochState state = Begin(suite, info, groupTree, keyPackage, secrets, pskSecret);
        try
        {
            if (link is not null)
                ValidateSuccession(info, groupTree, link, predecessor, policy);
            return new WelcomeOffer(info, state);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>Joins. The offer is spent.</summary>
    public MlsGroup Accept(GroupOptions? options = null)
    {
        EpochState state = _state ?? throw new ObjectDisposedException(nameof(WelcomeOffer));
        MlsGroup group = MlsGroup.Of(state, options ?? new GroupOptions());
        _state = null;
        return group;
    }

    /// <summary>Erases the secrets of an offer that was not accepted.</summary>
    public void Dispose()
    {
        _state?.Dispose();
        _state = null;
    }

    private static GroupSecrets OpenSecrets(CipherSuite suite, Welcome welcome, KeyPackageBundle keyPackage)
    {
        // "Identify an entry in the secrets array where the new_member value corresponds to one of this client's KeyPackages".
        HpkeCiphertext encrypted = welcome.FindSecrets(keyPackage.KeyPackage.ComputeReference(suite))
            ?? throw new ValidationException(ValidationRule.WelcomeForUs, "the Welcome is not for this key package");

        // "Decrypt the encrypted_group_secrets value with [...] the private key init_key_priv corresponding to init_key".
        using Secret plaintext = suite.DecryptWithLabel(keyPackage.Keys.Init.PrivateKey, "Welcome"u8, welcome.EncryptedGroupInfo, encrypted)
            ?? throw new ValidationException(ValidationRule.WelcomeDecryption, "the group secrets do not decrypt");
        GroupSecrets secrets = GroupSecrets.Decode(plaintext.Span);
        if (secrets.JoinerSecret.Length == suite.HashLength && (secrets.PathSecret is null || secrets.PathSecret.Length == suite.HashLength))
            return secrets;
        secrets.Dispose();
        throw new ValidationException(ValidationRule.WelcomeDecryption, "a group secret has the wrong length");
    }

    private static GroupInfo OpenGroupInfo(CipherSuite suite, Welcome welcome, Secret joinerSecret, Secret pskSecret)
    {
        // "derive the welcome_secret and then the welcome_key and welcome_nonce. Use the key and nonce to decrypt the encrypted_group_info".
        using Secret welcomeSecret = KeySchedule.DeriveWelcomeSecret(suite, joinerSecret, pskSecret);
        using Secret key = suite.ExpandWithLabel(welcomeSecret, "key"u8, [], suite.KeyLength);
        using Secret nonce = suite.ExpandWithLabel(welcomeSecret, "nonce"u8, [], CipherSuite.NonceLength);
        if (welcome.EncryptedGroupInfo.Length < CipherSuite.TagLength)
            throw new ValidationException(ValidationRule.WelcomeDecryption, "the GroupInfo is shorter than its tag");
        byte[] plaintext = new byte[welcome.EncryptedGroupInfo.Length - CipherSuite.TagLength];
        return suite.TryOpen(key.Span, nonce.Span, [], welcome.EncryptedGroupInfo, plaintext)
            ? GroupInfo.Decode(plaintext)
            : throw new ValidationException(ValidationRule.WelcomeDecryption, "the GroupInfo does not decrypt");
    }

    private static EpochState Begin(CipherSuite suite, GroupInfo info, RatchetTree tree, KeyPackageBundle keyPackage, GroupSecrets secrets, Secret pskSecret)
    {
        // "Identify a leaf whose LeafNode is identical to the one in the KeyPackage. If no such field exists, return an error."
        LeafNode own = keyPackage.KeyPackage.LeafNode;
        (LeafIndex Index, LeafNode Leaf)[] found = [.. tree.Members.Where(member => member.Leaf.Equals(own)).Take(1)];
        if (found.Length == 0)
            throw new ValidationException(ValidationRule.OwnLeafPresent, "the joiner's leaf is not in the tree");

        TreePrivateKeys? keys = new(found[0].Index, keyPackage.Keys.Leaf.Copy());
        EpochSecrets? epochSecrets = null;
        try
        {
            // "If the path_secret value is set in the GroupSecrets object: Identify the lowest common ancestor of the leaf node my_leaf and of the
            // node of the member with leaf index GroupInfo.signer."
            if (secrets.PathSecret is not null)
                TreeKem.Join(tree, keys, info.Signer, secrets.PathSecret.Copy());

            // "Use the joiner_secret from the GroupSecrets object to generate the epoch secret and other derived secrets".
            epochSecrets = KeySchedule.DeriveEpoch(suite, secrets.JoinerSecret, pskSecret, info.Context.Encoded);

            // "Verify the confirmation tag in the GroupInfo using the derived confirmation key".
            if (!epochSecrets.VerifyConfirmationTag(info.Context.ConfirmedTranscriptHash, info.ConfirmationTag))
                throw new ValidationException(ValidationRule.ConfirmationTagValid, "the GroupInfo's confirmation tag is wrong");
            EpochState state = EpochState.Begin(info.Context, tree, MemberSupport.Of(tree), keys, epochSecrets, info.ConfirmationTag.ToArray());
            keys = null;
            epochSecrets = null;
            return state;
        }
        finally
        {
            keys?.Dispose();
            epochSecrets?.Dispose();
        }
    }

    private static Secret? FindPsk(PreSharedKeyId id, GroupPolicy policy, MlsGroup? predecessor)
        => (predecessor is not null && predecessor.GroupId.Equals(id.GroupId) ? predecessor.ResumptionPsk(id.Epoch) : null) ?? policy.FindPsk?.Invoke(id);

    // "If a PreSharedKeyID was used that has type resumption with usage reinit or branch, verify that the epoch field in the GroupInfo is
    // equal to 1."
    private static void ValidateSuccession(GroupInfo info, RatchetTree tree, PreSharedKeyId link, MlsGroup? predecessor, GroupPolicy policy)
    {
        if (predecessor is null || !predecessor.GroupId.Equals(link.GroupId))
            throw new ValidationException(ValidationRule.SuccessorGroup, "the Welcome continues a group that is not the one given");
        if (info.Context.Epoch != new Epoch(1))
            throw new ValidationException(ValidationRule.SuccessorGroup, "a group that continues another does not begin at epoch 1");

        if (link.Usage == ResumptionPskUsage.ReInit)
        {
            // "verify that the last Commit to the referenced group contains a ReInit proposal and that the group_id, version, cipher_suite, and
            // group_context.extensions fields of the GroupInfo match the ReInit proposal".
            if (predecessor.ReInit is not { } reInit
                || link.Epoch != predecessor.Epoch
                || !reInit.GroupId.Equals(info.Context.GroupId)
                || reInit.Version != ProtocolVersion.Mls10
                || reInit.CipherSuite != info.Context.CipherSuite
                || !reInit.Extensions.Equals(info.Context.Extensions))
            {
                throw new ValidationException(ValidationRule.ReInitParameters, "the group is not the one that the ReInit announced");
            }

            // "verify that all the members of the old group are also members of the new group, according to the application".
            RequireSubset(predecessor.Tree, tree, policy);
            return;
        }

        // "verify that the version and cipher_suite of the new group match those of the old group, and that the members of the new group
        // compose a subset of the members of the old group, according to the application".
        if (info.Context.CipherSuite != predecessor.Context.CipherSuite)
            throw new ValidationException(ValidationRule.SuccessorGroup, "a branch has another cipher suite than its group");
        RequireSubset(tree, predecessor.Tree, policy);
    }

    private static void RequireSubset(RatchetTree part, RatchetTree whole, GroupPolicy policy)
    {
        LeafNode[] candidates = [.. whole.Members.Select(static member => member.Leaf)];
        foreach ((LeafIndex index, LeafNode leaf) in part.Members)
        {
            if (!candidates.Any(candidate => policy.Credentials.IsSameClient(leaf, candidate)))
                throw new ValidationException(ValidationRule.SuccessorGroup, $"{index} has no counterpart in the other group");
        }
    }
}
