using System.Numerics;
using System.Text.Json;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class SecretTreeKeys : VectorKind
{
    public override string Name => "secret-tree";

    protected override string[] Members => ["encryption_secret", "sender_data", "leaves"];

    public override void Run(JsonElement test)
    {
        CipherSuite suite = test.Suite();
        byte[] key = new byte[suite.KeyLength];
        byte[] nonce = new byte[CipherSuite.NonceLength];

        JsonElement senderData = test.GetProperty("sender_data");
        using Secret senderDataSecret = senderData.Secret("sender_data_secret");
        SenderDataKey.Derive(suite, senderDataSecret, senderData.Hex("ciphertext"), key, nonce);
        Check.Bytes(senderData.Hex("key"), key, "sender_data.key");
        Check.Bytes(senderData.Hex("nonce"), nonce, "sender_data.nonce");

        JsonElement[] leaves = [.. test.Array("leaves")];
        using var tree = new SecretTree(suite, test.Secret("encryption_secret"), BitOperations.RoundUpToPowerOf2((uint)leaves.Length));
        for (uint leaf = 0; leaf < leaves.Length; leaf++)
        {
            Ratchet(RatchetType.Handshake, "handshake");
            Ratchet(RatchetType.Application, "application");

            void Ratchet(RatchetType type, string name)
            {
                var sender = new LeafIndex(leaf);
                foreach (JsonElement entry in leaves[leaf].EnumerateArray())
                {
                    uint generation = entry.UInt32("generation");
                    while (tree.Take(sender, type, key, nonce) < generation)
                    {
                        // Keys between two of the vector's generations.
                    }

                    Check.Bytes(entry.Hex($"{name}_key"), key, $"{name}_key of {sender}, generation {generation}");
                    Check.Bytes(entry.Hex($"{name}_nonce"), nonce, $"{name}_nonce of {sender}, generation {generation}");
                }
            }
        }
    }
}
