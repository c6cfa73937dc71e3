using System.Text.Json.Nodes;

namespace HardwareChat.Protocol.Vectors;

/// <summary>Roots of every size up to 33, and inclusion paths of a few.</summary>
internal static class MerkleVectors
{
    private const int Sizes = 33;

    public static JsonObject Create()
    {
        byte[][] inputs = [.. Enumerable.Range(0, Sizes).Select(static i => FixedKeys.Seed($"leaf {i}")[..(i % 32)])];
        Digest[] leaves = Array.ConvertAll(inputs, static input => MerkleTree.LeafHash(input));
        return new JsonObject
        {
            ["leaf_inputs"] = VectorFiles.Array(inputs.Select(static input => (JsonNode)VectorFiles.Hex(input))),
            ["roots"] = VectorFiles.Array(Enumerable.Range(0, Sizes + 1).Select(size => (JsonNode)MerkleTree.Root(leaves.AsSpan(0, size)).ToString())),
            ["paths"] = VectorFiles.Array(new[] { (1, 0), (2, 1), (7, 6), (8, 3), (21, 20), (33, 32), (33, 15) }.Select(pair => (JsonNode)new JsonObject
            {
                ["size"] = pair.Item1,
                ["index"] = pair.Item2,
                ["path"] = VectorFiles.Array(MerkleTree.InclusionPath(leaves.AsSpan(0, pair.Item1), pair.Item2).Select(static hash => (JsonNode)hash.ToString())),
            })),
        };
    }
}
