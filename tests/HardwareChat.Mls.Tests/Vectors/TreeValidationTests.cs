using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Tests.Vectors;

public class TreeValidationTests
{
    [Fact]
    public void Every_case_of_the_working_group_holds()
    {
        foreach (JsonElement test in SharedVectors.Of("tree-validation"))
        {
            byte[] encoded = test.Hex("tree");
            RatchetTree tree = RatchetTree.Decode(test.Suite(), encoded);
            Assert.Equal(encoded, TlsWriter.Encode(tree));

            JsonElement resolutions = test.GetProperty("resolutions");
            JsonElement hashes = test.GetProperty("tree_hashes");
            uint nodeCount = TreeMath.NodeCount(tree.LeafCount);
            Assert.Equal((uint)resolutions.GetArrayLength(), nodeCount);
            for (uint i = 0; i < nodeCount; i++)
            {
                Assert.Equal(
                    resolutions[(int)i].EnumerateArray().Select(static element => element.GetUInt32()),
                    tree.Resolution(new NodeIndex(i)).Select(static node => node.Index.Value));
                Assert.Equal(Convert.FromHexString(hashes[(int)i].GetString()!), tree.TreeHash(new NodeIndex(i)));
            }

            var groupId = new GroupId(test.Hex("group_id"));
            TreeValidation.Validate(tree, groupId);
        }
    }
}
