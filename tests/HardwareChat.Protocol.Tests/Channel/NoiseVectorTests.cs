using System.Text.Json;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>The XX vectors of two other Noise implementations, byte for byte in both directions.</summary>
public sealed class NoiseVectorTests
{
    private const string ProtocolName = "Noise_XX_25519_ChaChaPoly_SHA256";

    public static TheoryData<string> Files => ["cacophony.json", "snow.json"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Vectors_pass(string file)
    {
        string path = Path.Combine(SharedFiles.Directory, "noise-vectors", file);
        Assert.SkipUnless(File.Exists(path), $"needs {path}");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        int ran = 0;
        foreach (JsonElement vector in document.RootElement.GetProperty("vectors").EnumerateArray())
        {
            // The XXpsk3 vectors are for suite 2, which this version does not speak.
            if (vector.GetProperty("protocol_name").GetString() != ProtocolName)
                continue;
            Run(vector);
            ran++;
        }
        Assert.Equal(1, ran);
    }

    private static void Run(JsonElement vector)
    {
        using Key initiatorStatic = Import(Hex(vector, "init_static"));
        using Key responderStatic = Import(Hex(vector, "resp_static"));
        using var initiator = HandshakeState.WithFixedEphemeral(NoiseRole.Initiator, Hex(vector, "init_prologue"), initiatorStatic, Hex(vector, "init_ephemeral"));
        using var responder = HandshakeState.WithFixedEphemeral(NoiseRole.Responder, Hex(vector, "resp_prologue"), responderStatic, Hex(vector, "resp_ephemeral"));
        var messages = vector.GetProperty("messages").EnumerateArray().ToList();
        for (int i = 0; i < HandshakeState.MessageCount; i++)
        {
            (HandshakeState writer, HandshakeState reader) = i % 2 == 0 ? (initiator, responder) : (responder, initiator);
            byte[] payload = Hex(messages[i], "payload");
            var message = new byte[writer.NextOverhead + payload.Length];
            Assert.Equal(message.Length, writer.WriteMessage(payload, message));
            Assert.Equal(Hex(messages[i], "ciphertext"), message);
            var read = new byte[payload.Length];
            Assert.Equal(payload.Length, reader.ReadMessage(message, read));
            Assert.Equal(payload, read);
        }
        if (vector.TryGetProperty("handshake_hash", out JsonElement hash))
            Assert.Equal(hash.GetString(), Convert.ToHexStringLower(initiator.HandshakeHash));
        Assert.Equal(initiator.HandshakeHash, responder.HandshakeHash);
        Assert.Equal(responderStatic.PublicKey.Export(KeyBlobFormat.RawPublicKey), initiator.RemoteStatic);
        Assert.Equal(initiatorStatic.PublicKey.Export(KeyBlobFormat.RawPublicKey), responder.RemoteStatic);

        (CipherState sending, CipherState receiving) one = initiator.Split();
        (CipherState sending, CipherState receiving) two = responder.Split();
        Assert.True(messages.Count > HandshakeState.MessageCount);
        for (int i = HandshakeState.MessageCount; i < messages.Count; i++)
        {
            (CipherState from, CipherState to) = i % 2 == 0 ? (one.sending, two.receiving) : (two.sending, one.receiving);
            byte[] payload = Hex(messages[i], "payload");
            var sealedBytes = new byte[payload.Length + CipherState.TagSize];
            from.EncryptWithAd([], payload, sealedBytes);
            Assert.Equal(Hex(messages[i], "ciphertext"), sealedBytes);
            Assert.True(to.DecryptWithAd([], sealedBytes, sealedBytes, out int length));
            Assert.Equal(payload, sealedBytes[..length]);
        }
    }

    private static Key Import(byte[] scalar) => Key.Import(KeyAgreementAlgorithm.X25519, scalar, KeyBlobFormat.RawPrivateKey);

    private static byte[] Hex(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);
}
