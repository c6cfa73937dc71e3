using System.Text.Json;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class TreeRelations : VectorKind
{
    public override string Name => "tree-math";

    protected override string[] Members => ["n_leaves", "n_nodes", "root", "left", "right", "parent", "sibling"];

    public override void Run(JsonElement test)
    {
        uint leafCount = test.UInt32("n_leaves");
        uint nodeCount = test.UInt32("n_nodes");
        Check.Equal(nodeCount, TreeMath.NodeCount(leafCount), "n_nodes");
        NodeIndex root = TreeMath.Root(leafCount);
        Check.Equal(test.UInt32("root"), root.Value, "root");
        for (uint i = 0; i < nodeCount; i++)
        {
            var node = new NodeIndex(i);
            Relation("left", node.IsLeaf ? null : TreeMath.Left(node).Value);
            Relation("right", node.IsLeaf ? null : TreeMath.Right(node).Value);
            Relation("parent", node == root ? null : TreeMath.Parent(node).Value);
            Relation("sibling", node == root ? null : TreeMath.Sibling(node).Value);

            void Relation(string name, uint? actual)
            {
                JsonElement expected = test.GetProperty(name)[(int)node.Value];
                Check.Equal(expected.ValueKind == JsonValueKind.Null ? null : expected.GetUInt32(), actual, $"{name} of {node}");
            }
        }
    }
}
