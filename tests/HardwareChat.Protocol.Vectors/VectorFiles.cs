using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using HardwareChat.Wire;

namespace HardwareChat.Protocol.Vectors;

/// <summary>The vector files: names and contents. Every byte follows from fixed seeds.</summary>
public static class VectorFiles
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, string> Create()
    {
        var community = new FixedCommunity();
        return new Dictionary<string, JsonObject>
        {
            ["touch.json"] = TouchVectors.Create(),
            ["merkle.json"] = MerkleVectors.Create(),
            ["registry.json"] = RegistryVectors.Create(community),
            ["room.json"] = RoomVectors.Create(community),
            ["phrase.json"] = PhraseVectors.Create(),
            ["channel.json"] = ChannelVectors.Create(community),
        }.ToDictionary(static file => file.Key, static file => file.Value.ToJsonString(Format) + "\n");
    }

    internal static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    internal static string Hex<T>(T structure)
        where T : ITlsSerializable
        => Hex(TlsWriter.Encode(structure));

    internal static JsonArray Array(IEnumerable<JsonNode?> items) => [.. items];
}
