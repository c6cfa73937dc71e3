using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>All that a member has of one epoch. Owned by the group, or by the staged commit that leads to it; disposing erases its secrets.</summary>
internal sealed class EpochState(
    GroupContext context,
    RatchetTree tree,
    MemberSupport support,
    TreePrivateKeys ownedKeys,
    EpochSecrets ownedSecrets,
    SecretTree ownedSecretTree,
    byte[] interimTranscriptHash,
    byte[] confirmationTag) : IDisposable
{
    public CipherSuite Suite => Tree.Suite;

    public GroupContext Context { get; } = context;

    /// <summary>Not to be changed: commits work on copies.</summary>
    public RatchetTree Tree { get; } = tree;

    public MemberSupport Support { get; } = support;

    public TreePrivateKeys Keys { get; } = ownedKeys;

    public EpochSecrets Secrets { get; } = ownedSecrets;

    public SecretTree SecretTree { get; } = ownedSecretTree;

    public byte[] InterimTranscriptHash { get; } = interimTranscriptHash;

    public byte[] ConfirmationTag { get; } = confirmationTag;

    public LeafIndex Own => Keys.Leaf;

    /// <summary>The state of an epoch whose secrets are derived; takes over keys and secrets.</summary>
    public static EpochState Begin(GroupContext context, RatchetTree tree, MemberSupport support, TreePrivateKeys ownedKeys, EpochSecrets ownedSecrets, byte[] confirmationTag)
    {
        var secretTree = new SecretTree(tree.Suite, ownedSecrets.TakeEncryptionSecret(), tree.LeafCount);
        byte[] interim = TranscriptHash.Interim(tree.Suite, context.ConfirmedTranscriptHash, confirmationTag);
        return new EpochState(context, tree, support, ownedKeys, ownedSecrets, secretTree, interim, confirmationTag);
    }

    /// <summary>A copy of the private keys, from which the next epoch's are made.</summary>
    public TreePrivateKeys CopyKeys()
    {
        var copy = new TreePrivateKeys(Own, Keys.LeafPair.Copy());
        foreach ((NodeIndex node, HpkeKeyPair pair) in Keys.Pairs)
        {
            if (!node.IsLeaf)
                copy.Set(node, pair.Copy());
        }

        return copy;
    }

    public void WriteTo(ref TlsWriter writer)
    {
        Context.WriteTo(ref writer);
        Tree.WriteTo(ref writer);
        writer.WriteUInt32(Own.Value);
        writer.WriteVector(Keys, static (ref writer, keys) =>
        {
            foreach ((NodeIndex node, HpkeKeyPair pair) in keys.Pairs)
            {
                writer.WriteUInt32(node.Value);
                writer.WriteOpaque(pair.PrivateKey.Span);
                pair.PublicKey.WriteTo(ref writer);
            }
        });
        Secrets.WriteTo(ref writer);
        SecretTree.WriteTo(ref writer);
        writer.WriteOpaque(InterimTranscriptHash);
        writer.WriteOpaque(ConfirmationTag);
    }

    public static EpochState ReadFrom(ref TlsReader reader)
    {
        GroupContext context = GroupContext.ReadFrom(ref reader);
        if (!CipherSuite.TryGet(context.CipherSuite, out CipherSuite? suite))
            throw reader.Malformed("the saved group has a cipher suite that this library does not have");
        RatchetTree tree = RatchetTree.ReadFrom(suite, ref reader);
        TreePrivateKeys keys = ReadKeys(ref reader, tree);
        EpochSecrets secrets = EpochSecrets.ReadFrom(ref reader, suite);
        SecretTree secretTree = SecretTree.ReadFrom(ref reader, suite);
        byte[] interim = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        byte[] tag = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        return new EpochState(context, tree, MemberSupport.Of(tree), keys, secrets, secretTree, interim, tag);
    }

    public void Dispose()
    {
        Keys.Dispose();
        Secrets.Dispose();
        SecretTree.Dispose();
    }

    private static TreePrivateKeys ReadKeys(ref TlsReader reader, RatchetTree tree)
    {
        var own = new LeafIndex(reader.ReadUInt32());
        if (tree.Leaf(own) is null)
            throw reader.Malformed("the saved group's own leaf is blank");
        TreePrivateKeys? keys = null;
        TlsReader pairs = reader.ReadVector(TlsVector.NoLimit);
        var parents = new List<(NodeIndex Node, HpkeKeyPair Pair)>();
        while (!pairs.IsEmpty)
        {
            var node = new NodeIndex(pairs.ReadUInt32());
            var pair = new HpkeKeyPair(new HpkePrivateKey(pairs.ReadOpaque(TlsVector.NoLimit)), HpkePublicKey.ReadFrom(ref pairs));
            if (node == own.ToNodeIndex())
                keys = new TreePrivateKeys(own, pair);
            else if (node.Value < TreeMath.NodeCount(tree.LeafCount) && TreeMath.Contains(node, own))
                parents.Add((node, pair));
            else
                throw pairs.Malformed("a saved private key is not above the own leaf");
        }

        if (keys is null)
            throw reader.Malformed("the saved group has no private key for its own leaf");
        foreach ((NodeIndex node, HpkeKeyPair pair) in parents)
            keys.Set(node, pair);
        return keys;
    }
}
