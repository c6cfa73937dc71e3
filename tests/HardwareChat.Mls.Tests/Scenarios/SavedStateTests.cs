using HardwareChat.Wire;

namespace HardwareChat.Mls.Tests.Scenarios;

// RFC 9420 §9.2, and the promise of MlsGroup: a saved group is all that it has, and none of what it has consumed.
public static class SavedStateTests
{
    [Fact]
    public static void A_group_goes_on_from_its_saved_state_at_every_point()
    {
        using Peer alice = Peer.Creator("alice", options: new GroupOptions { Padding = Padding.ToMultipleOf(32) });
        using Peer bob = alice.Add("bob");
        Restart(alice);
        Restart(bob);
        Peer.AssertAgreement(alice, bob);

        // In the middle: kept proposals, an own Update, a pending commit, a late message.
        byte[] late = bob.Encrypt("late");
        byte[] update = bob.Group.ProposeUpdate(bob.Signer);
        alice.Keep(update);
        Restart(alice);
        Restart(bob);
        CommitBundle bundle = alice.Commit();
        Restart(alice);
        Assert.NotNull(alice.Group.PendingCommit);
        bob.Process(bundle.Message.Span);
        Restart(bob);
        alice.Group.MergePending();
        Restart(alice);
        Assert.Equal("late", alice.Decrypt(late));
        Peer.AssertAgreement(alice, bob);
        Assert.Throws<InvalidOperationException>(alice.Group.MergePending);
    }

