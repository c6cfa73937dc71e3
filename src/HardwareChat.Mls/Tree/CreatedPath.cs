namespace HardwareChat.Mls;

// The committer's side of TreeKEM (RFC 9420 §7.4, §7.5). The order is the RFC's: path secrets and keys, the leaf with its parent hash,
// then - once the caller has the provisional GroupContext with the new tree hash - the encryption to the copath.
//
// A path secret lives until the path has been encrypted and the Welcome made; Dispose erases all of them.

/// <summary>A path that this member is about to commit.</summary>
internal sealed class CreatedPath : IDisposable
{
    private readonly RatchetTree _tree;
    private readonly LeafIndex _sender;
    private readonly PathStep[] _steps;
    private readonly Secret[] _pathSecrets;

    private CreatedPath(RatchetTree tree, LeafIndex sender, PathStep[] steps, Secret[] pathSecrets, PathKeys keys, LeafNode leafNode)
    {
        _tree = tree;
        _sender = sender;
        _steps = steps;
        _pathSecrets = pathSecrets;
        Keys = keys;
        LeafNode = leafNode;
    }

    /// <summary>The committer's new private keys without that of its leaf, and the commit secret.</summary>
    public PathKeys Keys { get; }

    /// <summary>The new leaf.</summary>
    public LeafNode LeafNode { get; }

    /// <summary>Makes fresh keys for the sender's filtered direct path and puts them, and the new leaf, into the tree.</summary>
    /// <param name="tree">The tree with the commit's proposals applied; it is changed.</param>
    /// <param name="sender">The committer's leaf, which is not blank.</param>
    /// <param name="signLeaf">Makes the leaf with the parent_hash it is given. What it throws leaves the tree as it was.</param>
    public static CreatedPath Create(RatchetTree tree, LeafIndex sender, Func<byte[], LeafNode> signLeaf)
    {
        // path_secret[0] is sampled at random
        Secret first = Secret.Random(tree.Suite.HashLength);
        PathStep[] steps = tree.FilteredDirectPath(sender);
        var pathSecrets = new Secret[steps.Length];
        var pairs = new List<(NodeIndex, HpkeKeyPair)>(steps.Length);
        Secret commitSecret = PathSecrets.Derive(tree.Suite, steps, first, (i, secret, pair) =>
        {
            pathSecrets[i] = secret;
            pairs.Add((steps[i].Node, pair));
            return true;
        })!;
        var keys = new PathKeys(pairs, commitSecret);
        try
        {
            (ParentNode[] parents, byte[] leafParentHash) =
                ParentHash.AlongPath(tree, steps, [.. pairs.Select(static pair => pair.Item2.PublicKey)]);
            LeafNode leaf = signLeaf(leafParentHash);
            tree.SetPath(sender, leaf, steps, parents);
            return new CreatedPath(tree.Copy(), sender, steps, pathSecrets, keys, leaf);
        }
        catch
        {
            keys.Dispose();
            PathSecrets.Dispose(pathSecrets);
            throw;
        }
    }

    // RFC 9420 §7.5: "For each node in the member's filtered direct path [...] Compute the resolution of the node's child that is on the
    // copath of the sender. Any new member (from an Add proposal) added in the same Commit MUST be excluded from this resolution. For
    // each node in the resolution, encrypt the path secret for the direct path node using the public key of the resolution node."

    /// <summary>Encrypts the path secrets to all members but the new ones.</summary>
    /// <param name="groupContext">The provisional GroupContext, encoded.</param>
    /// <param name="newLeaves">Leaves that the commit adds.</param>
    /// <exception cref="ValidationException">A key in the tree is none of the suite.</exception>
    public UpdatePath Encrypt(ReadOnlySpan<byte> groupContext, IReadOnlySet<LeafIndex> newLeaves)
    {
        CipherSuite suite = _tree.Suite;
        EncryptContext context = suite.PrepareContext("UpdatePathNode"u8, groupContext);
        var ciphertexts = new HpkeCiphertext[_steps.Length][];
        var tasks = new List<(int Step, int Place, HpkePublicKey Key)>();
        for (int i = 0; i < _steps.Length; i++)
        {
            List<ResolvedNode> resolution = _tree.Resolution(_steps[i].Copath, newLeaves);
            ciphertexts[i] = new HpkeCiphertext[resolution.Count];
            for (int j = 0; j < resolution.Count; j++)
                tasks.Add((i, j, resolution[j].Key));
        }

        Cores.ForEach(tasks.Count, task =>
        {
            (int step, int place, HpkePublicKey key) = tasks[task];
            ciphertexts[step][place] = suite.EncryptWithLabel(key, context, _pathSecrets[step].Span)
                ?? throw new ValidationException(ValidationRule.EncryptionKeyWellFormed, "a key in the tree cannot be encrypted to");
        });
        var nodes = new UpdatePathNode[_steps.Length];
        for (int i = 0; i < nodes.Length; i++)
            nodes[i] = new UpdatePathNode(Keys.Pairs[i].Pair.PublicKey, ciphertexts[i]);
        return new UpdatePath(LeafNode, nodes);
    }

    // RFC 9420 §12.4.3.1: "the path secret corresponding to the lowest common ancestor of the new member's leaf and the committer's".

    /// <summary>The path secret for a new member's GroupSecrets; stays this object's.</summary>
    public Secret PathSecretFor(LeafIndex newMember)
    {
        NodeIndex ancestor = TreeMath.CommonAncestor(_sender, newMember);
        return _pathSecrets[Array.FindIndex(_steps, step => step.Node == ancestor)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        PathSecrets.Dispose(_pathSecrets);
        Keys.Dispose();
    }
}
