using System.Security.Cryptography;
using CsCheck;

namespace HardwareChat.Protocol.Tests;

/// <summary>RFC 9162 §2.1 against its definition, written out once more without our types.</summary>
public sealed class MerkleTreeTests
{
    private static readonly Gen<int> Sizes = Gen.Int[1, 70];

    [Fact]
    public void The_empty_root_is_the_hash_of_nothing()
        => Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", MerkleTree.EmptyRoot.ToString());

    [Fact]
    public void Roots_are_the_definitions_at_every_size_and_the_frontier_agrees()
    {
        Digest[] leaves = Leaves(70);
        MerkleFrontier frontier = MerkleFrontier.Empty;
        for (int size = 0; size < leaves.Length; size++)
        {
            byte[] expected = Definition([.. Enumerable.Range(0, size).Select(Input)]);
            Assert.Equal(expected, MerkleTree.Root(leaves.AsSpan(0, size)).ToArray());
            Assert.Equal(expected, frontier.Root.ToArray());
            Assert.Equal((ulong)size, frontier.Size);
            frontier = frontier.Append(leaves[size]);
        }
    }

    [Fact]
    public void Every_inclusion_path_verifies_and_only_where_it_belongs()
        => Gen.Select(Sizes, Gen.Int[0, 1000], Gen.Int[0, 1000]).Sample((size, at, elsewhere) =>
        {
            Digest[] leaves = Leaves(size);
            int index = at % size;
            Digest root = MerkleTree.Root(leaves);
            Digest[] path = MerkleTree.InclusionPath(leaves, index);
            Assert.True(MerkleTree.VerifyInclusion(leaves[index], (ulong)index, (ulong)size, path, root));
            int other = elsewhere % size;
            Assert.Equal(other == index, MerkleTree.VerifyInclusion(leaves[index], (ulong)other, (ulong)size, path, root));
            Assert.False(MerkleTree.VerifyInclusion(leaves[index], (ulong)index, (ulong)size, [.. path, root], root));
            Assert.False(MerkleTree.VerifyInclusion(leaves[index], (ulong)(index + size), (ulong)size, path, root));
            if (path.Length > 0)
                Assert.False(MerkleTree.VerifyInclusion(leaves[index], (ulong)index, (ulong)size, path.AsSpan(1), root));
        });

    [Fact]
    public void Every_consistency_proof_verifies_and_no_changed_one()
        => Gen.Select(Sizes, Gen.Int[0, 1000], Gen.Int[0, 1000]).Sample((size, at, flip) =>
        {
            Digest[] leaves = Leaves(size);
            int old = 1 + (at % size);
            Digest oldRoot = MerkleTree.Root(leaves.AsSpan(0, old));
            Digest newRoot = MerkleTree.Root(leaves);
            Digest[] proof = MerkleTree.ConsistencyProof(leaves, old);
            Assert.True(MerkleTree.VerifyConsistency((ulong)old, oldRoot, (ulong)size, newRoot, proof));
            Assert.False(MerkleTree.VerifyConsistency((ulong)old, newRoot, (ulong)size, Digest.Of([1]), proof));
            Assert.False(MerkleTree.VerifyConsistency((ulong)old, oldRoot, (ulong)size, newRoot, [.. proof, oldRoot]));
            if (proof.Length == 0)
                return;
            Digest[] changed = [.. proof];
            changed[flip % proof.Length] = Digest.Of([2]);
            Assert.False(MerkleTree.VerifyConsistency((ulong)old, oldRoot, (ulong)size, newRoot, changed));
        });

    [Fact]
    public void Nothing_is_consistent_with_a_smaller_tree()
    {
        Digest[] leaves = Leaves(3);
        Assert.False(MerkleTree.VerifyConsistency(3, MerkleTree.Root(leaves), 2, MerkleTree.Root(leaves.AsSpan(0, 2)), []));
        Assert.True(MerkleTree.VerifyConsistency(0, MerkleTree.EmptyRoot, 3, MerkleTree.Root(leaves), []));
        Assert.False(MerkleTree.VerifyConsistency(2, MerkleTree.Root(leaves.AsSpan(0, 2)), 3, MerkleTree.Root(leaves), []));
        Assert.False(MerkleTree.VerifyConsistency(0, leaves[0], 3, MerkleTree.Root(leaves), []));
        Assert.False(MerkleTree.VerifyConsistency(0, MerkleTree.EmptyRoot, 3, MerkleTree.Root(leaves), [leaves[0]]));
        Assert.False(MerkleTree.VerifyConsistency(3, MerkleTree.Root(leaves), 5, MerkleTree.Root(Leaves(5)), []));
    }

    // A proof that leads to the right roots, but of trees of other sizes than it says.
    [Fact]
    public void A_proof_holds_for_its_own_sizes_and_old_root_alone()
    {
        Digest[] leaves = Leaves(16);
        for (int old = 1; old < 8; old++)
        {
            for (int now = old + 1; now <= 8; now++)
            {
                Digest oldRoot = MerkleTree.Root(leaves.AsSpan(0, old));
                Digest newRoot = MerkleTree.Root(leaves.AsSpan(0, now));
                Digest[] proof = MerkleTree.ConsistencyProof(leaves.AsSpan(0, now), old);
                Assert.False(MerkleTree.VerifyConsistency((ulong)old, Digest.Of([9]), (ulong)now, newRoot, proof));
                for (int other = old + 1; other <= 16; other++)
                {
                    if (MerkleTree.ConsistencyProof(leaves.AsSpan(0, other), old).Length != proof.Length)
                        Assert.False(MerkleTree.VerifyConsistency((ulong)old, oldRoot, (ulong)other, newRoot, proof));
                }
            }
        }
    }

    private static byte[] Input(int i) => [(byte)i, 7];

    private static Digest[] Leaves(int count) => [.. Enumerable.Range(0, count).Select(static i => MerkleTree.LeafHash(Input(i)))];

    private static byte[] Definition(byte[][] inputs)
    {
        if (inputs.Length == 0)
            return SHA256.HashData([]);
        if (inputs.Length == 1)
            return SHA256.HashData([0, .. inputs[0]]);
        int k = 1;
        while (2 * k < inputs.Length)
            k *= 2;
        return SHA256.HashData([1, .. Definition(inputs[..k]), .. Definition(inputs[k..])]);
    }
}
