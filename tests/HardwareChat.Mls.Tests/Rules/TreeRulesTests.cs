using HardwareChat.Mls.Tests.Scenarios;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Tests.Rules;

// RFC 9420 §7.9.2, §12.4.3.1, §12.4.3.3: each test breaks one rule of a tree that is otherwise right.
public class TreeRulesTests
{
    private static readonly CipherSuite Suite = CipherSuite.X25519Aes128GcmSha256Ed25519;

    [Fact]
    public void A_tree_with_a_trailing_blank_is_refused()
    {
        List<byte[]?> nodes = Nodes(Populated(3).Tree);
        nodes.Add(null);
        AssertRule(ValidationRule.TreeTrailingBlanks, nodes);
    }

    [Fact]
    public void A_tree_without_nodes_is_refused() => AssertRule(ValidationRule.TreeShape, []);

    [Fact]
    public void A_parent_in_the_place_of_a_leaf_is_refused()
    {
        List<byte[]?> nodes = Nodes(Populated(4).Tree);
        (nodes[0], nodes[1]) = (nodes[1], nodes[0]);
        AssertRule(ValidationRule.TreeShape, nodes);
    }

    [Fact]
    public void An_unknown_node_type_is_malformed()
    {
        List<byte[]?> nodes = Nodes(Populated(4).Tree);
        nodes[2]![0] = 3;
        Assert.Throws<DecodeException>(() => RatchetTree.Decode(Suite, Encode(nodes)));
    }

    [Fact]
    public void Unmerged_leaves_out_of_order_are_refused()
    {
        using TestTree group = Populated(8);
        ParentNode root = group.Tree.Parent(group.Tree.RootIndex)!;
        LeafIndex[] unordered = [new(5), new(4)];
        AssertRule(ValidationRule.UnmergedLeavesSorted, WithParent(group.Tree, group.Tree.RootIndex, new(root.EncryptionKey, [], unordered)));
        LeafIndex[] twice = [new(4), new(4)];
        AssertRule(ValidationRule.UnmergedLeavesSorted, WithParent(group.Tree, group.Tree.RootIndex, new(root.EncryptionKey, [], twice)));
    }

    [Fact]
    public void An_unmerged_leaf_outside_the_subtree_is_refused()
    {
        using TestTree group = Populated(8);
        var index = new NodeIndex(3);
        ParentNode parent = group.Tree.Parent(index)!;
        foreach (uint outside in new uint[] { 4, 8, uint.MaxValue })
        {
            var changed = new ParentNode(parent.EncryptionKey, parent.ParentHash.ToArray(), [new(outside)]);
            AssertRule(ValidationRule.UnmergedLeafDescendant, WithParent(group.Tree, index, changed));
        }
    }

    [Fact]
    public void An_unmerged_leaf_that_is_blank_is_refused()
    {
        using TestTree group = Populated(7);
        List<byte[]?> nodes = Nodes(group.Tree);
        foreach (NodeIndex above in new NodeIndex[] { new(7), new(11) })
        {
            ParentNode parent = group.Tree.Parent(above)!;
            nodes[(int)above.Value] = Node(new ParentNode(parent.EncryptionKey, parent.ParentHash.ToArray(), [new(7)]));
        }

        AssertRule(ValidationRule.UnmergedLeafDescendant, nodes);
    }

    [Fact]
    public void A_leaf_unmerged_above_a_node_but_not_at_it_is_refused()
    {
        using TestTree group = Populated(8);
        group.Remove(new LeafIndex(6));
        group.Commit(new LeafIndex(7), TestTree.NoNewLeaves);
        group.Commit(new LeafIndex(5), TestTree.NoNewLeaves);
        Assert.Equal(new LeafIndex(6), group.Add());
        var index = new NodeIndex(11);
        ParentNode parent = group.Tree.Parent(index)!;
        Assert.Equal(6u, parent.UnmergedLeaves[0].Value);
        var changed = new ParentNode(parent.EncryptionKey, parent.ParentHash.ToArray(), []);
        AssertRule(ValidationRule.UnmergedLeafInBetween, WithParent(group.Tree, index, changed));
    }

    [Fact]
    public void A_parent_with_another_key_or_another_parent_hash_is_refused()
    {
        using TestTree group = Populated(8);
        using HpkeKeyPair other = Suite.GenerateHpkeKeyPair();
        foreach ((NodeIndex index, ParentNode parent) in Parents(group.Tree))
        {
            var otherKey = new ParentNode(other.PublicKey, parent.ParentHash.ToArray(), []);
            AssertRule(ValidationRule.ParentHashValid, WithParent(group.Tree, index, otherKey));
            var otherHash = new ParentNode(parent.EncryptionKey, [1, .. parent.ParentHash], []);
            AssertRule(ValidationRule.ParentHashValid, WithParent(group.Tree, index, otherHash));
        }
    }

