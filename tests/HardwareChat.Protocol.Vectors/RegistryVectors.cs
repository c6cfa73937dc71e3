using System.Text;
using System.Text.Json.Nodes;
using HardwareChat.Wire;

namespace HardwareChat.Protocol.Vectors;

/// <summary>Statements with their names and signatures, the leaves, and the signed checkpoint after each.</summary>
internal static class RegistryVectors
{
    public static JsonObject Create(FixedCommunity community)
    {
        byte[] invite = FixedKeys.Public(FixedKeys.Ed25519("invite"));
        return new JsonObject
        {
            ["registry_id"] = community.State.Id.ToString(),
            ["relay_key"] = VectorFiles.Hex(FixedKeys.Public(community.RelayKey)),
            ["relay_id"] = RelayId.OfKey(FixedKeys.Public(community.RelayKey)).ToString(),
            ["signers"] = VectorFiles.Array(
            [
                Signer("9A", FixedCommunity.Alice9A.Public),
                Signer("9C", FixedCommunity.Alice9C.Public),
                Signer("9A", FixedCommunity.Bob9A.Public),
                new JsonObject { ["kind"] = "raw", ["public_key"] = VectorFiles.Hex(invite), ["signer"] = KeyHash.Of(invite).ToString() },
            ]),
            ["leaves"] = VectorFiles.Array(community.Leaves.Select((leaf, i) => (JsonNode)Leaf(community, leaf, (ulong)i))),
        };
    }

    private static JsonObject Signer(string kind, VerifyingKey key) => new()
    {
        ["kind"] = kind,
        ["public_key"] = VectorFiles.Hex(key.ToSpki()),
        ["signer"] = kind == "9A" ? TokenId.OfSpki(key.ToSpki()).ToString() : KeyHash.Of(key.ToSpki()).ToString(),
    };

    private static JsonObject Leaf(FixedCommunity community, RegistryLeaf leaf, ulong index) => new()
    {
        ["kind"] = (int)leaf.Statement.Statement.Body.Kind,
        ["statement"] = VectorFiles.Hex(leaf.Statement.Statement.Encoded),
        ["statement_id"] = leaf.Statement.Statement.Id.ToString(),
        ["base_size"] = leaf.Statement.Statement.BaseSize,
        ["base_root"] = leaf.Statement.Statement.BaseRoot.ToString(),
        ["signatures"] = VectorFiles.Array(leaf.Statement.Signatures.Select(static signature => (JsonNode)new JsonObject
        {
            ["signer"] = signature.Signer.ToString(),
            ["signature"] = VectorFiles.Hex(signature.Signature),
        })),
        ["appended_at"] = leaf.AppendedAt,
        ["leaf"] = VectorFiles.Hex(TlsWriter.Encode(leaf)),
        ["root"] = community.State.RootAt(index + 1)!.Value.ToString(),
        ["checkpoint"] = Encoding.UTF8.GetString(community.Checkpoint(index + 1)),
    };
}
