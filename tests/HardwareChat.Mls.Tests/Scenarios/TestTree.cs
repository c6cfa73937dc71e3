using System.Text;

namespace HardwareChat.Mls.Tests.Scenarios;

/// <summary>A ratchet tree with all of its members' private keys, as no single client has them.</summary>
internal sealed class TestTree : IDisposable
{
    public static readonly HashSet<LeafIndex> NoNewLeaves = [];
    public static readonly GroupId GroupId = new("room"u8);

    private readonly Dictionary<LeafIndex, SignaturePrivateKey> _signers = [];
    private readonly Dictionary<LeafIndex, TreePrivateKeys> _keys = [];
    private int _names;

    public TestTree(CipherSuite suite, int members)
    {
        Tree = new RatchetTree(suite);
        for (int i = 0; i < members; i++)
            Add();
    }

    public RatchetTree Tree { get; private set; }

    public CipherSuite Suite => Tree.Suite;

    public IReadOnlyDictionary<LeafIndex, TreePrivateKeys> Keys => _keys;

    public byte[] Context => Tree.TreeHash();

    public LeafContent Content(string name) => new(new BasicCredential(Encoding.UTF8.GetBytes(name)), new Capabilities([Suite.Id]));

    public SignaturePrivateKey Signer(LeafIndex leaf) => _signers[leaf];

    public LeafNode NewLeaf(out SignaturePrivateKey signer, out HpkeKeyPair pair)
    {
        signer = Suite.GenerateSignatureKey();
        pair = Suite.GenerateHpkeKeyPair();
        return LeafNode.SignForKeyPackage(Suite, signer, pair.PublicKey, Content($"member {_names++}"), Lifetime.Unlimited);
    }

    public LeafIndex Add()
    {
        LeafNode leaf = NewLeaf(out SignaturePrivateKey signer, out HpkeKeyPair pair);
        LeafIndex index = Tree.Add(leaf);
        _signers.Add(index, signer);
        _keys.Add(index, new TreePrivateKeys(index, pair));
        return index;
    }

    public void Update(LeafIndex index)
    {
        HpkeKeyPair pair = Suite.GenerateHpkeKeyPair();
        Tree.Update(
            index, LeafNode.SignForUpdate(Suite, _signers[index], pair.PublicKey, LeafContent.Of(Tree.Leaf(index)!), GroupId, index));
        _keys[index].Set(index.ToNodeIndex(), pair);
        RetainAll();
    }

    public void Remove(LeafIndex index)
    {
        Tree.Remove(index);
        _keys.Remove(index, out TreePrivateKeys? keys);
        keys!.Dispose();
        _signers.Remove(index, out SignaturePrivateKey? signer);
        signer!.Dispose();
        RetainAll();
    }

    /// <summary>A path by one member, not yet taken by the others. The tree given is changed.</summary>
    public CreatedPath CreatePath(RatchetTree tree, LeafIndex sender, HpkeKeyPair leafPair) => CreatedPath.Create(
        tree,
        sender,
        parentHash => LeafNode.SignForCommit(
            Suite, _signers[sender], leafPair.PublicKey, LeafContent.Of(tree.Leaf(sender)!), parentHash, GroupId, sender));

    /// <summary>A commit with a path: every other member takes it, new ones by their path secret. Returns the commit secrets, which agree.</summary>
    public void Commit(LeafIndex sender, IReadOnlySet<LeafIndex> newLeaves)
    {
        RatchetTree before = Tree.Copy();
        HpkeKeyPair leafPair = Suite.GenerateHpkeKeyPair();
        using CreatedPath created = CreatePath(Tree, sender, leafPair);
        byte[] context = Context;
        UpdatePath path = UpdatePath.Decode(Wire.TlsWriter.Encode(created.Encrypt(context, newLeaves)));
        RatchetTree merged = before.Copy();
        TreeKem.Merge(merged, sender, path, newLeaves);
        Assert.Equal(Tree.TreeHash(), merged.TreeHash());
        foreach ((LeafIndex member, TreePrivateKeys keys) in _keys)
        {
            if (member == sender)
                continue;
            if (newLeaves.Contains(member))
            {
                TreeKem.Join(merged, keys, sender, created.PathSecretFor(member).Copy());
                continue;
            }

            using PathKeys received = TreeKem.Decrypt(merged, keys, null, sender, path, context, newLeaves);
            Assert.True(created.Keys.CommitSecret.Equals(received.CommitSecret));
            keys.Merge(received);
        }

        _keys[sender].Set(sender.ToNodeIndex(), leafPair);
        _keys[sender].Merge(created.Keys);
        Tree = merged;
        RetainAll();
    }

    /// <summary>Every key held is the tree's, and every member has every key of its ancestors where it is not unmerged.</summary>
    public void AssertInvariant()
    {
        foreach ((LeafIndex member, TreePrivateKeys keys) in _keys)
        {
            NodeIndex root = TreeMath.Root(Tree.LeafCount);
            for (NodeIndex node = member.ToNodeIndex(); ; node = TreeMath.Parent(node))
            {
                bool unmerged = Tree.Parent(node) is { } parent && Unmerged.Contains(parent.UnmergedLeaves, member);
                HpkePublicKey? expected = unmerged ? null : Tree.Key(node);
                Assert.Equal(expected, keys.Find(node)?.PublicKey);
                if (node == root)
                    break;
            }
        }
    }

    public void Dispose()
    {
        foreach (TreePrivateKeys keys in _keys.Values)
            keys.Dispose();
        foreach (SignaturePrivateKey signer in _signers.Values)
            signer.Dispose();
    }

    private void RetainAll()
    {
        foreach (TreePrivateKeys keys in _keys.Values)
            keys.Retain(Tree);
    }
}
