using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Tests.Vectors;

public static class ScheduleTests
{
    [Fact]
    public static void Key_schedule_holds_in_every_case_of_the_working_group()
    {
        foreach (JsonElement test in SharedVectors.Of("key-schedule"))
        {
            CipherSuite suite = test.Suite();
            Secret init = Secret.CopyOf(test.Hex("initial_init_secret"));
            foreach (JsonElement epoch in test.GetProperty("epochs").EnumerateArray())
            {
                using Secret commit = Secret.CopyOf(epoch.Hex("commit_secret"));
                using Secret psk = Secret.CopyOf(epoch.Hex("psk_secret"));
                byte[] groupContext = epoch.Hex("group_context");

                using Secret joiner = KeySchedule.DeriveJoinerSecret(suite, init, commit, groupContext);
                Assert.Equal(epoch.Hex("joiner_secret"), joiner.Span.ToArray());
                using Secret welcome = KeySchedule.DeriveWelcomeSecret(suite, joiner, psk);
                Assert.Equal(epoch.Hex("welcome_secret"), welcome.Span.ToArray());

                using EpochSecrets secrets = KeySchedule.DeriveEpoch(suite, joiner, psk, groupContext);
                using Secret encryption = secrets.TakeEncryptionSecret();
                Assert.Equal(epoch.Hex("encryption_secret"), encryption.Span.ToArray());
                Assert.Equal(epoch.Hex("sender_data_secret"), secrets.SenderDataSecret.Span.ToArray());
                Assert.Equal(epoch.Hex("exporter_secret"), secrets.ExporterSecret.Span.ToArray());
                Assert.Equal(epoch.Hex("external_secret"), secrets.ExternalSecret.Span.ToArray());
                Assert.Equal(epoch.Hex("confirmation_key"), secrets.ConfirmationKey.Span.ToArray());
                Assert.Equal(epoch.Hex("membership_key"), secrets.MembershipKey.Span.ToArray());
                Assert.Equal(epoch.Hex("resumption_psk"), secrets.ResumptionPsk.Span.ToArray());
                Assert.Equal(epoch.Hex("epoch_authenticator"), secrets.EpochAuthenticator.Span.ToArray());
                Assert.Equal(epoch.Hex("init_secret"), secrets.InitSecret.Span.ToArray());

                using HpkeKeyPair external = secrets.DeriveExternalKeyPair();
                Assert.Equal(new HpkePublicKey(epoch.Hex("external_pub")), external.PublicKey);

                JsonElement exporter = epoch.GetProperty("exporter");
                using Secret exported = secrets.Export(exporter.Utf8("label"), exporter.Hex("context"), (int)exporter.UInt32("length"));
                Assert.Equal(exporter.Hex("secret"), exported.Span.ToArray());

                init.Dispose();
                init = secrets.InitSecret.Copy();
            }

            init.Dispose();
        }
    }

    [Fact]
    public static void Secret_tree_holds_in_every_case_of_the_working_group()
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

    [Fact]
    public static void Psk_secret_holds_in_every_case_of_the_working_group()
    {
        foreach (JsonElement test in SharedVectors.Of("psk_secret"))
        {
            CipherSuite suite = test.Suite();
            (ReadOnlyMemory<byte>, Secret)[] psks = [.. test.GetProperty("psks").EnumerateArray().Select(psk =>
            {
                // struct { PSKType psktype = external(1); opaque psk_id<V>; opaque psk_nonce<V>; } PreSharedKeyID;
                using var id = new TlsBuffer();
                var writer = new TlsWriter(id);
                writer.WriteUInt8(1);
                writer.WriteOpaque(psk.Hex("psk_id"));
                writer.WriteOpaque(psk.Hex("psk_nonce"));
                return ((ReadOnlyMemory<byte>)id.WrittenSpan.ToArray(), Secret.CopyOf(psk.Hex("psk")));
            })];
            using Secret secret = PskSecret.Derive(suite, psks);
            Assert.Equal(test.Hex("psk_secret"), secret.Span.ToArray());
        }
    }
}
