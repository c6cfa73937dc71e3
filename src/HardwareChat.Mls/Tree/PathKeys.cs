namespace HardwareChat.Mls;

/// <summary>The private keys that a commit's path gives to one member, and the commit secret. Disposing erases what was not taken.</summary>
internal sealed class PathKeys : IDisposable
{
    private readonly List<(NodeIndex Node, HpkeKeyPair Pair)> _pairs;

    /// <summary>Takes over the key pairs and the secret.</summary>
    internal PathKeys(List<(NodeIndex Node, HpkeKeyPair Pair)> ownedPairs, Secret ownedCommitSecret)
    {
        _pairs = ownedPairs;
        CommitSecret = ownedCommitSecret;
    }

    /// <summary>commit_secret (RFC 9420 §12.4.1), owned by this.</summary>
    public Secret CommitSecret { get; }

    /// <summary>The new pairs, owned by this.</summary>
    public IReadOnlyList<(NodeIndex Node, HpkeKeyPair Pair)> Pairs => _pairs;

    /// <summary>Hands the pairs to a new owner.</summary>
    internal (NodeIndex Node, HpkeKeyPair Pair)[] Take()
    {
        (NodeIndex, HpkeKeyPair)[] taken = [.. _pairs];
        _pairs.Clear();
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, HpkeKeyPair pair) in _pairs)
            pair.Dispose();
        CommitSecret.Dispose();
    }
}
