using System.Text.Json.Nodes;
using HardwareChat.Wire;

namespace HardwareChat.Protocol.Vectors;

/// <summary>Touches by tokens of each algorithm, with the grants and paths of several counts of items.</summary>
internal static class TouchVectors
{
    private const ulong IssuedAt = 1_800_000_000;

    public static JsonObject Create() => new()
    {
        ["touches"] = VectorFiles.Array(
        [
            Create(SignatureScheme.EcdsaSecp256r1Sha256, 1),
            Create(SignatureScheme.EcdsaSecp256r1Sha256, 5),
            Create(SignatureScheme.EcdsaSecp384r1Sha384, 2),
            Create(SignatureScheme.Ed25519, 3),
            Create(SignatureScheme.Ed25519, 8),
        ]),
    };

    private static JsonObject Create(SignatureScheme scheme, int count)
    {
        var token = new FixedSigner($"token {scheme}", scheme);
        byte[] spki = token.Public.ToSpki();
        GrantItem[] items = [.. Enumerable.Range(0, count).Select(Item)];
        Digest[] leaves = Array.ConvertAll(items, static item => MerkleTree.LeafHash(TlsWriter.Encode(item)));
        var touch = new Touch
        {
            RegistryId = RegistryId.FromBytes(FixedKeys.Seed("registry")),
            TokenId = TokenId.OfSpki(spki),
            RegistrySize = 42,
            RegistryRoot = new Digest(FixedKeys.Seed("root")),
            SessionKey = new FixedSigner("session", SignatureScheme.Ed25519).Public,
            IssuedAt = IssuedAt,
            NotAfter = IssuedAt + (12 * 3600),
            Count = (uint)count,
            Root = MerkleTree.Root(leaves),
        };
        byte[] encoded = TlsWriter.Encode(touch);
        byte[] input = Labelled.Bytes(Labels.Touch, encoded);
        byte[] signature = token.Sign(input);
        return new JsonObject
        {
            ["token_scheme"] = (int)scheme,
            ["token_spki"] = VectorFiles.Hex(spki),
            ["registry_id"] = touch.RegistryId.ToString(),
            ["token_id"] = touch.TokenId.ToString(),
            ["registry_size"] = touch.RegistrySize,
            ["registry_root"] = touch.RegistryRoot.ToString(),
            ["session_scheme"] = (int)touch.SessionKey.Scheme,
            ["session_key"] = VectorFiles.Hex(touch.SessionKey.Raw),
            ["issued_at"] = touch.IssuedAt,
            ["not_after"] = touch.NotAfter,
            ["count"] = count,
            ["root"] = touch.Root.ToString(),
            ["touch"] = VectorFiles.Hex(encoded),
            ["signing_input"] = VectorFiles.Hex(input),
            ["signature"] = VectorFiles.Hex(signature),
            ["session_id"] = touch.SessionId.ToString(),
            ["grants"] = VectorFiles.Array(items.Select((item, i) => (JsonNode)Grant(touch, signature, items[i], i, MerkleTree.InclusionPath(leaves, i)))),
        };
    }

    private static JsonObject Grant(Touch touch, byte[] signature, GrantItem item, int index, Digest[] path) => new()
    {
        ["purpose"] = (int)item.Purpose,
        ["context"] = item.Context?.ToString() ?? "",
        ["keys"] = VectorFiles.Array(item.Keys.Select(static key => (JsonNode)key.ToString())),
        ["enter_by"] = item.EnterBy,
        ["index"] = index,
        ["path"] = VectorFiles.Array(path.Select(static hash => (JsonNode)hash.ToString())),
        ["signed_grant"] = VectorFiles.Hex(new SignedGrant(touch, signature, item, (uint)index, path)),
    };

    private static GrantItem Item(int i) => (i % 3) switch
    {
        0 => GrantItem.ForChannel(new RelayId(new Digest(FixedKeys.Seed("relay"))), FixedKeys.Seed($"channel key {i}"), IssuedAt + (12 * 3600)),
        1 => GrantItem.ForRoom(RoomId.FromBytes(FixedKeys.Seed($"room {i}")), FixedKeys.Seed($"encryption key {i}"), IssuedAt + 600),
        _ => GrantItem.ForKeyPackage(FixedKeys.Seed($"encryption key {i}"), FixedKeys.Seed($"init key {i}"), IssuedAt + (14 * 24 * 3600)),
    };
}
