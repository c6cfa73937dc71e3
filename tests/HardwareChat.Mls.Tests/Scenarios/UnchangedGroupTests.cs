using HardwareChat.Mls.Tests.Rules;

namespace HardwareChat.Mls.Tests.Scenarios;

// The promise of MlsGroup: whatever is refused or fails leaves the group byte for byte as it was.
public sealed class UnchangedGroupTests : IDisposable
{
    private readonly Peer _alice = Peer.Creator("alice");
    private readonly Peer _bob;
    private readonly Peer _carol;

    public UnchangedGroupTests()
    {
        _bob = _alice.Add("bob");
        _carol = _alice.Add("carol", _bob);
    }

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
        _carol.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_message_with_any_byte_changed_leaves_the_group_as_it_was(bool isCommit)
    {
        byte[] message = isCommit ? _bob.Commit().Message.ToArray() : _bob.Encrypt("hello");
        byte[] before = _alice.Group.Save();
        for (int i = 0; i < message.Length; i++)
        {
            byte[] changed = [.. message];
            changed[i] ^= 0x01;
            Exception? exception = Record.Exception(() => Take(changed));
            Assert.True(exception is ValidationException or Wire.DecodeException, $"byte {i}: {exception}");
            Assert.Equal(before, _alice.Group.Save());
        }

        Take(message);
    }

    [Fact]
    public void An_exception_of_the_credential_check_leaves_the_group_as_it_was()
    {
        byte[] commit = _bob.Commit().Message.ToArray();
        _alice.Check.Judge = static _ => throw new TimeoutException();
        Unchanged<TimeoutException>(() => _alice.Stage(commit));
        Unchanged<TimeoutException>(() => _alice.Commit());
        _alice.Check.Judge = static _ => true;
        _alice.Process(commit);
    }

    [Fact]
    public void An_exception_in_search_of_a_psk_erases_those_that_were_found_before()
    {
        var found = new List<Secret>();
        _alice.Policy = _alice.Policy with
        {
            FindPsk = id =>
            {
                if (found.Count == 1)
                    throw new TimeoutException();
                found.Add(Secret.Random(32));
                return found[0];
            },
        };
        var options = new CommitOptions { Proposals = [Psk("one"), Psk("two")] };
        Unchanged<TimeoutException>(() => _alice.Commit(options));
        Assert.True(Assert.Single(found).IsDisposed);
    }

    [Fact]
    public void A_signer_that_fails_at_any_of_its_signatures_leaves_the_group_as_it_was()
    {
        using KeyPackageBundle dave = new Peer("dave").KeyPackage();
        var options = new CommitOptions { Proposals = [new AddProposal(dave.KeyPackage)], GroupInfo = new GroupInfoOptions() };
        var signer = new TiredSigner(_alice.Signer);

        // The leaf, the message, the GroupInfo of the Welcome, the other GroupInfo.
        for (int signatures = 0; signatures < 4; signatures++)
        {
            signer.Left = signatures;
            Unchanged<TimeoutException>(() => _alice.Group.Commit(signer, _alice.Policy, options));
        }

        signer.Left = 0;
        Unchanged<TimeoutException>(() => _alice.Group.Encrypt(signer, "hello"u8.ToArray()));
        Unchanged<TimeoutException>(() => _alice.Group.ProposeUpdate(signer));
        signer.Left = 1;
        Unchanged<TimeoutException>(() => _alice.Group.ProposeUpdate(signer));
        signer.Left = 4;
        _alice.Group.Commit(signer, _alice.Policy, options);
    }

    [Fact]
    public void An_Update_that_keeps_its_encryption_key_is_not_sent()
    {
        using HpkeKeyPair same = _alice.Group.State.Keys.LeafPair.Copy();
        Forge.AssertRule(_alice, ValidationRule.UpdateKeyNew, () => _alice.Group.ProposeUpdate(_alice.Signer, leafKeys: same));
    }

    [Fact]
    public void A_commit_that_was_merged_or_disposed_of_still_tells_what_it_did()
    {
        StagedCommit staged = _alice.Stage(_bob.Commit().Message.Span);
        byte[] tag = staged.ConfirmationTag.ToArray();
        Assert.False(staged.RemovesSelf);
        _alice.Group.Merge(staged);
        Assert.False(staged.RemovesSelf);
        Assert.Equal(tag, staged.ConfirmationTag.ToArray());
        Assert.Equal(_alice.Group.Tree.TreeHash(), staged.TreeAfter!.TreeHash());
    }

