using HardwareChat.Wire;

namespace HardwareChat.Mls;

public sealed partial class MlsGroup
{
    // RFC 9420 §12.4.1, in its order.

    /// <summary>Makes a commit, which waits as <see cref="PendingCommit"/> until it is merged or discarded.</summary>
    /// <param name="signer">The key of this member's leaf.</param>
    /// <param name="policy">Judges the leaves that enter, this member's own among them.</param>
    /// <param name="options">What it is to do; nothing: it gives this member fresh keys, and takes up what is kept.</param>
    /// <exception cref="ValidationException">The proposals break a rule; the group is as it was.</exception>
    /// <exception cref="InvalidOperationException">A commit is pending already, or the group is closed.</exception>
    public CommitBundle Commit(IMlsSigner signer, GroupPolicy policy, CommitOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        options ??= new CommitOptions();
        RequireActive();
        RequireOwn(signer);
        if (PendingCommit is not null)
            throw new InvalidOperationException("a commit is pending: merge or discard it first");
        IMlsSigner leafSigner = options.NewSigner ?? signer;

        // "Verify that the list of proposals to be committed is valid as specified in Section 12.2."
        var view = new EpochView(Context, Tree, _current.Support);
        CommittedProposal[] proposals = Resolve(options, view, policy);
        ProposalList.ValidateRegular(proposals, OwnIndex, Tree, Suite, options.SuccessorUsage);
        using PskLookup psks = PskLookup.Find(ProposalList.PskIds(proposals), id => FindPsk(id, policy));

        // "Create the new ratchet tree and GroupContext by applying the list of proposals".
        ProposalApplication applied = ProposalApplication.Apply(view, proposals, policy);
        bool withPath = applied.RequiresPath || !options.OmitPath || options.RenewsLeaf;
        TreePrivateKeys? keys = _current.CopyKeys();
        CreatedPath? path = null;
        try
        {
            // "If populating the path field": new keys, the provisional GroupContext, the encryption of the path secrets.
            if (withPath)
                path = CreatePath(applied, keys, leafSigner, options);
            applied.Complete();
            GroupContext provisional = Context.ToProvisional(applied.Tree.TreeHash(), applied.Extensions);
            UpdatePath? updatePath = path?.Encrypt(provisional.Encoded, applied.NewLeaves);
            using Secret commitSecret = path?.Keys.CommitSecret.Copy() ?? Secret.Zero(Suite.HashLength);
            if (path is not null)
                keys.Merge(path.Keys);
            keys.Retain(applied.Tree);

            // "Construct a FramedContent object containing the Commit object. Sign the FramedContent using the old GroupContext as context."
            var commit = new Commit([.. proposals.Select(static p => p.Reference is null ? new ProposalOrRef(p.Proposal) : new ProposalOrRef(p.Reference))], updatePath);
            FramedContent content = FramedContent.Of(GroupId, Epoch, Sender.Member(OwnIndex), options.AuthenticatedData.ToArray(), commit);
            AuthenticatedContent authenticated = AuthenticatedContent.Sign(Suite, signer, HandshakeFormat, content, Context);
            using NextEpoch next = NextEpoch.Derive(Suite, authenticated, _current.InterimTranscriptHash, provisional, _current.Secrets.InitSecret, commitSecret, psks);
            EpochState state = EpochState.Begin(next.Context, applied.Tree, applied.Support, keys, next.TakeSecrets(), next.ConfirmationTag);
            keys = null;
            var staged = new StagedCommit(
                Context, content.Sender, OwnIndex, options.AuthenticatedData.ToArray(), proposals, applied.Changes, next.Context, state);
            try
            {
                // "Construct a GroupInfo reflecting the new state", "Construct one or more Welcome messages".
                byte[]? welcome = applied.Added.Count == 0 ? null : CreateWelcome(state, next, applied, path, leafSigner, options).Encode();
                byte[]? groupInfo = options.GroupInfo is null ? null : new MlsMessage(CreateGroupInfo(state, leafSigner, options.GroupInfo)).Encode();

                // "Protect the AuthenticatedContent object using keys from the old epoch".
                byte[] message = Protect(authenticated.With(next.ConfirmationTag));
                PendingCommit = staged;
                return new CommitBundle(message, welcome, groupInfo, staged);
            }
            catch
            {
                staged.Dispose();
                throw;
            }
        }
        finally
        {
            path?.Dispose();
            keys?.Dispose();
        }
    }

