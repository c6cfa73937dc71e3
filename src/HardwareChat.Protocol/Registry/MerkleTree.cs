using System.Numerics;
using System.Security.Cryptography;

namespace HardwareChat.Protocol;

// RFC 9162 §2.1, with SHA-256:
//
//   MTH({})     = SHA-256()
//   MTH({d0})   = SHA-256(0x00 || d0)
//   MTH(D[n])   = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])), k the largest power of two below n

/// <summary>The Merkle tree of RFC 9162: hashes, roots, inclusion and consistency proofs.</summary>
public static class MerkleTree
{
    /// <summary>MTH({}): the root of no leaves.</summary>
    public static Digest EmptyRoot { get; } = Digest.Of([]);

    /// <summary>The hash of a leaf with this input.</summary>
    public static Digest LeafHash(ReadOnlySpan<byte> input)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(input);
        Span<byte> digest = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(digest);
        return new Digest(digest);
    }

    /// <summary>The hash of a node over its children.</summary>
    public static Digest NodeHash(Digest left, Digest right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * Digest.Size)];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Digest.Size)..]);
        return Digest.Of(input);
    }

    /// <summary>The root over these leaf hashes.</summary>
    public static Digest Root(ReadOnlySpan<Digest> leaves) => leaves.Length switch
    {
        0 => EmptyRoot,
        1 => leaves[0],
        _ => NodeHash(Root(leaves[..Split(leaves.Length)]), Root(leaves[Split(leaves.Length)..])),
    };

    /// <summary>PATH(m, D[n]): the inclusion path of one leaf, from the leaf upwards (RFC 9162 §2.1.3.1).</summary>
    public static Digest[] InclusionPath(ReadOnlySpan<Digest> leaves, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leaves.Length);
        var path = new List<Digest>();
        CollectInclusion(leaves, index, path);
        return [.. path];
    }

    /// <summary>Whether the path leads from the leaf at <paramref name="index"/> to the root of a tree of <paramref name="size"/> leaves (RFC 9162 §2.1.3.2).</summary>
    /// <remarks>The path's length must be exactly what index and size demand.</remarks>
    public static bool VerifyInclusion(Digest leaf, ulong index, ulong size, ReadOnlySpan<Digest> path, Digest root)
    {
        if (index >= size)
            return false;
        ulong node = index;
        ulong last = size - 1;
        Digest hash = leaf;
        foreach (Digest sibling in path)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = NodeHash(sibling, hash);
                int climb = (node & 1) == 0 ? BitOperations.TrailingZeroCount(node) : 0;
                node >>= climb;
                last >>= climb;
            }
            else
            {
                hash = NodeHash(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash == root;
    }

    /// <summary>PROOF(m, D[n]): that the tree of <paramref name="oldSize"/> leaves is a prefix of this one (RFC 9162 §2.1.4.1).</summary>
    public static Digest[] ConsistencyProof(ReadOnlySpan<Digest> leaves, int oldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(oldSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, leaves.Length);
        var proof = new List<Digest>();
        CollectConsistency(leaves, oldSize, true, proof);
        return [.. proof];
    }

    /// <summary>Whether the proof shows the old tree to be a prefix of the new one (RFC 9162 §2.1.4.2).</summary>
    public static bool VerifyConsistency(ulong oldSize, Digest oldRoot, ulong newSize, Digest newRoot, ReadOnlySpan<Digest> proof)
    {
        if (oldSize > newSize)
            return false;
        if (oldSize == newSize)
            return proof.IsEmpty && oldRoot == newRoot;
        if (oldSize == 0)
            return proof.IsEmpty && oldRoot == EmptyRoot;
        if (proof.IsEmpty)
            return false;

        ulong node = oldSize - 1;
        ulong last = newSize - 1;
        int climb = BitOperations.TrailingZeroCount(~node);
        node >>= climb;
        last >>= climb;
        bool whole = BitOperations.IsPow2(oldSize);
        Digest oldHash = whole ? oldRoot : proof[0];
        Digest newHash = oldHash;
        foreach (Digest sibling in whole ? proof : proof[1..])
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                oldHash = NodeHash(sibling, oldHash);
                newHash = NodeHash(sibling, newHash);
                climb = (node & 1) == 0 ? BitOperations.TrailingZeroCount(node) : 0;
                node >>= climb;
                last >>= climb;
            }
            else
            {
                newHash = NodeHash(newHash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && oldHash == oldRoot && newHash == newRoot;
    }

    private static int Split(int count) => 1 << (31 - BitOperations.LeadingZeroCount((uint)(count - 1)));

    private static void CollectInclusion(ReadOnlySpan<Digest> leaves, int index, List<Digest> path)
    {
        if (leaves.Length == 1)
            return;
        int split = Split(leaves.Length);
        bool left = index < split;
        if (left)
            CollectInclusion(leaves[..split], index, path);
        else
            CollectInclusion(leaves[split..], index - split, path);
        path.Add(left ? Root(leaves[split..]) : Root(leaves[..split]));
    }

    private static void CollectConsistency(ReadOnlySpan<Digest> leaves, int oldSize, bool complete, List<Digest> proof)
    {
        if (oldSize == leaves.Length)
        {
            if (!complete)
                proof.Add(Root(leaves));
            return;
        }
        int split = Split(leaves.Length);
        bool left = oldSize <= split;
        if (left)
            CollectConsistency(leaves[..split], oldSize, complete, proof);
        else
            CollectConsistency(leaves[split..], oldSize - split, false, proof);
        proof.Add(left ? Root(leaves[split..]) : Root(leaves[..split]));
    }
}