    [Fact]
    public void A_pending_commit_that_was_disposed_of_is_pending_no_more()
    {
        byte[] before = _alice.Group.Save();
        _alice.Commit().Staged.Dispose();
        Assert.Null(_alice.Group.PendingCommit);
        Assert.Equal(before, _alice.Group.Save());
        Assert.Throws<InvalidOperationException>(_alice.Group.MergePending);
        _alice.Deliver(_alice.Commit(), _bob, _carol);
        Peer.AssertAgreement(_alice, _bob, _carol);
    }

    [Fact]
    public void A_staged_commit_of_an_epoch_that_is_over_is_not_merged()
    {
        using StagedCommit late = _alice.Stage(_bob.Commit().Message.Span);
        _alice.Process(_carol.Commit().Message.Span);
        Unchanged<ArgumentException>(() => _alice.Group.Merge(late));
    }

    [Fact]
    public void After_its_removal_a_client_reads_and_merges_nothing_that_it_had_begun()
    {
        UnverifiedMessage opened = _bob.Group.Unprotect(MlsMessage.Decode(_alice.Encrypt("too late")));
        var proposal = (ProposalMessage)_bob.Group.Receive(_carol.Group.ProposeSelfRemoval(_carol.Signer));
        var commit = (CommitMessage)_bob.Group.Receive(_carol.Commit().Message.Span);
        using StagedCommit staged = _bob.Group.Stage(commit, _bob.Policy);
        _bob.Process(_alice.Commit(new CommitOptions { Proposals = [new RemoveProposal(_bob.Group.OwnIndex)] }).Message.Span);
        Assert.Equal(GroupStatus.Evicted, _bob.Group.Status);

        Assert.Throws<InvalidOperationException>(() => _bob.Group.Merge(staged));
        Assert.Equal(GroupStatus.Evicted, _bob.Group.Status);
        Evicted(() => _bob.Group.Verify(opened));
        Evicted(() => _bob.Group.Keep(proposal));
        Evicted(() => _bob.Group.Stage(commit, _bob.Policy));
    }

    [Fact]
    public void What_another_group_has_verified_is_refused()
    {
        using Peer dave = Peer.Creator("dave");
        using Peer erin = dave.Add("erin");
        dave.Deliver(dave.Commit(), erin);
        Assert.Equal(_alice.Group.Epoch, dave.Group.Epoch);
        var commit = (CommitMessage)dave.Group.Receive(erin.Commit().Message.Span);
        var proposal = (ProposalMessage)dave.Group.Receive(erin.Group.ProposeSelfRemoval(erin.Signer));
        Forge.AssertRule(_alice, ValidationRule.GroupIdMatches, () => _alice.Group.Stage(commit, _alice.Policy));
        Forge.AssertRule(_alice, ValidationRule.GroupIdMatches, () => _alice.Group.Keep(proposal));
    }

    private static PreSharedKeyProposal Psk(string name) => new(PreSharedKeyId.External(Peer.Suite, System.Text.Encoding.UTF8.GetBytes(name)));

    private static void Evicted(Action action) => Assert.Equal(ValidationRule.Evicted, Assert.Throws<ValidationException>(action).Rule);

    private void Take(ReadOnlySpan<byte> message)
    {
        if (_alice.Group.Receive(message) is CommitMessage commit)
            _alice.Group.Stage(commit, _alice.Policy).Dispose();
    }

    private void Unchanged<T>(Action action)
        where T : Exception
    {
        byte[] before = _alice.Group.Save();
        Assert.Throws<T>(action);
        Assert.Equal(before, _alice.Group.Save());
    }

    /// <summary>A token that gives a number of signatures and no more.</summary>
    private sealed class TiredSigner(IMlsSigner signer) : IMlsSigner
    {
        public int Left { get; set; }

        public SignatureScheme Scheme => signer.Scheme;

        public SignaturePublicKey PublicKey => signer.PublicKey;

        public byte[] Sign(ReadOnlySpan<byte> signContent) => Left-- > 0 ? signer.Sign(signContent) : throw new TimeoutException();
    }
}
