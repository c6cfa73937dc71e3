namespace HardwareChat.Mls;

// RFC 9420 §12.3: GroupContextExtensions, Updates, Removes, Adds, in this order; then the path. All of it happens on a copy of the tree,
// which costs what changes.

/// <summary>A tree and context on the way from one epoch to the next.</summary>
internal sealed class ProposalApplication
{
    private readonly EpochView _view;
    private readonly GroupPolicy _policy;
    private readonly RequiredCapabilities? _required;
    private readonly Dictionary<LeafIndex, LeafChange> _changes = [];
    private readonly List<LeafEntry> _entries = [];
    private readonly HashSet<LeafIndex> _newLeaves = [];
    private readonly List<(LeafIndex Index, KeyPackage KeyPackage)> _added = [];

    private ProposalApplication(EpochView view, IReadOnlyList<CommittedProposal> proposals, GroupPolicy policy)
    {
        _view = view;
        _policy = policy;
        Proposals = proposals;
        Tree = view.Tree.Copy();
        Support = view.Support;

        // RFC 9420 §12.3: "The new extensions MUST be used when evaluating other proposals in this list."
        GroupContextExtensionsProposal? replacement = ProposalList.Of<GroupContextExtensionsProposal>(proposals).FirstOrDefault();
        Extensions = replacement?.Extensions ?? view.Context.Extensions;
        _required = RequiredCapabilities.FindIn(Extensions);
    }

    public IReadOnlyList<CommittedProposal> Proposals { get; }

    /// <summary>The tree of the next epoch, as far as it is made.</summary>
    public RatchetTree Tree { get; }

    public MemberSupport Support { get; private set; }

    public ExtensionList Extensions { get; }

    /// <summary>The leaves that Adds bring: no path is encrypted to them.</summary>
    public IReadOnlySet<LeafIndex> NewLeaves => _newLeaves;

    public IReadOnlyList<(LeafIndex Index, KeyPackage KeyPackage)> Added => _added;

    public LeafChange[] Changes => [.. _changes.Values];

    /// <summary>Whether the path may be left out (RFC 9420 §12.4).</summary>
    public bool RequiresPath => Proposals.Count == 0 || Proposals.Any(static committed => committed.Proposal.Type.RequiresPath);

    /// <summary>Validates and applies the proposals of a commit, but not its path.</summary>
    public static ProposalApplication Apply(EpochView view, IReadOnlyList<CommittedProposal> proposals, GroupPolicy policy)
    {
        var application = new ProposalApplication(view, proposals, policy);
        application.ApplyUpdates();
        application.ApplyRemoves();
        application.ApplyAdds();
        return application;
    }

    /// <summary>Notes the committer's new leaf, which is in the tree, and checks it.</summary>
    public void EnterPathLeaf(LeafIndex committer, LeafNode leaf, LeafEntryKind kind, LeafNode? former)
    {
        LeafValidation.Validate(_view.Suite, leaf, _view.Context.GroupId, committer, Extensions, _required);
        Note(committer, leaf, isSameMember: kind == LeafEntryKind.Commit);
        _entries.Add(new LeafEntry(kind, committer, leaf, former, null, _view.Context));
    }

    /// <summary>The checks that need the finished tree, and last the application's judgement.</summary>
    public void Complete()
    {
        Validate();
        if (ReplacesExtensions)
            LeafValidation.JudgeExternalSenders(_policy, _view.Context, Extensions);
        foreach (LeafEntry entry in _entries)
            LeafValidation.Judge(_policy, entry);
    }

    /// <summary>The checks that need the finished tree.</summary>
    public void Validate()
    {
        foreach (LeafEntry entry in _entries)
        {
            // RFC 9420 §7.3: "Verify that the following fields are unique among the members of the group: signature_key, encryption_key".
            if (Tree.CountOf(entry.Leaf.SignatureKey) != 1)
            {
                throw entry.Kind == LeafEntryKind.Add
                    // RFC 9420 §12.2: invalid if "It contains an Add proposal with a KeyPackage that represents a client already in the group".
                    ? new ValidationException(ValidationRule.AddNotMember, "an Add is of a client that is in the group")
                    : new ValidationException(ValidationRule.SignatureKeyUnique, "a leaf's signature key occurs twice in the tree");
            }

            if (Tree.CountOf(entry.Leaf.EncryptionKey) != 1)
                throw new ValidationException(ValidationRule.EncryptionKeyUnique, "a leaf's encryption key occurs twice in the tree");
            Support.Validate(entry.Leaf);
        }

        if (ReplacesExtensions)
            ValidateExtensions();
    }

