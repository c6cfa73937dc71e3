using System.Security.Cryptography;

namespace HardwareChat.Mls;

public sealed partial class MlsGroup
{
    // RFC 9420 §12.4.2, in its order.

    /// <summary>Finds out whether a commit is valid and what it does, without moving the group.</summary>
    /// <param name="message">The commit.</param>
    /// <param name="policy">Judges the leaves that enter.</param>
    /// <returns>To be merged or disposed of. This client's own pending commit, if that is what came back: it stays the group's.</returns>
    /// <exception cref="ValidationException">A rule is broken; the group is as it was.</exception>
    /// <exception cref="Wire.DecodeException">An extension or a secret inside it is malformed.</exception>
    public StagedCommit Stage(CommitMessage message, GroupPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(policy);
        RequireOurs(message.Content);
        if (Status == GroupStatus.ReInitialized)
            throw new ValidationException(ValidationRule.ReInitAlone, "a ReInit has closed the group");

        // "Verify that the epoch field of the enclosing FramedContent is equal to the epoch field of the current GroupContext object."
        RequireEpoch(message.Epoch, ContentType.Commit);
        if (message.Sender.IsMember && message.Sender.Leaf == OwnIndex)
        {
            return PendingCommit is { } pending && CryptographicOperations.FixedTimeEquals(message.ConfirmationTag, pending.ConfirmationTag)
                ? pending
                : throw new ValidationException(ValidationRule.OwnCommitPending, "the commit is this client's own, and not pending");
        }

        return message.Sender.IsMember ? StageRegular(message, policy) : StageExternal(message, policy);
    }

    /// <summary>Moves the group to the epoch of a commit, which is spent; another one that was pending is discarded.</summary>
    /// <exception cref="ArgumentException">The commit is not of the group's current epoch.</exception>
    /// <exception cref="InvalidOperationException">A ReInit has closed the group, or this client was removed.</exception>
    /// <exception cref="ObjectDisposedException">The commit was merged or disposed of.</exception>
    public void Merge(StagedCommit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        ObjectDisposedException.ThrowIf(commit.IsSpent, commit);
        RequireActive();
        if (!ReferenceEquals(commit.ContextBefore, Context))
            throw new ArgumentException("the commit is not of the group's current epoch", nameof(commit));
        if (commit.KeyUse is { } use)
            _current.SecretTree.Consume(use.Sender, use.Type, use.Generation, Options.Bounds);
        if (ReferenceEquals(commit, PendingCommit))
            PendingCommit = null;
        ClearEpoch();
        if (commit.TakeNext() is not { } next)
        {
            Evict();
            return;
        }

        Retire(_current, commit.LeafChanges);
        _current = next;
        if (commit.ReInit is { } reInit)
        {
            // RFC 9420 §12.4.2: "If the Commit included a ReInit proposal, the client MUST NOT use the group to send messages anymore."
            ReInit = reInit;
            Status = GroupStatus.ReInitialized;
        }
    }

    /// <summary>Merges this member's own pending commit.</summary>
    /// <exception cref="InvalidOperationException">None is pending.</exception>
    public void MergePending() => Merge(PendingCommit ?? throw new InvalidOperationException("no commit is pending"));

    /// <summary>Discards this member's own pending commit, if there is one: it lost the race, or was refused.</summary>
    public void DiscardPending()
    {
        PendingCommit?.Dispose();
        PendingCommit = null;
    }

