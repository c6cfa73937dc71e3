using System.Text.Json;

namespace HardwareChat.Mls.Tests.Vectors;

public class TreeMathTests
{
    [Fact]
    public void Every_case_of_the_working_group_holds()
    {
        foreach (JsonElement test in SharedVectors.Of("tree-math"))
        {
            uint leafCount = test.UInt32("n_leaves");
            uint nodeCount = test.UInt32("n_nodes");
            Assert.Equal(nodeCount, TreeMath.NodeCount(leafCount));
            NodeIndex root = TreeMath.Root(leafCount);
            Assert.Equal(test.UInt32("root"), root.Value);
            for (uint i = 0; i < nodeCount; i++)
            {
                var node = new NodeIndex(i);
                Assert.Equal(At(test, "left", i), node.IsLeaf ? null : TreeMath.Left(node).Value);
                Assert.Equal(At(test, "right", i), node.IsLeaf ? null : TreeMath.Right(node).Value);
                Assert.Equal(At(test, "parent", i), node == root ? null : TreeMath.Parent(node).Value);
                Assert.Equal(At(test, "sibling", i), node == root ? null : TreeMath.Sibling(node).Value);
            }
        }
    }

    // RFC 9420 Appendix C: the subtree, common-ancestor and level relations hold against their definitions by walking.
    [Fact]
    public void Subtrees_and_common_ancestors_agree_with_walking_up()
    {
        const uint LeafCount = 64;
        for (uint left = 0; left < LeafCount; left++)
        {
            for (uint right = 0; right < LeafCount; right++)
            {
                var above = new HashSet<NodeIndex>();
                for (NodeIndex node = new(left * 2); ; node = TreeMath.Parent(node))
                {
                    above.Add(node);
                    Assert.True(TreeMath.Contains(node, new LeafIndex(left)));
                    if (node == TreeMath.Root(LeafCount))
                        break;
                }

                NodeIndex common = new(right * 2);
                while (!above.Contains(common))
                    common = TreeMath.Parent(common);
                Assert.Equal(common, TreeMath.CommonAncestor(new LeafIndex(left), new LeafIndex(right)));
            }
        }
    }

    [Fact]
    public void A_leaf_has_no_children_and_a_parent_no_leaf_index()
    {
        Assert.Throws<InvalidOperationException>(() => TreeMath.Left(new NodeIndex(4)));
        Assert.Throws<InvalidOperationException>(() => TreeMath.Right(new NodeIndex(4)));
        Assert.Throws<InvalidOperationException>(() => new NodeIndex(3).ToLeafIndex());
        Assert.Throws<OverflowException>(() => new LeafIndex(1u << 31).ToNodeIndex());
    }

    private static uint? At(JsonElement test, string name, uint index)
    {
        JsonElement element = test.GetProperty(name)[(int)index];
        return element.ValueKind == JsonValueKind.Null ? null : element.GetUInt32();
    }
}
