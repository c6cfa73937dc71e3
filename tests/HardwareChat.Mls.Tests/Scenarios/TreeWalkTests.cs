using CsCheck;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Tests.Scenarios;

public class TreeWalkTests
{
    // RFC 9420 §4.2, the tree invariant: "The private key for a node in the tree is known to a member of the group only if the node's
    // subtree contains that member's leaf"; and all members find the same commit secret.
    [Fact]
    public void Random_changes_keep_the_tree_valid_and_the_members_in_agreement()
        => Gen.Select(Gen.Int[0, 7], Gen.UInt).List[10, 40].Sample(Walk, iter: 12, threads: 1);

    [Fact]
    public void A_tree_that_has_filled_up_and_emptied_is_still_valid()
    {
        using var group = new TestTree(CipherSuite.X25519ChaCha20Poly1305Sha256Ed25519, 40);
        for (uint i = 0; i < 40; i += 3)
            group.Commit(new LeafIndex(i), TestTree.NoNewLeaves);
        AssertValid(group);
        for (uint i = 39; i > 2; i--)
            group.Remove(new LeafIndex(i));
        Assert.Equal(4u, group.Tree.LeafCount);
        group.Commit(new LeafIndex(1), TestTree.NoNewLeaves);
        AssertValid(group);
    }

    // Refusing a staged commit must leave no trace, and taking it must not touch the trees of earlier epochs.
    [Fact]
    public void A_copy_of_the_tree_does_not_move_when_the_tree_does()
    {
        using var group = new TestTree(CipherSuite.X25519Aes128GcmSha256Ed25519, 9);
        group.Commit(new LeafIndex(4), TestTree.NoNewLeaves);
        RatchetTree copy = group.Tree.Copy();
        byte[] before = TlsWriter.Encode(copy);
        byte[] hash = copy.TreeHash();
        HpkePublicKey key = copy.Leaf(new LeafIndex(7))!.EncryptionKey;
        Assert.Equal(1, copy.CountOf(key));
        group.Update(new LeafIndex(7));
        group.Remove(new LeafIndex(8));
        group.Add();
        Assert.Equal(0, group.Tree.CountOf(key));
        Assert.Equal(1, copy.CountOf(key));
        Assert.Equal(before, TlsWriter.Encode(copy));
        Assert.Equal(hash, copy.TreeHash());
        Assert.NotEqual(hash, group.Tree.TreeHash());
    }

    // RFC 9420 §7.5: outdated key material is deleted.
    [Fact]
    public void A_key_pair_that_a_commit_replaces_is_erased()
    {
        using var group = new TestTree(CipherSuite.X25519Aes128GcmSha256Ed25519, 4);
        group.Commit(new LeafIndex(0), TestTree.NoNewLeaves);
        NodeIndex root = TreeMath.Root(group.Tree.LeafCount);
        TreePrivateKeys keys = group.Keys[new LeafIndex(3)];
        HpkePrivateKey former = keys.Find(root)!.PrivateKey;
        ReadOnlySpan<byte> bytes = former.Span;
        Assert.NotEqual(new byte[32], bytes.ToArray());
        group.Commit(new LeafIndex(1), TestTree.NoNewLeaves);
        Assert.Equal(new byte[32], bytes.ToArray());
        Assert.Throws<ObjectDisposedException>(() => former.Span.Length);

        bytes = keys.Find(root)!.PrivateKey.Span;
        group.Update(new LeafIndex(0));
        Assert.Null(keys.Find(root));
        Assert.Equal(new byte[32], bytes.ToArray());
    }

