using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.4: "The sender of a Commit SHOULD include all proposals that it has received during the current epoch that are valid [...],
// as long as this results in a valid proposal list." Any member can send one that is invalid, or that contradicts another: it must not keep
// the others from being committed.

/// <summary>What a committer takes up of the proposals that it has kept.</summary>
internal sealed class ProposalChoice
{
    private readonly HashSet<LeafIndex> _changed = [];
    private readonly HashSet<SignaturePublicKey> _signatureKeys = [];
    private readonly HashSet<HpkePublicKey> _encryptionKeys = [];
    private readonly HashSet<PreSharedKeyId> _psks = [];
    private readonly HashSet<CommittedProposal> _chosen = new(ReferenceEqualityComparer.Instance);
    private bool _hasExtensions;

    private ProposalChoice(IEnumerable<CommittedProposal> byValue)
    {
        foreach (CommittedProposal committed in byValue)
            Fits(committed);
    }

    /// <summary>Those that are valid by themselves and go together with <paramref name="byValue"/> and with each other, in the order in which they came.</summary>
    /// <param name="kept">What was received, oldest first.</param>
    /// <param name="byValue">What the committer puts in itself.</param>
    /// <param name="isValidAlone">Whether a list of nothing else is valid.</param>
    public static CommittedProposal[] Choose(
        IReadOnlyCollection<CommittedProposal> kept, IReadOnlyList<CommittedProposal> byValue, Func<CommittedProposal, bool> isValidAlone)
    {
        CommittedProposal[] valid = [.. kept.Where(isValidAlone)];
        var choice = new ProposalChoice(byValue);

        // RFC 9420 §12.2, of proposals for the same leaf: "they SHOULD prefer any Remove received, or the most recent Update".
        choice.Take(valid.Where(static committed => committed.Proposal is RemoveProposal));
        choice.Take(valid.Where(static committed => committed.Proposal is UpdateProposal or GroupContextExtensionsProposal).Reverse());
        choice.Take(valid.Where(static committed => committed.Proposal is not ReInitProposal));

        // RFC 9420 §12.2, of a ReInit among other proposals: "they SHOULD prefer them over the ReInit proposal".
        if (choice._chosen.Count == 0 && byValue.Count == 0)
            choice.Take(valid.Where(static committed => committed.Proposal is ReInitProposal).TakeLast(1));
        return [.. valid.Where(choice._chosen.Contains)];
    }

    /// <summary>Whether a commit of this one proposal would be valid, the application's judgement apart.</summary>
    public static bool IsValidAlone(CommittedProposal committed, LeafIndex committer, EpochView view, GroupPolicy policy, Func<PreSharedKeyId, Secret?> findPsk)
    {
        try
        {
            CommittedProposal[] alone = [committed];
            ProposalList.ValidateRegular(alone, committer, view.Tree, view.Suite, ResumptionPskUsage.None);
            PskLookup.Find(ProposalList.PskIds(alone), findPsk).Dispose();
            ProposalApplication.Apply(view, alone, policy).Validate();
            return true;
        }
        catch (Exception exception) when (exception is ValidationException or DecodeException)
        {
            // Somebody else's proposal is invalid, which is no failure of this commit.
            return false;
        }
    }

    private void Take(IEnumerable<CommittedProposal> candidates)
    {
        foreach (CommittedProposal candidate in candidates)
        {
            if (!_chosen.Contains(candidate) && Fits(candidate))
                _chosen.Add(candidate);
        }
    }

    // Notes what may occur once only, and whether it is the first time.
    private bool Fits(CommittedProposal committed)
    {
        switch (committed.Proposal)
        {
            case RemoveProposal remove:
                return _changed.Add(remove.Removed);
            case UpdateProposal update:
                return !_changed.Contains(committed.Sender.Leaf) && FitsLeaf(update.LeafNode) && _changed.Add(committed.Sender.Leaf);
            case AddProposal add:
                return !_encryptionKeys.Contains(add.KeyPackage.InitKey) && FitsLeaf(add.KeyPackage.LeafNode) && _encryptionKeys.Add(add.KeyPackage.InitKey);
            case PreSharedKeyProposal psk:
                return _psks.Add(psk.Psk);
            case GroupContextExtensionsProposal:
                bool isFirst = !_hasExtensions;
                _hasExtensions = true;
                return isFirst;
            default:
                return true;
        }
    }

    private bool FitsLeaf(LeafNode leaf)
    {
        if (_signatureKeys.Contains(leaf.SignatureKey) || _encryptionKeys.Contains(leaf.EncryptionKey))
            return false;
        _signatureKeys.Add(leaf.SignatureKey);
        _encryptionKeys.Add(leaf.EncryptionKey);
        return true;
    }
}
