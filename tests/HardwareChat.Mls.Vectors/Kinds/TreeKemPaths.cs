using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class TreeKemPaths : VectorKind
{
    private static readonly HashSet<LeafIndex> NoNewLeaves = [];

    public override string Name => "treekem";

    protected override string[] Members => ["ratchet_tree", "leaves_private", "update_paths"];

    public override void Run(JsonElement test)
    {
        RatchetTree tree = RatchetTree.Decode(test.Suite(), test.Hex("ratchet_tree"));
        foreach (JsonElement update in test.Array("update_paths"))
        {
            var sender = new LeafIndex(update.UInt32("sender"));
            Process(test, tree, update, sender);
            CreateAndProcess(test, tree, sender);
        }
    }

    private static void Process(JsonElement test, RatchetTree before, JsonElement update, LeafIndex sender)
    {
        UpdatePath path = UpdatePath.Decode(update.Hex("update_path"));
        RatchetTree tree = before.Copy();
        TreeKem.Merge(tree, sender, path, NoNewLeaves);
        Check.Bytes(update.Hex("tree_hash_after"), tree.TreeHash(), "tree_hash_after");
        TreeValidation.ValidateStructure(tree);
        byte[] context = Context(test, tree);

        foreach (TreePrivateKeys keys in Recipients(test, before, sender))
        {
            using PathKeys received = TreeKem.Decrypt(tree, keys, null, sender, path, context, NoNewLeaves);
            Check.Bytes(update.Hex("commit_secret"), received.CommitSecret.Span, $"the commit_secret of {keys.Leaf}");
            using Secret pathSecret = Secret.CopyOf(update.GetProperty("path_secrets")[(int)keys.Leaf.Value].Hex());
            using HpkeKeyPair pair = PathSecrets.PairOf(tree.Suite, pathSecret);
            Check.Equal(pair.PublicKey, received.Pairs[0].Pair.PublicKey, $"the key of the path secret of {keys.Leaf}");
            Consistent(tree, received.Pairs);
        }
    }

    private static void CreateAndProcess(JsonElement test, RatchetTree before, LeafIndex sender)
    {
        CipherSuite suite = before.Suite;
        var groupId = new GroupId(test.Hex("group_id"));
        JsonElement own = test.Array("leaves_private").Single(leaf => leaf.UInt32("index") == sender.Value);
        using SignaturePrivateKey signer = SignaturePrivateKey.Import(suite.SignatureScheme, own.PrivateKey("signature_priv", suite));
        using HpkeKeyPair leafPair = suite.GenerateHpkeKeyPair();
        RatchetTree tree = before.Copy();
        using CreatedPath created = CreatedPath.Create(tree, sender, parentHash =>
            LeafNode.SignForCommit(suite, signer, leafPair.PublicKey, LeafContent.Of(before.Leaf(sender)!), parentHash, groupId, sender));
        byte[] context = Context(test, tree);
        UpdatePath path = UpdatePath.Decode(TlsWriter.Encode(created.Encrypt(context, NoNewLeaves)));

        RatchetTree merged = before.Copy();
        TreeKem.Merge(merged, sender, path, NoNewLeaves);
        Check.Bytes(tree.TreeHash(), merged.TreeHash(), "the tree hash under our own path");
        Check.True(path.LeafNode.VerifySignature(suite, groupId, sender), "the signature of our own leaf verifies");
        foreach (TreePrivateKeys keys in Recipients(test, before, sender))
        {
            using PathKeys received = TreeKem.Decrypt(merged, keys, null, sender, path, context, NoNewLeaves);
            Check.True(created.Keys.CommitSecret.Equals(received.CommitSecret), $"{keys.Leaf} reaches the commit secret of our own path");
            Consistent(merged, received.Pairs);
        }
    }

    private static IEnumerable<TreePrivateKeys> Recipients(JsonElement test, RatchetTree tree, LeafIndex sender)
    {
        foreach (JsonElement leaf in test.Array("leaves_private").Where(leaf => leaf.UInt32("index") != sender.Value))
        {
            var index = new LeafIndex(leaf.UInt32("index"));
            using var keys = new TreePrivateKeys(index, tree.Suite.ImportHpkePrivateKey(leaf.PrivateKey("encryption_priv", tree.Suite)));
            foreach (JsonElement entry in leaf.Array("path_secrets"))
            {
                using Secret pathSecret = entry.Secret("path_secret");
                keys.Set(new NodeIndex(entry.UInt32("node")), PathSecrets.PairOf(tree.Suite, pathSecret));
            }

            Consistent(tree, keys.Pairs);
            yield return keys;
        }
    }

    private static void Consistent(RatchetTree tree, IEnumerable<(NodeIndex Node, HpkeKeyPair Pair)> pairs)
    {
        foreach ((NodeIndex node, HpkeKeyPair pair) in pairs)
            Check.Equal(tree.Key(node), pair.PublicKey, $"the public key of {node}");
    }

    private static byte[] Context(JsonElement test, RatchetTree tree) => TlsWriter.Encode(new GroupContext(
        tree.Suite.Id,
        new GroupId(test.Hex("group_id")),
        new Epoch(test.UInt64("epoch")),
        tree.TreeHash(),
        test.Hex("confirmed_transcript_hash"),
        ExtensionList.Empty));
}