    [Fact]
    public void A_path_that_is_disposed_leaves_no_secret()
    {
        using var group = new TestTree(CipherSuite.X25519Aes128GcmSha256Ed25519, 4);
        using HpkeKeyPair leafPair = group.Suite.GenerateHpkeKeyPair();
        CreatedPath created = group.CreatePath(group.Tree.Copy(), new LeafIndex(0), leafPair);
        Secret pathSecret = created.PathSecretFor(new LeafIndex(1));
        HpkePrivateKey privateKey = created.Keys.Pairs[0].Pair.PrivateKey;
        created.Dispose();
        Assert.True(pathSecret.IsDisposed);
        Assert.True(created.Keys.CommitSecret.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => privateKey.Span.Length);
    }

    [Fact]
    public void A_signer_that_fails_leaves_the_tree_as_it_was()
    {
        using var group = new TestTree(CipherSuite.X25519Aes128GcmSha256Ed25519, 5);
        byte[] before = TlsWriter.Encode(group.Tree);
        Assert.Throws<OperationCanceledException>(
            () => CreatedPath.Create(group.Tree, new LeafIndex(2), _ => throw new OperationCanceledException("no touch")));
        Assert.Equal(before, TlsWriter.Encode(group.Tree));
    }

    // RFC 9420 §7.7: the tree grows by doubling and shrinks by halving.
    [Fact]
    public void Blank_leaves_are_taken_from_the_left_before_the_tree_grows()
    {
        using var group = new TestTree(CipherSuite.X25519Aes128GcmSha256Ed25519, 8);
        group.Remove(new LeafIndex(5));
        group.Remove(new LeafIndex(2));
        Assert.Equal(new LeafIndex(2), group.Add());
        Assert.Equal(new LeafIndex(5), group.Add());
        Assert.Equal(8u, group.Tree.LeafCount);
        Assert.Equal(new LeafIndex(8), group.Add());
        Assert.Equal(16u, group.Tree.LeafCount);
        group.Remove(new LeafIndex(8));
        Assert.Equal(8u, group.Tree.LeafCount);
    }

    [Fact]
    public void A_group_of_one_has_an_empty_path()
    {
        using var group = new TestTree(CipherSuite.X25519Aes128GcmSha256Ed25519, 1);
        group.Commit(new LeafIndex(0), TestTree.NoNewLeaves);
        Assert.Empty(group.Tree.FilteredDirectPath(new LeafIndex(0)));
        AssertValid(group);
    }

    private static void Walk(List<(int Kind, uint Choice)> steps)
    {
        using var group = new TestTree(CipherSuite.X25519Aes128GcmSha256Ed25519, 3);
        foreach ((int kind, uint choice) in steps)
        {
            LeafIndex[] members = [.. group.Tree.Members.Select(static member => member.Index)];
            LeafIndex chosen = members[choice % (uint)members.Length];
            switch (kind)
            {
                case 0 or 1:
                    group.Add();
                    break;
                case 2 when members.Length > 2:
                    group.Remove(chosen);
                    break;
                case 3:
                    group.Update(chosen);
                    break;
                case 4:
                    group.Commit(chosen, new HashSet<LeafIndex> { group.Add(), group.Add() });
                    break;
                default:
                    group.Commit(chosen, TestTree.NoNewLeaves);
                    break;
            }
        }

        AssertValid(group);
    }

    private static void AssertValid(TestTree group)
    {
        group.AssertInvariant();
        byte[] encoded = TlsWriter.Encode(group.Tree);
        RatchetTree read = RatchetTree.Decode(group.Suite, encoded);
        TreeValidation.Validate(read, TestTree.GroupId);
        Assert.Equal(group.Tree.TreeHash(), read.TreeHash());
        Assert.Equal(group.Tree.LeafCount, read.LeafCount);
        Assert.Equal(group.Tree.MemberCount, read.MemberCount);
        Assert.Equal(encoded, TlsWriter.Encode(read));
        foreach ((LeafIndex _, LeafNode leaf) in group.Tree.Members)
        {
            Assert.Equal(1, group.Tree.CountOf(leaf.EncryptionKey));
            Assert.Equal(1, group.Tree.CountOf(leaf.SignatureKey));
        }
    }
}