    private StagedCommit StageRegular(CommitMessage message, GroupPolicy policy)
    {
        LeafIndex committer = message.Sender.Leaf;

        // "Verify that the proposals vector is valid according to the rules in Section 12.2."
        CommittedProposal[] proposals = [.. message.Commit.Proposals.Select(proposal => Resolve(proposal, message.Sender))];
        ProposalList.ValidateRegular(proposals, committer, Tree, Suite, ResumptionPskUsage.None);

        // "Verify that all PreSharedKey proposals in the proposals vector are available."
        using PskLookup psks = PskLookup.Find(ProposalList.PskIds(proposals), id => FindPsk(id, policy));

        // "Create the new ratchet tree and GroupContext by applying the list of proposals".
        ProposalApplication applied = ProposalApplication.Apply(new EpochView(Context, Tree, _current.Support), proposals, policy);

        // "Verify that the path value is populated if the proposals vector contains any Update or Remove proposals, or if it's empty."
        // (ValSem201)
        UpdatePath? path = message.Commit.Path;
        if (path is null && applied.RequiresPath)
            throw new ValidationException(ValidationRule.PathRequired, "the commit needs a path, and has none");

        if (path is not null)
            MergePath(applied, committer, path, LeafEntryKind.Commit, Tree.Leaf(committer));
        applied.Complete();
        return Finish(message, committer, proposals, applied, _current.Secrets.InitSecret, psks);
    }

    // RFC 9420 §12.4.3.2
    private StagedCommit StageExternal(CommitMessage message, GroupPolicy policy)
    {
        // "The Commit MUST NOT include any proposals by reference". (ValSem244)
        if (message.Commit.Proposals.Any(static proposal => proposal.Reference is not null))
            throw new ValidationException(ValidationRule.ExternalCommitInline, "an external commit has a proposal by reference");
        CommittedProposal[] proposals = [.. message.Commit.Proposals.Select(proposal => new CommittedProposal(proposal.Proposal!, message.Sender, null))];
        ProposalList.ValidateExternal(proposals, Tree, Suite);
        using PskLookup psks = PskLookup.Find(ProposalList.PskIds(proposals), id => FindPsk(id, policy));
        ProposalApplication applied = ProposalApplication.Apply(new EpochView(Context, Tree, _current.Support), proposals, policy);

        // RFC 9420 §12.4.2: "assign the sender the leftmost blank leaf node in the new ratchet tree. If there are no blank leaf nodes in the
        // new ratchet tree, add a blank leaf to the right side".
        LeafIndex joiner = applied.Tree.ReserveLeaf();
        RemoveProposal? remove = ProposalList.Of<RemoveProposal>(proposals).FirstOrDefault();
        LeafNode? former = remove is null ? null : Tree.Leaf(remove.Removed);
        MergePath(applied, joiner, message.Commit.Path!, LeafEntryKind.ExternalCommit, former);
        applied.Complete();

        // RFC 9420 §8.3: the members "perform the corresponding calculation to retrieve the init_secret value".
        using HpkeKeyPair external = _current.Secrets.DeriveExternalKeyPair();
        ExternalInitProposal externalInit = ProposalList.Of<ExternalInitProposal>(proposals).Single();
        using Secret initSecret = Suite.ConsumeExternalInit(external.PrivateKey, externalInit.KemOutput)
            ?? throw new ValidationException(ValidationRule.HpkeDecryption, "the ExternalInit's KEM output is none");
        return Finish(message, joiner, proposals, applied, initSecret, psks);
    }

    private CommittedProposal Resolve(ProposalOrRef proposal, Sender committer)
    {
        if (proposal.Proposal is { } byValue)
            return new CommittedProposal(byValue, committer, null);

        // RFC 9420 §12.4: "Proposals sent by reference are specified by including the hash of the AuthenticatedContent object".
        return _proposals.TryGetValue(proposal.Reference!, out CommittedProposal? kept)
            ? kept
            : throw new ValidationException(ValidationRule.ProposalReferenceKnown, "the commit refers to a proposal that is not at hand");
    }

    private static void MergePath(ProposalApplication applied, LeafIndex committer, UpdatePath path, LeafEntryKind kind, LeafNode? former)
    {
        // RFC 9420 §12.2: for a resync, the path's leaf "MUST meet the same criteria as would the LeafNode in an Update for the removed leaf".
        if (former is not null && path.LeafNode.EncryptionKey.Equals(former.EncryptionKey))
            throw new ValidationException(ValidationRule.UpdateKeyNew, "the path's leaf keeps its encryption key");

        // "Validate the LeafNode as specified in Section 7.3. The leaf_node_source field MUST be set to commit." "Verify that none of the public
        // keys in the UpdatePath appear in any node of the new ratchet tree." "Merge the UpdatePath into the new ratchet tree".
        TreeKem.Merge(applied.Tree, committer, path, applied.NewLeaves);
        applied.EnterPathLeaf(committer, path.LeafNode, kind, former);
    }

