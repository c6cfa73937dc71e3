using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class WelcomeSecrets : VectorKind
{
    public override string Name => "welcome";

    protected override string[] Members => ["init_priv", "signer_pub", "key_package", "welcome"];

    // The vector has no tree, so that nobody can join by it; the steps of RFC 9420 §12.4.3.1 up to the tree are taken one by one.
    public override void Run(JsonElement test)
    {
        CipherSuite suite = test.Suite();
        KeyPackage keyPackage = MlsMessage.Decode(test.Hex("key_package")).KeyPackage ?? throw new VectorException("no KeyPackage");
        Welcome welcome = MlsMessage.Decode(test.Hex("welcome")).Welcome ?? throw new VectorException("no Welcome");
        using HpkeKeyPair init = suite.ImportHpkePrivateKey(test.PrivateKey("init_priv", suite));
        Check.Equal(keyPackage.InitKey, init.PublicKey, "the public key of init_priv");

        HpkeCiphertext encrypted = welcome.FindSecrets(keyPackage.ComputeReference(suite)) ?? throw new VectorException("the Welcome is not for the key package");
        using Secret? plaintext = suite.DecryptWithLabel(init.PrivateKey, "Welcome"u8, welcome.EncryptedGroupInfo, encrypted);
        Check.True(plaintext is not null, "the group secrets decrypt");
        using GroupSecrets secrets = GroupSecrets.Decode(plaintext!.Span);

        using Secret noPsk = Secret.Zero(suite.HashLength);
        using Secret welcomeSecret = KeySchedule.DeriveWelcomeSecret(suite, secrets.JoinerSecret, noPsk);
        using Secret key = suite.ExpandWithLabel(welcomeSecret, "key"u8, [], suite.KeyLength);
        using Secret nonce = suite.ExpandWithLabel(welcomeSecret, "nonce"u8, [], CipherSuite.NonceLength);
        byte[] groupInfo = new byte[welcome.EncryptedGroupInfo.Length - CipherSuite.TagLength];
        Check.True(suite.TryOpen(key.Span, nonce.Span, [], welcome.EncryptedGroupInfo, groupInfo), "the GroupInfo decrypts");
        GroupInfo info = GroupInfo.Decode(groupInfo);
        Check.True(info.VerifySignature(suite, new SignaturePublicKey(test.Hex("signer_pub"))), "the GroupInfo's signature verifies");

        using EpochSecrets epoch = KeySchedule.DeriveEpoch(suite, secrets.JoinerSecret, noPsk, TlsWriter.Encode(info.Context));
        Check.True(epoch.VerifyConfirmationTag(info.Context.ConfirmedTranscriptHash, info.ConfirmationTag), "the confirmation tag verifies");
    }
}
