using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Tests.Vectors;

public class TreeKemTests
{
    private static readonly HashSet<LeafIndex> NoNewLeaves = [];

    [Fact]
    public void Every_case_of_the_working_group_holds()
    {
        foreach (JsonElement test in SharedVectors.Of("treekem"))
        {
            RatchetTree tree = RatchetTree.Decode(test.Suite(), test.Hex("ratchet_tree"));
            foreach (JsonElement update in test.GetProperty("update_paths").EnumerateArray())
            {
                Process(test, tree, update);
                CreateAndProcess(test, tree, new LeafIndex(update.UInt32("sender")));
            }
        }
    }

    private static void Process(JsonElement test, RatchetTree before, JsonElement update)
    {
        var sender = new LeafIndex(update.UInt32("sender"));
        UpdatePath path = UpdatePath.Decode(update.Hex("update_path"));
        Assert.Equal(update.Hex("update_path"), TlsWriter.Encode(path));
        RatchetTree tree = before.Copy();
        TreeKem.Merge(tree, sender, path, NoNewLeaves);
        Assert.Equal(update.Hex("tree_hash_after"), tree.TreeHash());
        TreeValidation.ValidateStructure(tree);
        byte[] context = Context(test, tree);

        JsonElement pathSecrets = update.GetProperty("path_secrets");
        foreach (JsonElement leaf in test.GetProperty("leaves_private").EnumerateArray())
        {
            using TreePrivateKeys keys = PrivateKeys(before, leaf);
            if (keys.Leaf == sender)
                continue;
            using PathKeys received = TreeKem.Decrypt(tree, keys, null, sender, path, context, NoNewLeaves);
            Assert.Equal(update.Hex("commit_secret"), received.CommitSecret.Span.ToArray());

            using Secret expected = Secret.CopyOf(Convert.FromHexString(pathSecrets[(int)keys.Leaf.Value].GetString()!));
            using HpkeKeyPair first = PathSecrets.PairOf(tree.Suite, expected);
            Assert.Equal(first.PublicKey, received.Pairs[0].Pair.PublicKey);
            AssertConsistent(tree, received);
        }
    }

    private static void CreateAndProcess(JsonElement test, RatchetTree before, LeafIndex sender)
    {
        CipherSuite suite = before.Suite;
        var groupId = new GroupId(test.Hex("group_id"));
        RatchetTree tree = before.Copy();
        JsonElement own = test.GetProperty("leaves_private").EnumerateArray().Single(leaf => leaf.UInt32("index") == sender.Value);
        using SignaturePrivateKey signer = SignaturePrivateKey.Import(suite.SignatureScheme, own.Hex("signature_priv"));
        using HpkeKeyPair leafPair = suite.GenerateHpkeKeyPair();
        using CreatedPath created = CreatedPath.Create(
            tree,
            sender,
            parentHash => LeafNode.SignForCommit(
                suite, signer, leafPair.PublicKey, LeafContent.Of(before.Leaf(sender)!), parentHash, groupId, sender));
        byte[] context = Context(test, tree);
        UpdatePath path = UpdatePath.Decode(TlsWriter.Encode(created.Encrypt(context, NoNewLeaves)));

        RatchetTree merged = before.Copy();
        TreeKem.Merge(merged, sender, path, NoNewLeaves);
        Assert.Equal(tree.TreeHash(), merged.TreeHash());
        TreeValidation.ValidateStructure(merged);
        Assert.True(path.LeafNode.VerifySignature(suite, groupId, sender));
        foreach (JsonElement leaf in test.GetProperty("leaves_private").EnumerateArray())
        {
            using TreePrivateKeys keys = PrivateKeys(before, leaf);
            if (keys.Leaf == sender)
                continue;
            using PathKeys received = TreeKem.Decrypt(merged, keys, null, sender, path, context, NoNewLeaves);
            Assert.True(created.Keys.CommitSecret.Equals(received.CommitSecret));
            AssertConsistent(merged, received);
        }
    }

    private static TreePrivateKeys PrivateKeys(RatchetTree tree, JsonElement leaf)
    {
        var index = new LeafIndex(leaf.UInt32("index"));
        var keys = new TreePrivateKeys(index, tree.Suite.ImportHpkePrivateKey(leaf.Hex("encryption_priv")));
        Assert.Equal(tree.Leaf(index)!.EncryptionKey, keys.LeafPair.PublicKey);
        foreach (JsonElement entry in leaf.GetProperty("path_secrets").EnumerateArray())
        {
            var node = new NodeIndex(entry.UInt32("node"));
            using Secret pathSecret = Secret.CopyOf(entry.Hex("path_secret"));
            HpkeKeyPair pair = PathSecrets.PairOf(tree.Suite, pathSecret);
            Assert.Equal(tree.Key(node), pair.PublicKey);
            keys.Set(node, pair);
        }

        return keys;
    }

    private static byte[] Context(JsonElement test, RatchetTree tree) => TlsWriter.Encode(new GroupContext(
        tree.Suite.Id,
        new GroupId(test.Hex("group_id")),
        new Epoch(test.GetProperty("epoch").GetUInt64()),
        tree.TreeHash(),
        test.Hex("confirmed_transcript_hash"),
        ExtensionList.Empty));

    private static void AssertConsistent(RatchetTree tree, PathKeys keys)
    {
        foreach ((NodeIndex node, HpkeKeyPair pair) in keys.Pairs)
            Assert.Equal(tree.Key(node), pair.PublicKey);
    }
}