    private StagedCommit Finish(
        CommitMessage message, LeafIndex committer, CommittedProposal[] proposals, ProposalApplication applied, Secret initSecret, PskLookup psks)
    {
        // "Construct a provisional GroupContext object".
        GroupContext provisional = Context.ToProvisional(applied.Tree.TreeHash(), applied.Extensions);
        byte[] authenticatedData = message.AuthenticatedData.ToArray();
        if (applied.Changes.Any(change => change.Index == OwnIndex && change is { Former: not null, IsSameMember: false }))
        {
            // "clients need to be prepared to receive a valid Commit message that removes them from the group".
            return new StagedCommit(Context, message.Sender, committer, authenticatedData, proposals, applied.Changes, provisional, null) { KeyUse = message.KeyUse };
        }

        TreePrivateKeys? keys = _current.CopyKeys();
        try
        {
            if (OwnUpdate(applied) is { } updated)
                keys.Set(OwnIndex.ToNodeIndex(), updated.Copy());

            // "Decrypt the path secrets for UpdatePath", "Define commit_secret as the value path_secret[n+1]", or "as the all-zero vector".
            using PathKeys? pathKeys = message.Commit.Path is { } path
                ? TreeKem.Decrypt(applied.Tree, keys, null, committer, path, provisional.Encoded, applied.NewLeaves)
                : null;
            using Secret commitSecret = pathKeys?.CommitSecret.Copy() ?? Secret.Zero(Suite.HashLength);
            if (pathKeys is not null)
                keys.Merge(pathKeys);
            keys.Retain(applied.Tree);

            // "Update the confirmed and interim transcript hashes", "Derive the psk_secret", "compute [...] derived secrets for the new epoch".
            using NextEpoch next = NextEpoch.Derive(Suite, message.Content, _current.InterimTranscriptHash, provisional, initSecret, commitSecret, psks);

            // "Use the confirmation_key for the new epoch to compute the confirmation tag for this message, [...] and verify that it is the same".
            // (ValSem205)
            if (!CryptographicOperations.FixedTimeEquals(next.ConfirmationTag, message.ConfirmationTag))
                throw new ValidationException(ValidationRule.ConfirmationTagValid, "the commit's confirmation tag is wrong");
            EpochState state = EpochState.Begin(next.Context, applied.Tree, applied.Support, keys, next.TakeSecrets(), next.ConfirmationTag);
            keys = null;
            return new StagedCommit(Context, message.Sender, committer, authenticatedData, proposals, applied.Changes, next.Context, state) { KeyUse = message.KeyUse };
        }
        finally
        {
            keys?.Dispose();
        }
    }

    private HpkeKeyPair? OwnUpdate(ProposalApplication applied)
        => applied.Tree.Leaf(OwnIndex) is { } leaf && !leaf.Equals(OwnLeaf) ? _updateKeys.GetValueOrDefault(leaf.EncryptionKey) : null;

    // RFC 9420 §9.2: what an epoch that is over keeps is what late application messages need; the rest is erased.
    private void Retire(EpochState state, IReadOnlyList<LeafChange> changes)
    {
        if (Options.PastEpochs > 0)
        {
            _past.Add(new PastEpoch(
                state.Context, state.Secrets.SenderDataSecret.Copy(), state.SecretTree, state.Secrets.ResumptionPsk.Copy(), changes));
        }
        else
        {
            state.SecretTree.Dispose();
        }

        state.Keys.Dispose();
        state.Secrets.Dispose();
        while (_past.Count > Options.PastEpochs)
        {
            _past[0].Dispose();
            _past.RemoveAt(0);
        }
    }

    private void Evict()
    {
        Status = GroupStatus.Evicted;
        _current.Dispose();
        foreach (PastEpoch past in _past)
            past.Dispose();
        _past.Clear();
    }
}
