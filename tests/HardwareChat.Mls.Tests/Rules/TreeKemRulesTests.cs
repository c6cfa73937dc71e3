using HardwareChat.Mls.Tests.Scenarios;

namespace HardwareChat.Mls.Tests.Rules;

// RFC 9420 §7.5, §7.6, §12.4.2: each test breaks one rule of a path that is otherwise right.
public class TreeKemRulesTests
{
    private static readonly CipherSuite Suite = CipherSuite.X25519Aes128GcmSha256Ed25519;
    private static readonly LeafIndex Sender = new(2);
    private static readonly LeafIndex Receiver = new(5);

    [Fact]
    public void A_path_that_is_too_short_or_too_long_is_refused()
    {
        using var attempt = new Attempt();
        attempt.AssertMergeRule(ValidationRule.PathLength, new UpdatePath(attempt.Path.LeafNode, [.. attempt.Path.Nodes.Skip(1)]));
        attempt.AssertMergeRule(ValidationRule.PathLength, new UpdatePath(attempt.Path.LeafNode, []));
        attempt.AssertMergeRule(
            ValidationRule.PathLength, new UpdatePath(attempt.Path.LeafNode, [.. attempt.Path.Nodes, attempt.Path.Nodes[0]]));
    }

    [Fact]
    public void A_path_node_with_a_ciphertext_missing_or_too_many_is_refused()
    {
        using var attempt = new Attempt();
        UpdatePathNode node = attempt.Path.Nodes[1];
        attempt.AssertMergeRule(
            ValidationRule.PathCiphertextCount, attempt.With(1, new(node.EncryptionKey, [.. node.EncryptedPathSecret.Skip(1)])));
        attempt.AssertMergeRule(
            ValidationRule.PathCiphertextCount,
            attempt.With(1, new(node.EncryptionKey, [.. node.EncryptedPathSecret, node.EncryptedPathSecret[0]])));
    }

    [Fact]
    public void A_path_with_a_key_of_the_tree_or_twice_the_same_is_refused()
    {
        using var attempt = new Attempt();
        UpdatePathNode node = attempt.Path.Nodes[1];
        HpkePublicKey[] taken =
        [
            attempt.Group.Tree.Leaf(Receiver)!.EncryptionKey,
            attempt.Group.Tree.Key(attempt.Group.Tree.RootIndex)!,
            attempt.Path.Nodes[0].EncryptionKey,
            attempt.Path.LeafNode.EncryptionKey,
        ];
        foreach (HpkePublicKey key in taken)
            attempt.AssertMergeRule(ValidationRule.EncryptionKeyUnique, attempt.With(1, new(key, [.. node.EncryptedPathSecret])));
    }

    [Fact]
    public void A_path_with_a_key_that_is_none_is_refused()
    {
        using var attempt = new Attempt();
        UpdatePathNode node = attempt.Path.Nodes[1];
        attempt.AssertMergeRule(
            ValidationRule.EncryptionKeyWellFormed, attempt.With(1, new(new HpkePublicKey([1, 2, 3]), [.. node.EncryptedPathSecret])));
    }

    [Fact]
    public void A_path_with_other_keys_than_its_leaf_signed_for_is_refused()
    {
        using var attempt = new Attempt();
        using HpkeKeyPair other = Suite.GenerateHpkeKeyPair();
        UpdatePathNode node = attempt.Path.Nodes[1];
        attempt.AssertMergeRule(
            ValidationRule.LeafParentHashMatches, attempt.With(1, new(other.PublicKey, [.. node.EncryptedPathSecret])));
    }

    [Fact]
    public void A_leaf_that_was_not_made_for_a_commit_is_refused()
    {
        using var attempt = new Attempt();
        using HpkeKeyPair pair = Suite.GenerateHpkeKeyPair();
        LeafNode leaf = LeafNode.SignForUpdate(
            Suite, attempt.Group.Signer(Sender), pair.PublicKey, LeafContent.Of(attempt.Path.LeafNode), TestTree.GroupId, Sender);
        attempt.AssertMergeRule(ValidationRule.LeafSourceCommit, new UpdatePath(leaf, [.. attempt.Path.Nodes]));
    }

    [Fact]
    public void A_leaf_that_keeps_its_encryption_key_is_refused()
    {
        using var attempt = new Attempt();
        LeafNode leaf = LeafNode.SignForCommit(
            Suite,
            attempt.Group.Signer(Sender),
            attempt.Group.Tree.Leaf(Sender)!.EncryptionKey,
            LeafContent.Of(attempt.Path.LeafNode),
            attempt.Path.LeafNode.ParentHash,
            TestTree.GroupId,
            Sender);
        attempt.AssertMergeRule(ValidationRule.UpdateKeyNew, new UpdatePath(leaf, [.. attempt.Path.Nodes]));
    }