    [Fact]
    public static void Saving_a_restored_group_gives_the_same_bytes()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        Peer.AssertAgreement(alice, bob);
        alice.Keep(bob.Group.ProposeSelfRemoval(bob.Signer));
        alice.Commit();
        byte[] saved = alice.Group.Save();
        using MlsGroup restored = MlsGroup.Restore(saved);
        Assert.Equal(saved, restored.Save());
    }

    [Fact]
    public static void A_restored_group_does_not_read_a_message_twice()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        byte[] message = bob.Encrypt("once");
        alice.Decrypt(message);
        Restart(alice);
        Assert.Equal(ValidationRule.GenerationAvailable, Assert.Throws<ValidationException>(() => alice.Decrypt(message)).Rule);
    }

    [Fact]
    public static void A_state_that_is_cut_off_or_of_another_version_is_refused()
    {
        using Peer alice = Peer.Creator("alice");
        byte[] saved = alice.Group.Save();
        for (int length = 0; length < saved.Length; length += 7)
            Assert.Throws<DecodeException>(() => MlsGroup.Restore(saved.AsSpan(0, length)));
        Assert.Throws<DecodeException>(() => MlsGroup.Restore([.. saved, 0]));
        saved[1] = 2;
        Assert.Throws<DecodeException>(() => MlsGroup.Restore(saved));
    }

    [Fact]
    public static void Consumed_message_keys_are_not_in_the_saved_state()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        byte[] before = alice.Group.Save();
        byte[] key = new byte[Peer.Suite.KeyLength];
        byte[] nonce = new byte[CipherSuite.NonceLength];
        byte[] skipped = bob.Encrypt("skipped");
        byte[] message = bob.Encrypt("read");

        // Without the message the encryption secret is still there whole; with it, nothing leads to it or to the key.
        Assert.Equal(
            RatchetAnswer.Found, alice.Group.State.SecretTree.TryPeek(bob.Group.OwnIndex, RatchetType.Application, 1, RatchetBounds.Standard, key, nonce));
        alice.Decrypt(message);
        byte[] after = alice.Group.Save();
        Assert.Equal(-1, after.AsSpan().IndexOf(key));
        Assert.Equal(
            RatchetAnswer.Consumed, alice.Group.State.SecretTree.TryPeek(bob.Group.OwnIndex, RatchetType.Application, 1, RatchetBounds.Standard, key, nonce));
        Assert.NotEqual(before, after);

        // The skipped one can still be read, once.
        Assert.Equal("skipped", alice.Decrypt(skipped));
        Assert.Throws<ValidationException>(() => alice.Decrypt(skipped));
    }

    [Fact]
    public static void The_secrets_of_an_epoch_die_when_the_next_begins_and_the_rest_with_the_window()
    {
        using Peer alice = Peer.Creator("alice", options: new GroupOptions { PastEpochs = 1 });
        using Peer bob = alice.Add("bob");
        EpochState old = alice.Group.State;
        Secret[] all =
        [
            old.Secrets.InitSecret, old.Secrets.ExporterSecret, old.Secrets.ExternalSecret, old.Secrets.ConfirmationKey,
            old.Secrets.MembershipKey, old.Secrets.EpochAuthenticator, old.Secrets.SenderDataSecret, old.Secrets.ResumptionPsk,
        ];
        byte[][] copies = [.. all.Select(static secret => secret.Span.ToArray())];
        byte[] leafKey = old.Keys.LeafPair.PrivateKey.Span.ToArray();

        alice.Deliver(alice.Commit(), bob);
        Assert.All(all, static secret => Assert.True(secret.IsDisposed));
        byte[] saved = alice.Group.Save();
        for (int i = 0; i < copies.Length; i++)
        {
            // Sender data secret and resumption PSK stay for late messages and resumption.
            Assert.Equal(i >= 6, saved.AsSpan().IndexOf(copies[i]) >= 0);
        }

        Assert.Equal(-1, saved.AsSpan().IndexOf(leafKey));
        alice.Deliver(alice.Commit(), bob);
        saved = alice.Group.Save();
        Assert.All(copies, copy => Assert.Equal(-1, saved.AsSpan().IndexOf(copy)));
    }

    [Fact]
    public static void A_refused_or_discarded_commit_leaves_the_group_byte_for_byte_as_it_was()
    {
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        byte[] before = alice.Group.Save();
        CommitBundle bundle = bob.Commit();
        alice.Stage(bundle.Message.Span).Dispose();
        Assert.Equal(before, alice.Group.Save());
        alice.Commit();
        alice.Group.DiscardPending();
        Assert.Equal(before, alice.Group.Save());
        Assert.Throws<ObjectDisposedException>(() => alice.Group.Merge(bundle.Staged.RemovesSelf ? bundle.Staged : Disposed(alice, bundle)));
    }

    [Fact]
    public static void A_populated_group_is_restored_with_its_tree()
    {
        using Peer alice = Peer.Creator("alice");
        KeyPackageBundle[] bundles = [.. Enumerable.Range(0, 64).Select(static i => new Peer($"member {i}").KeyPackage())];
        alice.Group.Commit(alice.Signer, alice.Policy, new CommitOptions { Proposals = [.. bundles.Select(static b => new AddProposal(b.KeyPackage))] });
        alice.Group.MergePending();
        Assert.Equal(65, alice.Group.Tree.MemberCount);
        using MlsGroup restored = MlsGroup.Restore(alice.Group.Save());
        Assert.Equal(alice.Group.Context.Encoded.ToArray(), restored.Context.Encoded.ToArray());
        Assert.Equal(restored.Context.TreeHash.ToArray(), restored.Tree.TreeHash());
    }

    [Fact]
    public static void Encrypting_a_message_allocates_no_more_than_the_message()
    {
        using Peer alice = Peer.Creator("alice");
        byte[] data = new byte[1024];
        var output = new System.Buffers.ArrayBufferWriter<byte>(1 << 16);
        alice.Group.Encrypt(alice.Signer, data, default, output);
        output.ResetWrittenCount();
        long before = GC.GetAllocatedBytesForCurrentThread();
        alice.Group.Encrypt(alice.Signer, data, default, output);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, output.WrittenCount);
    }

    private static StagedCommit Disposed(Peer alice, CommitBundle bundle)
    {
        StagedCommit staged = alice.Stage(bundle.Message.Span);
        staged.Dispose();
        return staged;
    }

    private static void Restart(Peer peer)
    {
        byte[] saved = peer.Group.Save();
        peer.Group.Dispose();
        peer.Group = MlsGroup.Restore(saved);
    }
}
