using System.Text.Json;

namespace HardwareChat.Mls.Tests.Vectors;

/// <summary>The vectors from the receiver's side; the runner of tests/HardwareChat.Mls.Vectors takes them from the sender's.</summary>
public static class SecretTreeReceiverTests
{
    [Fact]
    public static void Receiver_finds_every_key_of_the_working_groups_cases()
    {
        foreach (JsonElement test in SharedVectors.Of("secret-tree"))
        {
            CipherSuite suite = test.Suite();
            byte[] key = new byte[suite.KeyLength], nonce = new byte[CipherSuite.NonceLength];

            JsonElement senderData = test.GetProperty("sender_data");
            using Secret senderDataSecret = Secret.CopyOf(senderData.Hex("sender_data_secret"));
            SenderDataKey.Derive(suite, senderDataSecret, senderData.Hex("ciphertext"), key, nonce);
            Assert.Equal(senderData.Hex("key"), key);
            Assert.Equal(senderData.Hex("nonce"), nonce);

            JsonElement[] leaves = [.. test.GetProperty("leaves").EnumerateArray()];
            using var tree = new SecretTree(suite, Secret.CopyOf(test.Hex("encryption_secret")), (uint)leaves.Length);
            for (uint leaf = 0; leaf < leaves.Length; leaf++)
            {
                foreach (JsonElement step in leaves[leaf].EnumerateArray())
                {
                    uint generation = step.UInt32("generation");
                    foreach ((RatchetType type, string name) in ((RatchetType, string)[])[(RatchetType.Application, "application"), (RatchetType.Handshake, "handshake")])
                    {
                        Assert.Equal(RatchetAnswer.Found, tree.TryPeek(new LeafIndex(leaf), type, generation, RatchetBounds.Standard, key, nonce));
                        Assert.Equal(step.Hex(name + "_key"), key);
                        Assert.Equal(step.Hex(name + "_nonce"), nonce);
                        tree.Consume(new LeafIndex(leaf), type, generation, RatchetBounds.Standard);
                    }
                }
            }
        }
    }
}
