namespace HardwareChat.Mls;

// The recipient's side of TreeKEM (RFC 9420 §7.5): merge the public part into the tree, then, under the provisional GroupContext that
// has the new tree hash, decrypt. The committer's side is CreatedPath.

/// <summary>What members do with a path that another member has committed.</summary>
internal static class TreeKem
{
    /// <summary>Checks the public part of a path and puts it into the tree.</summary>
    /// <param name="tree">The tree with the commit's proposals applied; changed only if nothing is wrong.</param>
    /// <param name="sender">The committer's leaf; blank only before its first commit, an external one.</param>
    /// <param name="path">The path. Its leaf has been validated but for its encryption key and parent hash.</param>
    /// <param name="newLeaves">Leaves that the commit adds, the committer's own not among them.</param>
    /// <exception cref="ValidationException">A rule of §7.3, §7.5, §7.6 or §12.4.2 is broken.</exception>
    public static void Merge(RatchetTree tree, LeafIndex sender, UpdatePath path, IReadOnlySet<LeafIndex> newLeaves)
    {
        PathStep[] steps = tree.FilteredDirectPath(sender);
        if (path.Nodes.Count != steps.Length)
        {
            throw new ValidationException(
                ValidationRule.PathLength, $"the path has {path.Nodes.Count} nodes, the filtered direct path {steps.Length}");
        }

        // RFC 9420 §7.6: "The length of the encrypted_path_secret vector MUST be equal to the length of the resolution of the copath node
        // (excluding new leaf nodes)".
        for (int i = 0; i < steps.Length; i++)
        {
            if (path.Nodes[i].EncryptedPathSecret.Count != tree.Resolution(steps[i].Copath, newLeaves).Count)
                throw new ValidationException(ValidationRule.PathCiphertextCount, $"not one ciphertext for each node below {steps[i].Copath}");
        }

        ValidateKeys(tree, sender, path);

        // RFC 9420 §7.5: "Compute parent hashes for the nodes in the sender's filtered direct path, and verify that the parent_hash field of
        // the leaf node matches the parent hash for the first node in its filtered direct path."
        (ParentNode[] parents, byte[] leafParentHash) =
            ParentHash.AlongPath(tree, steps, [.. path.Nodes.Select(static node => node.EncryptionKey)]);
        if (path.LeafNode.Source != LeafNodeSource.Commit)
            throw new ValidationException(ValidationRule.LeafSourceCommit, "the leaf of a path was not made for a commit");
        if (!path.LeafNode.ParentHash.SequenceEqual(leafParentHash))
            throw new ValidationException(ValidationRule.LeafParentHashMatches, "the leaf's parent hash is not that of the path");

        tree.SetPath(sender, path.LeafNode, steps, parents);
    }

    /// <summary>Decrypts a merged path with this member's keys.</summary>
    /// <param name="tree">The tree with the path merged.</param>
    /// <param name="keys">This member's keys in the old epoch.</param>
    /// <param name="ownLeafPair">The leaf's pair, if the commit brings this member's own Update; else null.</param>
    /// <param name="sender">The committer's leaf.</param>
    /// <param name="path">The path.</param>
    /// <param name="groupContext">The provisional GroupContext, encoded.</param>
    /// <param name="newLeaves">Leaves that the commit adds.</param>
    /// <returns>The new keys and the commit secret, which the caller owns.</returns>
    /// <exception cref="ValidationException">The path does not decrypt, or its keys are not those of its secrets.</exception>
    public static PathKeys Decrypt(
        RatchetTree tree,
        TreePrivateKeys keys,
        HpkeKeyPair? ownLeafPair,
        LeafIndex sender,
        UpdatePath path,
        ReadOnlySpan<byte> groupContext,
        IReadOnlySet<LeafIndex> newLeaves)
    {
        CipherSuite suite = tree.Suite;

        // 1. "Identify a node in the filtered direct path for which the recipient is in the subtree of the non-updated child."
        PathStep[] steps = tree.FilteredDirectPath(sender);
        int at = Array.FindIndex(steps, step => TreeMath.Contains(step.Copath, keys.Leaf));
        if (at < 0)
            throw new InvalidOperationException("this member is the committer, or not in the tree");

        // 2. "Identify a node in the resolution of the copath node for which the recipient has a private key."
        // 3. "Decrypt the path secret for the parent of the copath node using the private key from the resolution node."
        Secret pathSecret = DecryptPathSecret(
            suite, tree.Resolution(steps[at].Copath, newLeaves), keys, ownLeafPair, path.Nodes[at].EncryptedPathSecret, groupContext);

        // 4. and 5. "Derive path secrets for ancestors of that node in the sender's filtered direct path [...] Derive the node secrets and
        // node key pairs from the path secrets."
        // 6. "Verify that the derived public keys are the same as the corresponding public keys sent in the UpdatePath."
        var pairs = new List<(NodeIndex, HpkeKeyPair)>(steps.Length - at);
        Secret? commitSecret = PathSecrets.Derive(suite, steps.AsSpan(at), pathSecret, (i, secret, pair) =>
        {
            if (!pair.PublicKey.Equals(path.Nodes[at + i].EncryptionKey))
                return false;
            secret.Dispose();
            pairs.Add((steps[at + i].Node, pair));
            return true;
        });
        if (commitSecret is not null)
            return new PathKeys(pairs, commitSecret);

        foreach ((_, HpkeKeyPair pair) in pairs)
            pair.Dispose();
        throw new ValidationException(ValidationRule.PathKeysMatch, "a public key of the path is not that of its secret");
    }

