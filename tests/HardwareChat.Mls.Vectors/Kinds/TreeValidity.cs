using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class TreeValidity : VectorKind
{
    public override string Name => "tree-validation";

    protected override string[] Members => ["tree", "group_id", "resolutions", "tree_hashes"];

    public override void Run(JsonElement test)
    {
        RatchetTree tree = RatchetTree.Decode(test.Suite(), test.Hex("tree"));
        Check.Bytes(test.Hex("tree"), TlsWriter.Encode(tree), "the tree, encoded again");

        JsonElement resolutions = test.GetProperty("resolutions");
        JsonElement hashes = test.GetProperty("tree_hashes");
        uint nodeCount = TreeMath.NodeCount(tree.LeafCount);
        Check.Equal(nodeCount, (uint)resolutions.GetArrayLength(), "the number of resolutions");
        Check.Equal(nodeCount, (uint)hashes.GetArrayLength(), "the number of tree hashes");
        for (uint i = 0; i < nodeCount; i++)
        {
            var node = new NodeIndex(i);
            Check.Equal(
                string.Join(' ', resolutions[(int)i].EnumerateArray().Select(element => element.GetUInt32())),
                string.Join(' ', tree.Resolution(node).Select(entry => entry.Index.Value)),
                $"the resolution of {node}");
            Check.Bytes(hashes[(int)i].Hex(), tree.TreeHash(node), $"the tree hash of {node}");
        }

        TreeValidation.Validate(tree, new GroupId(test.Hex("group_id")));
    }
}
