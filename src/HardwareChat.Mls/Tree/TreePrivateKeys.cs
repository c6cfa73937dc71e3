namespace HardwareChat.Mls;

// RFC 9420 §4.2, §7.5. A member holds the private keys of its leaf and of those ancestors that were set since it joined. Each lives until
// its node gets another key or goes blank: Retain erases it then.

/// <summary>One member's private keys in the tree. The owner disposes of them, which erases them.</summary>
internal sealed class TreePrivateKeys : IDisposable
{
    private readonly Dictionary<NodeIndex, HpkeKeyPair> _pairs = [];

    /// <summary>The keys of a member who has only that of its leaf, which is taken over.</summary>
    public TreePrivateKeys(LeafIndex leaf, HpkeKeyPair ownedLeafPair)
    {
        Leaf = leaf;
        _pairs.Add(leaf.ToNodeIndex(), ownedLeafPair);
    }

    /// <summary>Whose keys these are.</summary>
    public LeafIndex Leaf { get; }

    /// <summary>The pair of the leaf.</summary>
    public HpkeKeyPair LeafPair => _pairs[Leaf.ToNodeIndex()];

    /// <summary>All pairs, the leaf's among them, in the order of their nodes: for the saved state.</summary>
    public IEnumerable<(NodeIndex Node, HpkeKeyPair Pair)> Pairs
        => _pairs.OrderBy(static entry => entry.Key.Value).Select(static entry => (entry.Key, entry.Value));

    /// <summary>The pair of a node, or null if the member does not have it.</summary>
    public HpkeKeyPair? Find(NodeIndex node) => _pairs.GetValueOrDefault(node);

    /// <summary>Puts a pair in place, takes it over, and erases the one that was there.</summary>
    public void Set(NodeIndex node, HpkeKeyPair ownedPair)
    {
        if (!TreeMath.Contains(node, Leaf))
            throw new ArgumentException($"{node} is not above {Leaf}", nameof(node));
        if (_pairs.Remove(node, out HpkeKeyPair? former))
            former.Dispose();
        _pairs.Add(node, ownedPair);
    }

    /// <summary>Takes over the pairs of a path that has become the group's.</summary>
    public void Merge(PathKeys path)
    {
        foreach ((NodeIndex node, HpkeKeyPair pair) in path.Take())
            Set(node, pair);
    }

    // RFC 9420 §7.5: "After processing the update, each recipient MUST delete outdated key material, specifically: [...] Each outdated
    // node key pair that was replaced by the update."

    /// <summary>Erases every pair whose public key is not the one of its node in <paramref name="tree"/>.</summary>
    public void Retain(RatchetTree tree)
    {
        foreach ((NodeIndex node, HpkeKeyPair pair) in _pairs.ToArray())
        {
            if (pair.PublicKey.Equals(tree.Key(node)))
                continue;
            _pairs.Remove(node);
            pair.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (HpkeKeyPair pair in _pairs.Values)
            pair.Dispose();
        _pairs.Clear();
    }
}
