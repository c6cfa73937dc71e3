using System.Text;
using System.Text.Json.Nodes;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Vectors;

/// <summary>Phrases and their keys, with what Argon2id gives in between.</summary>
internal static class PhraseVectors
{
    public static JsonObject Create() => new()
    {
        ["phrases"] = VectorFiles.Array([Create("correct horse battery staple", 1, 3), Create("über den fluß", 7, 4)]),
    };

    private static JsonObject Create(string phrase, uint version, uint passes)
    {
        RoomId room = RoomId.FromBytes(FixedKeys.Seed("phrase room"));
        var parameters = new PhraseParameters(version, FixedKeys.Seed("salt").AsMemory(0, 16), ProtocolLimits.PhraseMemoryFloor, passes);
        var psk = new byte[Phrase.PskSize];
        Phrase.Derive(phrase, room, parameters, psk);
        byte[] hashed = PasswordBasedKeyDerivationAlgorithm
            .Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = parameters.Memory, NumberOfPasses = parameters.Passes })
            .DeriveBytes(Encoding.UTF8.GetBytes(phrase), parameters.Salt.Span, 32);
        return new JsonObject
        {
            ["phrase_utf8"] = VectorFiles.Hex(Encoding.UTF8.GetBytes(phrase)),
            ["room_id"] = room.ToString(),
            ["version"] = version,
            ["salt"] = VectorFiles.Hex(parameters.Salt.Span),
            ["memory"] = parameters.Memory,
            ["passes"] = passes,
            ["argon2id"] = VectorFiles.Hex(hashed),
            ["psk_id"] = VectorFiles.Hex(Phrase.PskId(room, version)),
            ["psk"] = VectorFiles.Hex(psk),
        };
    }
}