    [Fact]
    public void A_parent_with_nobody_below_it_is_refused()
    {
        using TestTree group = Populated(2);
        using HpkeKeyPair other = Suite.GenerateHpkeKeyPair();
        List<byte[]?> nodes = Nodes(group.Tree);
        nodes.AddRange([null, null, Node(new ParentNode(other.PublicKey, [], []))]);
        AssertRule(ValidationRule.ParentHashValid, nodes);
    }

    // RFC 9420 §7.9.2: "the intersection of P's unmerged_leaves with the subtree under C is equal to the resolution of C with D removed".
    // The blank node between must not hide a leaf that came after the path and is not listed above.
    [Fact]
    public void A_leaf_below_a_blank_node_that_its_ancestors_do_not_list_is_refused()
    {
        using TestTree group = Populated(8);
        group.Remove(new LeafIndex(1));
        group.Commit(new LeafIndex(0), TestTree.NoNewLeaves);
        Assert.Null(group.Tree.Parent(new NodeIndex(1)));
        Assert.Equal(new LeafIndex(1), group.Add());
        Assert.Null(group.Tree.Parent(new NodeIndex(1)));
        TreeValidation.ValidateStructure(Decode(Nodes(group.Tree)));

        List<byte[]?> nodes = Nodes(group.Tree);
        foreach ((NodeIndex index, ParentNode parent) in Parents(group.Tree))
        {
            if (Unmerged.Contains(parent.UnmergedLeaves, new LeafIndex(1)))
                nodes[(int)index.Value] = Node(new ParentNode(parent.EncryptionKey, parent.ParentHash.ToArray(), []));
        }

        AssertRule(ValidationRule.ParentHashValid, nodes);
    }

    // The copath's original tree hash leaves out what was added later, and nothing else.
    [Fact]
    public void A_leaf_added_on_the_copath_does_not_invalidate_a_parent_but_a_changed_one_does()
    {
        using TestTree group = Populated(8);
        group.Remove(new LeafIndex(6));
        group.Commit(new LeafIndex(0), TestTree.NoNewLeaves);
        Assert.Equal(new LeafIndex(6), group.Add());
        TreeValidation.Validate(Decode(Nodes(group.Tree)), TestTree.GroupId);

        LeafNode other = group.NewLeaf(out SignaturePrivateKey signer, out HpkeKeyPair pair);
        List<byte[]?> nodes = Nodes(group.Tree);
        nodes[10] = Node(other);
        AssertRule(ValidationRule.ParentHashValid, nodes);
        signer.Dispose();
        pair.Dispose();
    }

    [Fact]
    public void An_encryption_key_that_occurs_twice_is_refused()
    {
        using TestTree group = Populated(4);
        LeafNode first = group.Tree.Leaf(new LeafIndex(0))!;
        using SignaturePrivateKey signer = Suite.GenerateSignatureKey();
        LeafNode twin = LeafNode.SignForKeyPackage(Suite, signer, first.EncryptionKey, LeafContent.Of(first), Lifetime.Unlimited);
        List<byte[]?> nodes = Nodes(group.Tree);
        nodes[6] = Node(twin);
        AssertRule(ValidationRule.EncryptionKeyUnique, nodes);

        ParentNode root = group.Tree.Parent(group.Tree.RootIndex)!;
        AssertRule(
            ValidationRule.EncryptionKeyUnique,
            WithParent(group.Tree, group.Tree.RootIndex, new ParentNode(first.EncryptionKey, root.ParentHash.ToArray(), [])));
    }

    [Fact]
    public void A_signature_key_that_occurs_twice_is_refused()
    {
        using TestTree group = Populated(4);
        LeafNode first = group.Tree.Leaf(new LeafIndex(0))!;
        using HpkeKeyPair pair = Suite.GenerateHpkeKeyPair();
        LeafNode twin = LeafNode.SignForKeyPackage(
            Suite, group.Signer(new LeafIndex(0)), pair.PublicKey, LeafContent.Of(first), Lifetime.Unlimited);
        List<byte[]?> nodes = Nodes(group.Tree);
        nodes[6] = Node(twin);
        AssertRule(ValidationRule.SignatureKeyUnique, nodes);
    }

