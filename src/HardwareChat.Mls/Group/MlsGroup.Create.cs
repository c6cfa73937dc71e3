namespace HardwareChat.Mls;

public sealed partial class MlsGroup
{
    // RFC 9420 §11: "Initialize a one-member group": epoch 0, an empty confirmed transcript hash, an epoch secret that is "A fresh random
    // value of size KDF.Nh".

    /// <summary>A new group with one member.</summary>
    /// <param name="suite">Its algorithms.</param>
    /// <param name="groupId">Its name.</param>
    /// <param name="signer">The creator's signature key.</param>
    /// <param name="content">What the creator's leaf says.</param>
    /// <param name="policy">Judges the creator's leaf, too.</param>
    /// <param name="extensions">The context's extensions.</param>
    /// <param name="leafKeys">The leaf's key pair, of which a copy is kept; null: a fresh one.</param>
    /// <param name="lifetime">The leaf's lifetime; null: unlimited.</param>
    /// <param name="options">How this client keeps the group.</param>
    /// <exception cref="ValidationException">The creator's own leaf breaks a rule.</exception>
    public static MlsGroup Create(
        CipherSuite suite,
        GroupId groupId,
        IMlsSigner signer,
        LeafContent content,
        GroupPolicy policy,
        ExtensionList? extensions = null,
        HpkeKeyPair? leafKeys = null,
        Lifetime? lifetime = null,
        GroupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(groupId);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(policy);
        options ??= new GroupOptions();
        options.Validate();
        extensions ??= ExtensionList.Empty;
        HpkeKeyPair pair = leafKeys?.Copy() ?? suite.GenerateHpkeKeyPair();
        var keys = new TreePrivateKeys(new LeafIndex(0), pair);
        try
        {
            LeafNode leaf = LeafNode.SignForKeyPackage(suite, signer, pair.PublicKey, content, lifetime ?? Lifetime.Unlimited);
            LeafValidation.Validate(suite, leaf, groupId, new LeafIndex(0), extensions, RequiredCapabilities.FindIn(extensions));
            var tree = new RatchetTree(suite);
            tree.Add(leaf);
            var context = new GroupContext(suite.Id, groupId, new Epoch(0), tree.TreeHash(), [], extensions);
            LeafValidation.JudgeExternalSenders(policy, context, extensions);
            LeafValidation.Judge(policy, new LeafEntry(LeafEntryKind.Creation, new LeafIndex(0), leaf, null, null, context));

            using Secret epochSecret = Secret.Random(suite.HashLength);
            EpochSecrets secrets = EpochSecrets.Derive(suite, epochSecret);
            byte[] tag = secrets.ConfirmationTag([]);
            return new MlsGroup(EpochState.Begin(context, tree, MemberSupport.Of(tree), keys, secrets, tag), options);
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    // RFC 9420 §11.3: "Create an initial Commit message that sets up the new group and contains a PreSharedKey proposal of type resumption
    // with usage branch."

    /// <summary>A new group of some of this group's members (RFC 9420 §11.3). Send the Welcome of the bundle, then merge it.</summary>
    public (MlsGroup Group, CommitBundle Commit) Branch(
        GroupId groupId, IMlsSigner signer, LeafContent content, IReadOnlyList<KeyPackage> members, GroupPolicy policy, ExtensionList? extensions = null)
    {
        ArgumentNullException.ThrowIfNull(members);
        RequireActive();
        return Succeed(Suite, groupId, signer, content, members, policy, extensions ?? ExtensionList.Empty, ResumptionPskUsage.Branch);
    }

    // RFC 9420 §11.2: "A member of the old group creates an initial Commit that sets up a new group that matches the ReInit and sends a
    // Welcome message".

    /// <summary>The group that takes this one's place after a ReInit (RFC 9420 §11.2). Send the Welcome of the bundle, then merge it.</summary>
    /// <exception cref="InvalidOperationException">No ReInit has closed the group.</exception>
    /// <exception cref="ValidationException">The ReInit names a version or suite that this library does not have.</exception>
    public (MlsGroup Group, CommitBundle Commit) Reinitialize(IMlsSigner signer, LeafContent content, IReadOnlyList<KeyPackage> members, GroupPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(members);
        ReInitProposal reInit = ReInit ?? throw new InvalidOperationException("no ReInit has closed the group");
        if (reInit.Version != ProtocolVersion.Mls10)
            throw new ValidationException(ValidationRule.ProtocolVersion, "the ReInit names another protocol version");
        if (!CipherSuite.TryGet(reInit.CipherSuite, out CipherSuite? suite))
            throw new ValidationException(ValidationRule.CipherSuiteUnsupported, "the ReInit names a cipher suite that this library does not have");
        return Succeed(suite, reInit.GroupId, signer, content, members, policy, reInit.Extensions, ResumptionPskUsage.ReInit);
    }

    private (MlsGroup Group, CommitBundle Commit) Succeed(
        CipherSuite suite,
        GroupId groupId,
        IMlsSigner signer,
        LeafContent content,
        IReadOnlyList<KeyPackage> members,
        GroupPolicy policy,
        ExtensionList extensions,
        ResumptionPskUsage usage)
    {
        MlsGroup successor = Create(suite, groupId, signer, content, policy, extensions, options: Options);
        try
        {
            PreSharedKeyId link = PreSharedKeyId.Resumption(suite, usage, GroupId, Epoch);
            Proposal[] proposals = [.. members.Select(static member => new AddProposal(member)), new PreSharedKeyProposal(link)];
            GroupPolicy withLink = policy with { FindPsk = id => id.Equals(link) ? ResumptionPsk(Epoch) : policy.FindPsk?.Invoke(id) };
            CommitBundle commit = successor.Commit(signer, withLink, new CommitOptions { Proposals = proposals, SuccessorUsage = usage });
            return (successor, commit);
        }
        catch
        {
            successor.Dispose();
            throw;
        }
    }
}
