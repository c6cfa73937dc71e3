using System.Collections.Immutable;

namespace HardwareChat.Protocol;

/// <summary>What appending to a Merkle tree needs of it: its size, and the roots of its complete subtrees from left to right.</summary>
/// <remarks>Immutable: appending gives another frontier.</remarks>
public sealed class MerkleFrontier
{
    private readonly ImmutableArray<Digest> _peaks;

    private MerkleFrontier(ulong size, ImmutableArray<Digest> peaks)
    {
        Size = size;
        _peaks = peaks;
    }

    /// <summary>No leaves.</summary>
    public static MerkleFrontier Empty { get; } = new(0, []);

    /// <summary>Leaves appended so far.</summary>
    public ulong Size { get; }

    /// <summary>The root of the tree (RFC 9162 §2.1.1).</summary>
    public Digest Root
    {
        get
        {
            if (_peaks.IsEmpty)
                return MerkleTree.EmptyRoot;
            Digest root = _peaks[^1];
            for (int i = _peaks.Length - 2; i >= 0; i--)
                root = MerkleTree.NodeHash(_peaks[i], root);
            return root;
        }
    }

    /// <summary>The frontier with one more leaf.</summary>
    public MerkleFrontier Append(Digest leafHash)
    {
        int kept = _peaks.Length;
        Digest hash = leafHash;
        for (ulong size = Size; (size & 1) == 1; size >>= 1)
            hash = MerkleTree.NodeHash(_peaks[--kept], hash);
        return new MerkleFrontier(Size + 1, _peaks.RemoveRange(kept, _peaks.Length - kept).Add(hash));
    }
}
