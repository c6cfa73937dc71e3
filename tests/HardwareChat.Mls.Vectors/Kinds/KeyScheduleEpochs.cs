using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class KeyScheduleEpochs : VectorKind
{
    public override string Name => "key-schedule";

    protected override string[] Members => ["group_id", "initial_init_secret", "epochs"];

    public override void Run(JsonElement test)
    {
        CipherSuite suite = test.Suite();
        var groupId = new GroupId(test.Hex("group_id"));
        Secret initSecret = test.Secret("initial_init_secret");
        ulong number = 0;
        foreach (JsonElement epoch in test.Array("epochs"))
        {
            var context = new GroupContext(
                suite.Id, groupId, new Epoch(number), epoch.Hex("tree_hash"), epoch.Hex("confirmed_transcript_hash"), ExtensionList.Empty);
            byte[] encoded = TlsWriter.Encode(context);
            Check.Bytes(epoch.Hex("group_context"), encoded, $"group_context of epoch {number}");

            using Secret commitSecret = epoch.Secret("commit_secret");
            using Secret pskSecret = epoch.OptionalHex("psk_secret") is byte[] psk ? Secret.CopyOf(psk) : Secret.Zero(suite.HashLength);
            using Secret joinerSecret = KeySchedule.DeriveJoinerSecret(suite, initSecret, commitSecret, encoded);
            using Secret welcomeSecret = KeySchedule.DeriveWelcomeSecret(suite, joinerSecret, pskSecret);
            using EpochSecrets secrets = KeySchedule.DeriveEpoch(suite, joinerSecret, pskSecret, encoded);
            using Secret encryptionSecret = secrets.TakeEncryptionSecret();
            using HpkeKeyPair external = secrets.DeriveExternalKeyPair();

            Same("joiner_secret", joinerSecret);
            Same("welcome_secret", welcomeSecret);
            Same("init_secret", secrets.InitSecret);
            Same("sender_data_secret", secrets.SenderDataSecret);
            Same("encryption_secret", encryptionSecret);
            Same("exporter_secret", secrets.ExporterSecret);
            Same("epoch_authenticator", secrets.EpochAuthenticator);
            Same("external_secret", secrets.ExternalSecret);
            Same("confirmation_key", secrets.ConfirmationKey);
            Same("membership_key", secrets.MembershipKey);
            Same("resumption_psk", secrets.ResumptionPsk);
            Check.Bytes(epoch.Hex("external_pub"), external.PublicKey.Span, $"external_pub of epoch {number}");

            if (epoch.TryGetProperty("exporter", out JsonElement exporter))
            {
                using Secret exported = secrets.Export(exporter.Utf8("label"), exporter.Hex("context"), (int)exporter.UInt32("length"));
                Check.Bytes(exporter.Hex("secret"), exported.Span, $"exporter.secret of epoch {number}");
            }

            initSecret.Dispose();
            initSecret = secrets.InitSecret.Copy();
            number++;

            void Same(string name, Secret actual) => Check.Bytes(epoch.Hex(name), actual.Span, $"{name} of epoch {number}");
        }

        initSecret.Dispose();
        Check.True(number > 0, "the case has epochs");
    }
}