    [Fact]
    public void A_path_secret_that_does_not_decrypt_is_refused()
    {
        using var attempt = new Attempt();
        (int step, UpdatePathNode node) = attempt.ReceiversNode();
        HpkeCiphertext ciphertext = node.EncryptedPathSecret[0];
        byte[] changed = ciphertext.Ciphertext.ToArray();
        changed[0] ^= 1;
        var broken = new HpkeCiphertext(ciphertext.KemOutput.ToArray(), changed);
        attempt.AssertDecryptRule(ValidationRule.PathDecryption, attempt.With(step, new(node.EncryptionKey, [broken])), attempt.Context);
        attempt.AssertDecryptRule(ValidationRule.PathDecryption, attempt.Path, [.. attempt.Context, 0]);
    }

    [Fact]
    public void A_path_secret_of_another_length_is_refused()
    {
        using var attempt = new Attempt();
        (int step, UpdatePathNode node) = attempt.ReceiversNode();
        HpkeCiphertext tooShort = Suite.EncryptWithLabel(attempt.ReceiversKey, "UpdatePathNode"u8, attempt.Context, new byte[31])!;
        attempt.AssertDecryptRule(ValidationRule.PathDecryption, attempt.With(step, new(node.EncryptionKey, [tooShort])), attempt.Context);
    }

    // RFC 9420 §16.12: a member can encrypt a false path to some; who sees it must refuse it.
    [Fact]
    public void A_path_secret_that_does_not_lead_to_the_public_keys_is_refused()
    {
        using var attempt = new Attempt();
        (int step, UpdatePathNode node) = attempt.ReceiversNode();
        HpkeCiphertext other = Suite.EncryptWithLabel(attempt.ReceiversKey, "UpdatePathNode"u8, attempt.Context, new byte[32])!;
        attempt.AssertDecryptRule(ValidationRule.PathKeysMatch, attempt.With(step, new(node.EncryptionKey, [other])), attempt.Context);
    }

    [Fact]
    public void A_joiners_path_secret_that_does_not_lead_to_the_trees_keys_is_refused()
    {
        using var group = new TestTree(Suite, 5);
        group.Commit(new LeafIndex(0), TestTree.NoNewLeaves);
        TreePrivateKeys keys = group.Keys[new LeafIndex(4)];
        int before = keys.Pairs.Count();
        ValidationException exception = Assert.Throws<ValidationException>(
            () => TreeKem.Join(group.Tree, keys, new LeafIndex(0), Secret.Random(32)));
        Assert.Equal(ValidationRule.WelcomePathSecret, exception.Rule);
        Assert.Equal(before, keys.Pairs.Count());
        group.AssertInvariant();
    }

    /// <summary>A right path in a populated group of eight, to be broken.</summary>
    private sealed class Attempt : IDisposable
    {
        private readonly RatchetTree _merged;
        private readonly CreatedPath _created;
        private readonly HpkeKeyPair _leafPair = Suite.GenerateHpkeKeyPair();

        public Attempt()
        {
            for (uint i = 0; i < 8; i++)
                Group.Commit(new LeafIndex(i), TestTree.NoNewLeaves);
            _merged = Group.Tree.Copy();
            _created = Group.CreatePath(_merged, Sender, _leafPair);
            Context = _merged.TreeHash();
            Path = _created.Encrypt(Context, TestTree.NoNewLeaves);
        }

        public TestTree Group { get; } = new(Suite, 8);

        public UpdatePath Path { get; }

        public byte[] Context { get; }

        public HpkePublicKey ReceiversKey => Group.Tree.Key(new NodeIndex(11))!;

        public (int Step, UpdatePathNode Node) ReceiversNode() => (Path.Nodes.Count - 1, Path.Nodes[^1]);

        public UpdatePath With(int step, UpdatePathNode node)
        {
            UpdatePathNode[] nodes = [.. Path.Nodes];
            nodes[step] = node;
            return new UpdatePath(Path.LeafNode, nodes);
        }

        public void AssertMergeRule(ValidationRule rule, UpdatePath path)
        {
            RatchetTree tree = Group.Tree.Copy();
            byte[] before = tree.TreeHash();
            ValidationException exception = Assert.Throws<ValidationException>(
                () => TreeKem.Merge(tree, Sender, path, TestTree.NoNewLeaves));
            Assert.Equal(rule, exception.Rule);
            Assert.Equal(before, tree.TreeHash());
        }

        public void AssertDecryptRule(ValidationRule rule, UpdatePath path, byte[] context)
        {
            TreeKem.Merge(Group.Tree.Copy(), Sender, path, TestTree.NoNewLeaves);
            ValidationException exception = Assert.Throws<ValidationException>(
                () => TreeKem.Decrypt(_merged, Group.Keys[Receiver], null, Sender, path, context, TestTree.NoNewLeaves));
            Assert.Equal(rule, exception.Rule);
            Group.AssertInvariant();
        }

        public void Dispose()
        {
            _created.Dispose();
            _leafPair.Dispose();
            Group.Dispose();
        }
    }
}
