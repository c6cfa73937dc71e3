using HardwareChat.Mls.Tests.Scenarios;

namespace HardwareChat.Mls.Tests.Rules;

// RFC 9420 §12.4.3.2: each test breaks one rule of an external commit that is otherwise right.
public sealed class ExternalCommitRulesTests : IDisposable
{
    private readonly Peer _alice = Peer.Creator("alice");
    private readonly Peer _bob;
    private readonly Peer _dave = new("dave");
    private readonly UpdatePath _path;
    private readonly ProposalOrRef _externalInit;

    public ExternalCommitRulesTests()
    {
        _bob = _alice.Add("bob");
        ExternalJoin join = Offer().Join(_dave.Signer, _dave.Content, _dave.Policy);
        join.Group.Dispose();
        Commit commit = ((CommitMessage)_alice.Group.Receive(join.Message.Span)).Commit;
        _path = commit.Path!;
        _externalInit = commit.Proposals[0];
    }

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
        _dave.Dispose();
    }

    [Fact]
    public void No_ExternalInit_or_two_are_refused()
    {
        Refused(ValidationRule.ExternalCommitOneExternalInit, _path);
        Refused(ValidationRule.ExternalCommitOneExternalInit, _path, _externalInit, _externalInit);
    }

    [Fact]
    public void Two_Removes_or_one_of_a_blank_leaf_are_refused()
    {
        Refused(
            ValidationRule.ExternalCommitRemove, _path, _externalInit,
            new ProposalOrRef(new RemoveProposal(new LeafIndex(0))), new ProposalOrRef(new RemoveProposal(new LeafIndex(1))));
        Refused(ValidationRule.RemoveExistingMember, _path, _externalInit, new ProposalOrRef(new RemoveProposal(new LeafIndex(9))));
    }

    [Fact]
    public void A_Remove_of_somebody_else_is_the_applications_to_refuse()
    {
        _alice.Check.Judge = static entry => entry.Former is null || entry.Leaf.Credential.Equals(entry.Former.Credential);
        ExternalJoin join = Offer().Join(_dave.Signer, _dave.Content, _dave.Policy, new ExternalJoinOptions { Replaces = _bob.Group.OwnIndex });
        join.Group.Dispose();
        Forge.AssertCommitRule(_alice, ValidationRule.CredentialSuccession, join.Message.ToArray());
    }

    [Fact]
    public void Another_proposal_is_refused()
        => Refused(ValidationRule.ExternalCommitProposals, _path, _externalInit, new ProposalOrRef(new GroupContextExtensionsProposal(ExtensionList.Empty)));

    [Fact]
    public void A_proposal_by_reference_is_refused()
        => Refused(ValidationRule.ExternalCommitInline, _path, _externalInit, new ProposalOrRef(new ProposalRef(new byte[32])));

    [Fact]
    public void No_path_is_refused()
    {
        byte[] commit = Forge.ExternalCommit(_dave, _alice.Group.Context, null, _externalInit);
        Forge.AssertRule(_alice, ValidationRule.ExternalCommitPath, () => _alice.Group.Receive(commit));
    }

    [Fact]
    public void A_signature_by_another_key_than_the_paths_is_refused()
    {
        using var erin = new Peer("erin");
        byte[] commit = Forge.ExternalCommit(erin, _alice.Group.Context, _path, _externalInit);
        Forge.AssertRule(_alice, ValidationRule.ExternalCommitSignature, () => _alice.Group.Receive(commit));
    }

    [Fact]
    public void A_path_that_was_made_for_another_commit_is_refused()
    {
        // All is right but the confirmation tag.
        Refused(ValidationRule.ConfirmationTagValid, _path, _externalInit);
    }

    [Fact]
    public void A_kem_output_that_is_none_is_refused()
        => Refused(ValidationRule.HpkeDecryption, _path, new ProposalOrRef(new ExternalInitProposal([1, 2, 3])));

    private GroupInfoOffer Offer()
        => GroupInfoOffer.Open(MlsMessage.Decode(_alice.Group.CreateGroupInfo(_alice.Signer, new GroupInfoOptions())).GroupInfo!, _dave.Policy);

    private void Refused(ValidationRule rule, UpdatePath path, params ProposalOrRef[] proposals)
        => Forge.AssertCommitRule(_alice, rule, Forge.ExternalCommit(_dave, _alice.Group.Context, path, proposals));
}
