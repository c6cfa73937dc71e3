using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.4.3.2, §8.3: the joiner's side of an external commit.

/// <summary>How to join by external commit.</summary>
public sealed record ExternalJoinOptions
{
    /// <summary>The leaf's key pair, of which a copy is kept; null: a fresh one. After a lost race the same pair may be given again.</summary>
    public HpkeKeyPair? LeafKeys { get; init; }

    /// <summary>The joiner's own former leaf, which the commit removes (resync); null: none.</summary>
    public LeafIndex? Replaces { get; init; }

    /// <summary>PSKs to mix in.</summary>
    public IReadOnlyList<PreSharedKeyId> Psks { get; init; } = [];

    /// <summary>Sent in the clear and signed.</summary>
    public ReadOnlyMemory<byte> AuthenticatedData { get; init; }

    /// <summary>A GroupInfo of the new epoch to go with the commit; null: none.</summary>
    public GroupInfoOptions? GroupInfo { get; init; }

    /// <summary>How this client keeps the group.</summary>
    public GroupOptions Group { get; init; } = new();
}

/// <summary>An external join, ready to be sent: whole MLSMessages, and the group, which is in the new epoch already.</summary>
/// <param name="Group">The group as it is if the commit is accepted; to be disposed of if it is not.</param>
/// <param name="Message">The commit.</param>
/// <param name="GroupInfo">The GroupInfo of the new epoch, if one was asked for.</param>
public sealed record ExternalJoin(MlsGroup Group, ReadOnlyMemory<byte> Message, ReadOnlyMemory<byte>? GroupInfo);

/// <summary>A GroupInfo that is right in every respect that an outsider can see, with its tree. It can be joined, again and again until a commit gets through.</summary>
public sealed class GroupInfoOffer
{
    private readonly MemberSupport _support;

    private GroupInfoOffer(GroupInfo info, RatchetTree tree)
    {
        GroupInfo = info;
        Tree = tree;
        _support = MemberSupport.Of(tree);
    }

    /// <summary>The GroupInfo: its extensions, its signer.</summary>
    public GroupInfo GroupInfo { get; }

    /// <summary>The group's context.</summary>
    public GroupContext Context => GroupInfo.Context;

    /// <summary>The group's tree.</summary>
    public RatchetTree Tree { get; }

    /// <summary>The confirmation tag of the commit that began the epoch; an outsider cannot verify it.</summary>
    public ReadOnlySpan<byte> ConfirmationTag => GroupInfo.ConfirmationTag;

    /// <summary>Validates a GroupInfo and its tree.</summary>
    /// <param name="info">The GroupInfo.</param>
    /// <param name="policy">Judges every leaf of the tree.</param>
    /// <param name="tree">The tree, if the GroupInfo does not carry it.</param>
    /// <exception cref="DecodeException">An extension is malformed.</exception>
    /// <exception cref="ValidationException">A rule is broken.</exception>
    public static GroupInfoOffer Open(GroupInfo info, GroupPolicy policy, RatchetTree? tree = null)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(policy);
        return new GroupInfoOffer(info, JoinChecks.ValidateGroupInfo(info, tree, policy));
    }

    /// <summary>Makes the external commit. The offer stays as it was.</summary>
    /// <param name="signer">The joiner's signature key.</param>
    /// <param name="content">What the joiner's leaf says.</param>
    /// <param name="policy">Judges the joiner's own leaf; finds PSKs.</param>
    /// <param name="options">How to join.</param>
    /// <exception cref="ValidationException">The GroupInfo has no external_pub, or the joiner's own leaf breaks a rule.</exception>
    public ExternalJoin Join(IMlsSigner signer, LeafContent content, GroupPolicy policy, ExternalJoinOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(policy);
        options ??= new ExternalJoinOptions();
        options.Group.Validate();
        CipherSuite suite = Tree.Suite;

        // "a new member needs a GroupInfo with an external_pub extension present in its extensions field".
        HpkePublicKey externalPub = GroupInfo.FindExternalPub()
            ?? throw new ValidationException(ValidationRule.ExternalPubPresent, "the GroupInfo has no external_pub");

        // RFC 9420 §8.3: "The joiner sends a new init_secret value to the group using the HPKE export method."
        (byte[] kemOutput, Secret initSecret) = suite.CreateExternalInit(externalPub)
            ?? throw new ValidationException(ValidationRule.EncryptionKeyWellFormed, "external_pub is no key of the suite");
        using Secret ownedInitSecret = initSecret;

        List<CommittedProposal> proposals = [new(new ExternalInitProposal(kemOutput), Sender.NewMemberCommit, null)];
        if (options.Replaces is { } replaced)
            proposals.Add(new(new RemoveProposal(replaced), Sender.NewMemberCommit, null));
        proposals.AddRange(options.Psks.Select(static psk => new CommittedProposal(new PreSharedKeyProposal(psk), Sender.NewMemberCommit, null)));
        ProposalList.ValidateExternal(proposals, Tree, suite);
        using PskLookup psks = PskLookup.Find(options.Psks, id => policy.FindPsk?.Invoke(id));

        ProposalApplication applied = ProposalApplication.Apply(new EpochView(Context, Tree, _support), proposals, policy);
        LeafIndex own = applied.Tree.ReserveLeaf();
        HpkeKeyPair pair = options.LeafKeys?.Copy() ?? suite.GenerateHpkeKeyPair();
        TreePrivateKeys? keys = new(own, pair);
        try
        {
            using CreatedPath path = CreatedPath.Create(
                applied.Tree, own, parentHash => LeafNode.SignForCommit(suite, signer, pair.PublicKey, content, parentHash, Context.GroupId, own));
            applied.EnterPathLeaf(own, path.LeafNode, LeafEntryKind.ExternalCommit, options.Replaces is { } former ? Tree.Leaf(former) : null);
            applied.Complete();
            GroupContext provisional = Context.ToProvisional(applied.Tree.TreeHash(), applied.Extensions);
            var commit = new Commit([.. proposals.Select(static p => new ProposalOrRef(p.Proposal))], path.Encrypt(provisional.Encoded, applied.NewLeaves));
            keys.Merge(path.Keys);

            FramedContent framed = FramedContent.Of(Context.GroupId, Context.Epoch, Sender.NewMemberCommit, options.AuthenticatedData.ToArray(), commit);
            AuthenticatedContent authenticated = AuthenticatedContent.Sign(suite, signer, WireFormat.PublicMessage, framed, Context);
            byte[] interim = TranscriptHash.Interim(suite, Context.ConfirmedTranscriptHash, GroupInfo.ConfirmationTag);
            using NextEpoch next = NextEpoch.Derive(suite, authenticated, interim, provisional, ownedInitSecret, path.Keys.CommitSecret, psks);
            byte[] message = new MlsMessage(PublicMessage.Protect(suite, authenticated.With(next.ConfirmationTag), Context, null)).Encode();
            EpochState state = EpochState.Begin(next.Context, applied.Tree, applied.Support, keys, next.TakeSecrets(), next.ConfirmationTag);
            keys = null;
            MlsGroup group = MlsGroup.Of(state, options.Group);
            try
            {
                ReadOnlyMemory<byte>? groupInfo = options.GroupInfo is null ? null : group.CreateGroupInfo(signer, options.GroupInfo);
                return new ExternalJoin(group, message, groupInfo);
            }
            catch
            {
                group.Dispose();
                throw;
            }
        }
        finally
        {
            keys?.Dispose();
        }
    }
}