    [Fact]
    public void A_key_that_is_none_of_the_suite_is_refused()
    {
        using TestTree group = Populated(4);
        ParentNode root = group.Tree.Parent(group.Tree.RootIndex)!;
        var shortKey = new HpkePublicKey(root.EncryptionKey.Span[..31]);
        AssertRule(
            ValidationRule.EncryptionKeyWellFormed,
            WithParent(group.Tree, group.Tree.RootIndex, new ParentNode(shortKey, root.ParentHash.ToArray(), [])));

        using SignaturePrivateKey signer = SignaturePrivateKey.Generate(SignatureScheme.EcdsaSecp256r1Sha256);
        using HpkeKeyPair pair = Suite.GenerateHpkeKeyPair();
        LeafNode foreign = LeafNode.SignForKeyPackage(
            CipherSuite.P256Aes128GcmSha256P256, signer, pair.PublicKey, group.Content("bob"), Lifetime.Unlimited);
        List<byte[]?> nodes = Nodes(group.Tree);
        nodes[6] = Node(foreign);
        AssertRule(ValidationRule.SignatureKeyWellFormed, nodes);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    public void A_wrong_leaf_signature_is_found_wherever_it_is(int members)
    {
        using var group = new TestTree(Suite, members);
        for (int i = 0; i < members; i += 3)
        {
            List<byte[]?> nodes = Nodes(group.Tree);
            nodes[i * 2]![^1] ^= 1;
            AssertRule(ValidationRule.LeafSignature, nodes);
        }
    }

    // Two cores must find the same fault that one does.
    [Fact]
    public void Of_several_wrong_leaf_signatures_the_first_is_reported()
    {
        using var group = new TestTree(Suite, 40);
        List<byte[]?> nodes = Nodes(group.Tree);
        foreach (int leaf in new[] { 7, 8, 20, 39 })
            nodes[leaf * 2]![^1] ^= 1;
        ValidationException exception = Assert.Throws<ValidationException>(() => TreeValidation.Validate(Decode(nodes), TestTree.GroupId));
        Assert.Contains("leaf 7 ", exception.Message, StringComparison.Ordinal);
    }

    // RFC 9420 §7.2: a leaf of a commit or an Update is signed for its group and its place.
    [Fact]
    public void A_leaf_signed_for_another_group_is_refused()
    {
        using TestTree group = Populated(4);
        ValidationException exception = Assert.Throws<ValidationException>(
            () => TreeValidation.Validate(Decode(Nodes(group.Tree)), new GroupId("another room"u8)));
        Assert.Equal(ValidationRule.LeafSignature, exception.Rule);
    }

    // A tree in which everything is unmerged everywhere, or blank, is the validator's worst case; it must stay near-linear.
    [Fact]
    public void A_deep_tree_of_blanks_is_read_without_recursing_into_each()
    {
        using var group = new TestTree(Suite, 1);
        List<byte[]?> nodes = Nodes(group.Tree);
        for (int i = 0; i < 400_001; i++)
            nodes.Add(null);
        nodes.Add(Node(group.NewLeaf(out SignaturePrivateKey signer, out HpkeKeyPair pair)));
        if (nodes.Count % 2 == 0)
            nodes.Insert(1, null);
        RatchetTree tree = Decode(nodes);
        TreeValidation.Validate(tree, TestTree.GroupId);
        Assert.Equal(2, tree.MemberCount);
        Assert.Equal(Encode(nodes), TlsWriter.Encode(tree));
        signer.Dispose();
        pair.Dispose();
    }

    private static TestTree Populated(int members)
    {
        var group = new TestTree(Suite, members);
        for (uint i = 0; i < members; i++)
            group.Commit(new LeafIndex(i), TestTree.NoNewLeaves);
        return group;
    }

    private static void AssertRule(ValidationRule rule, List<byte[]?> nodes)
    {
        ValidationException exception = Assert.Throws<ValidationException>(() => TreeValidation.Validate(Decode(nodes), TestTree.GroupId));
        Assert.Equal(rule, exception.Rule);
    }

    private static List<byte[]?> WithParent(RatchetTree tree, NodeIndex index, ParentNode parent)
    {
        List<byte[]?> nodes = Nodes(tree);
        nodes[(int)index.Value] = Node(parent);
        return nodes;
    }

    private static IEnumerable<(NodeIndex Index, ParentNode Parent)> Parents(RatchetTree tree)
    {
        for (uint i = 1; i < TreeMath.NodeCount(tree.LeafCount); i += 2)
        {
            if (tree.Parent(new NodeIndex(i)) is { } parent)
                yield return (new NodeIndex(i), parent);
        }
    }

    private static byte[] Node(LeafNode leaf) => [(byte)NodeType.Leaf, .. TlsWriter.Encode(leaf)];

    private static byte[] Node(ParentNode parent) => [(byte)NodeType.Parent, .. TlsWriter.Encode(parent)];

    private static List<byte[]?> Nodes(RatchetTree tree)
    {
        var nodes = new List<byte[]?>();
        for (uint i = 0; i < TreeMath.NodeCount(tree.LeafCount); i++)
        {
            var index = new NodeIndex(i);
            if (index.IsLeaf)
                nodes.Add(tree.Leaf(index.ToLeafIndex()) is { } leaf ? Node(leaf) : null);
            else
                nodes.Add(tree.Parent(index) is { } parent ? Node(parent) : null);
        }

        while (nodes[^1] is null)
            nodes.RemoveAt(nodes.Count - 1);
        return nodes;
    }

    private static byte[] Encode(List<byte[]?> nodes)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteVector(nodes, static (ref writer, nodes) =>
        {
            foreach (byte[]? node in nodes)
            {
                writer.WriteOptional(node is not null);
                writer.WriteFixed(node);
            }
        });
        return buffer.WrittenSpan.ToArray();
    }

    private static RatchetTree Decode(List<byte[]?> nodes) => RatchetTree.Decode(Suite, Encode(nodes));
}