    private CommittedProposal[] Resolve(CommitOptions options, EpochView view, GroupPolicy policy)
    {
        Sender self = Sender.Member(OwnIndex);
        CommittedProposal[] byValue = [.. options.Proposals.Select(proposal => new CommittedProposal(proposal, self, null))];
        if (options.References is null)
        {
            bool IsValidAlone(CommittedProposal kept) => ProposalChoice.IsValidAlone(kept, OwnIndex, view, policy, id => FindPsk(id, policy));
            return [.. ProposalChoice.Choose(_proposals.Values, byValue, IsValidAlone), .. byValue];
        }

        IEnumerable<CommittedProposal> byReference = options.References.Select(
            reference => _proposals.GetValueOrDefault(reference) ?? throw new ArgumentException("a reference names no kept proposal", nameof(options)));
        return [.. byReference, .. byValue];
    }

    private CreatedPath CreatePath(ProposalApplication applied, TreePrivateKeys keys, IMlsSigner leafSigner, CommitOptions options)
    {
        HpkeKeyPair pair = options.LeafKeys?.Copy() ?? Suite.GenerateHpkeKeyPair();
        LeafNode former = OwnLeaf;
        LeafContent leaf = options.Leaf ?? LeafContent.Of(former);
        CreatedPath path;
        try
        {
            // RFC 9420 §12.4.2: "Verify that the encryption_key value in the LeafNode is different from the committer's current leaf node."
            if (pair.PublicKey.Equals(former.EncryptionKey))
                throw new ValidationException(ValidationRule.UpdateKeyNew, "the path's leaf keeps its encryption key");
            path = CreatedPath.Create(
                applied.Tree, OwnIndex, parentHash => LeafNode.SignForCommit(Suite, leafSigner, pair.PublicKey, leaf, parentHash, GroupId, OwnIndex));
        }
        catch
        {
            pair.Dispose();
            throw;
        }

        keys.Set(OwnIndex.ToNodeIndex(), pair);
        try
        {
            applied.EnterPathLeaf(OwnIndex, path.LeafNode, LeafEntryKind.Commit, former);
            return path;
        }
        catch
        {
            path.Dispose();
            throw;
        }
    }

    // RFC 9420 §12.4.3.1
    //
    //   welcome_nonce = ExpandWithLabel(welcome_secret, "nonce", "", AEAD.Nn)
    //   welcome_key = ExpandWithLabel(welcome_secret, "key", "", AEAD.Nk)
    //
    //   encrypted_group_secrets = EncryptWithLabel(init_key, "Welcome", encrypted_group_info, group_secrets)

    private static MlsMessage CreateWelcome(
        EpochState state, NextEpoch next, ProposalApplication applied, CreatedPath? path, IMlsSigner leafSigner, CommitOptions options)
    {
        CipherSuite suite = state.Suite;
        byte[] groupInfo = TlsWriter.Encode(CreateGroupInfo(state, leafSigner, options.WelcomeGroupInfo));
        byte[] encryptedGroupInfo = new byte[groupInfo.Length + CipherSuite.TagLength];
        using (Secret welcomeSecret = KeySchedule.DeriveWelcomeSecret(suite, next.JoinerSecret, next.PskSecret))
        {
            using Secret key = suite.ExpandWithLabel(welcomeSecret, "key"u8, [], suite.KeyLength);
            using Secret nonce = suite.ExpandWithLabel(welcomeSecret, "nonce"u8, [], CipherSuite.NonceLength);
            suite.Seal(key.Span, nonce.Span, [], groupInfo, encryptedGroupInfo);
        }

        PreSharedKeyId[] psks = ProposalList.PskIds(applied.Proposals);
        EncryptContext context = suite.PrepareContext("Welcome"u8, encryptedGroupInfo);
        var secrets = new EncryptedGroupSecrets[applied.Added.Count];

        Cores.ForEach(secrets.Length, i =>
        {
            (LeafIndex index, KeyPackage keyPackage) = applied.Added[i];
            using var plaintext = new TlsBuffer();
            var writer = new TlsWriter(plaintext);
            GroupSecrets.Write(ref writer, next.JoinerSecret, path?.PathSecretFor(index), psks);
            HpkeCiphertext encrypted = suite.EncryptWithLabel(keyPackage.InitKey, context, plaintext.WrittenSpan)
                ?? throw new ValidationException(ValidationRule.EncryptionKeyWellFormed, "an init key cannot be encrypted to");
            secrets[i] = new EncryptedGroupSecrets(keyPackage.ComputeReference(suite), encrypted);
        });
        return new MlsMessage(new Welcome(suite.Id, secrets, encryptedGroupInfo));
    }
}