    private bool ReplacesExtensions => !ReferenceEquals(Extensions, _view.Context.Extensions);

    private void ValidateExtensions()
    {
        // Malformed ones would be found only when the first external sender speaks.
        ExternalSender.FindIn(Extensions);
        foreach ((LeafIndex index, LeafNode leaf) in Tree.Members)
        {
            // RFC 9420 §12.1.7: invalid if "it includes a required_capabilities extension and some members of the group do not support some of
            // the required capabilities (including those added in the same Commit, and excluding those removed)".
            if (_required is not null && !leaf.Capabilities.Supports(_required))
                throw new ValidationException(ValidationRule.MembersMeetRequiredCapabilities, $"{index} lacks a required capability");

            // RFC 9420 §13.4: "an extension in use by the group MUST be supported by all members of the group". (ValSem209)
            foreach (Extension extension in Extensions)
            {
                if (!leaf.Capabilities.Supports(extension.Type))
                    throw new ValidationException(ValidationRule.GroupContextExtensionsSupported, $"{index} does not support {extension.Type}");
            }
        }
    }

    private void ApplyUpdates()
    {
        foreach (CommittedProposal committed in Proposals)
        {
            if (committed.Proposal is not UpdateProposal { LeafNode: var leaf })
                continue;
            LeafIndex index = committed.Sender.Leaf;
            LeafNode former = Tree.Leaf(index) ?? throw new ValidationException(ValidationRule.UpdateByMember, "an Update's sender is no member");

            // RFC 9420 §7.3: "If the LeafNode appears in an Update proposal, verify that leaf_node_source is set to update and that
            // encryption_key represents a different public key than the encryption_key in the leaf node being replaced". (ValSem110)
            if (leaf.Source != LeafNodeSource.Update)
                throw new ValidationException(ValidationRule.LeafSourceUpdate, "the leaf of an Update was not made for one");
            if (leaf.EncryptionKey.Equals(former.EncryptionKey))
                throw new ValidationException(ValidationRule.UpdateKeyNew, "an Update keeps the encryption key");
            LeafValidation.Validate(_view.Suite, leaf, _view.Context.GroupId, index, Extensions, _required);
            Tree.Update(index, leaf);
            Note(index, leaf, isSameMember: true);
            _entries.Add(new LeafEntry(LeafEntryKind.Update, index, leaf, former, null, _view.Context));
        }
    }

    private void ApplyRemoves()
    {
        foreach (RemoveProposal remove in ProposalList.Of<RemoveProposal>(Proposals))
        {
            Tree.Remove(remove.Removed);
            Note(remove.Removed, null, isSameMember: false);
        }
    }

    private void ApplyAdds()
    {
        AddProposal[] adds = [.. ProposalList.Of<AddProposal>(Proposals)];
        KeyPackageSignatures[] signatures = LeafValidation.VerifySignatures(
            _view.Suite, _view.Context.GroupId, [.. adds.Select(static add => add.KeyPackage)]);
        for (int i = 0; i < adds.Length; i++)
        {
            KeyPackage keyPackage = adds[i].KeyPackage;
            LeafValidation.Validate(_view.Suite, keyPackage, signatures[i], Extensions, _required, _policy);
            LeafIndex index = Tree.Add(keyPackage.LeafNode);
            _newLeaves.Add(index);
            _added.Add((index, keyPackage));
            Note(index, keyPackage.LeafNode, isSameMember: false);
            _entries.Add(new LeafEntry(LeafEntryKind.Add, index, keyPackage.LeafNode, null, keyPackage, _view.Context));
        }
    }

    private void Note(LeafIndex index, LeafNode? next, bool isSameMember)
    {
        if (_changes.TryGetValue(index, out LeafChange? change))
        {
            Support = Support.Replace(change.Next, next);
            _changes[index] = change with { Next = next, IsSameMember = change.IsSameMember && isSameMember };
            return;
        }

        LeafNode? former = _view.Tree.Leaf(index);
        Support = Support.Replace(former, next);
        _changes.Add(index, new LeafChange(index, former, next, former is not null && isSameMember));
    }
}

/// <summary>What a commit starts from, for a member and for a joiner alike.</summary>
internal sealed record EpochView(GroupContext Context, RatchetTree Tree, MemberSupport Support)
{
    public CipherSuite Suite => Tree.Suite;
}