    // RFC 9420 §12.4.3.1: "Identify the lowest common ancestor of the leaf node my_leaf and of the node of the member with leaf index
    // GroupInfo.signer. Set the private key for this node to the private key derived from the path_secret. For each parent of the common
    // ancestor, up to the root of the tree, derive a new path secret, and set the private key for the node to the private key derived
    // from the path secret. The private key MUST be the private key that corresponds to the public key in the node."

    /// <summary>Gives a joiner the keys that the path secret of its Welcome leads to.</summary>
    /// <param name="tree">The tree of the new epoch.</param>
    /// <param name="keys">The joiner's keys, to which those of the path are added.</param>
    /// <param name="signer">The committer.</param>
    /// <param name="ownedPathSecret">The path secret, which is taken over.</param>
    /// <exception cref="ValidationException"><see cref="ValidationRule.WelcomePathSecret"/>; the keys are then as they were.</exception>
    public static void Join(RatchetTree tree, TreePrivateKeys keys, LeafIndex signer, Secret ownedPathSecret)
    {
        NodeIndex ancestor = TreeMath.CommonAncestor(keys.Leaf, signer);

        // The path just set has every non-blank ancestor, and no other (§7.5).
        PathStep[] steps =
        [
            .. tree.FilteredDirectPath(signer).SkipWhile(step => TreeMath.Level(step.Node) < TreeMath.Level(ancestor)),
        ];
        var pairs = new List<(NodeIndex, HpkeKeyPair)>(steps.Length);
        using Secret? next = PathSecrets.Derive(tree.Suite, steps, ownedPathSecret, (i, secret, pair) =>
        {
            if (!pair.PublicKey.Equals(tree.Key(steps[i].Node)))
                return false;
            secret.Dispose();
            pairs.Add((steps[i].Node, pair));
            return true;
        });

        if (next is null || steps.Length == 0 || steps[0].Node != ancestor)
        {
            foreach ((_, HpkeKeyPair pair) in pairs)
                pair.Dispose();
            throw new ValidationException(ValidationRule.WelcomePathSecret, "the path secret is not that of the tree's keys");
        }

        foreach ((NodeIndex node, HpkeKeyPair pair) in pairs)
            keys.Set(node, pair);
    }

    private static Secret DecryptPathSecret(
        CipherSuite suite,
        List<ResolvedNode> resolution,
        TreePrivateKeys keys,
        HpkeKeyPair? ownLeafPair,
        IReadOnlyList<HpkeCiphertext> ciphertexts,
        ReadOnlySpan<byte> groupContext)
    {
        for (int i = 0; i < resolution.Count; i++)
        {
            NodeIndex node = resolution[i].Index;
            if (!TreeMath.Contains(node, keys.Leaf))
                continue;
            HpkeKeyPair? pair = ownLeafPair is not null && node == keys.Leaf.ToNodeIndex() ? ownLeafPair : keys.Find(node);
            if (pair is null)
                continue;

            Secret? pathSecret = suite.DecryptWithLabel(pair.PrivateKey, "UpdatePathNode"u8, groupContext, ciphertexts[i]);
            if (pathSecret?.Length == suite.HashLength)
                return pathSecret;
            pathSecret?.Dispose();
            throw new ValidationException(ValidationRule.PathDecryption, "the path secret for this member does not decrypt");
        }

        throw new ValidationException(ValidationRule.PathDecryption, "the path has no secret for this member");
    }

    // RFC 9420 §7.3, §12.4.2: the new encryption keys are keys, differ from each other, and none of them is in the tree: not the sender's
    // former one either.
    private static void ValidateKeys(RatchetTree tree, LeafIndex sender, UpdatePath path)
    {
        HpkePublicKey leafKey = path.LeafNode.EncryptionKey;
        if (leafKey.Equals(tree.Leaf(sender)?.EncryptionKey))
            throw new ValidationException(ValidationRule.UpdateKeyNew, "the path's leaf keeps its encryption key");

        var seen = new HashSet<HpkePublicKey>();
        foreach (HpkePublicKey key in path.Nodes.Select(static node => node.EncryptionKey).Prepend(leafKey))
        {
            if (!tree.Suite.IsValid(key))
                throw new ValidationException(ValidationRule.EncryptionKeyWellFormed, "a key of the path is none of the suite");
            if (tree.CountOf(key) > 0 || !seen.Add(key))
                throw new ValidationException(ValidationRule.EncryptionKeyUnique, "a key of the path is already in the tree");
        }
    }
}
