using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class PassiveClient : VectorKind
{
    public override string Name => "passive-client";

    protected override string[] Members => ["key_package", "welcome", "initial_epoch_authenticator", "epochs"];

    public override void Run(JsonElement test)
    {
        CipherSuite suite = test.Suite();
        Dictionary<string, byte[]> psks = test.Array("external_psks").ToDictionary(psk => Convert.ToHexString(psk.Hex("psk_id")), psk => psk.Hex("psk"));
        var policy = new GroupPolicy(new AcceptEverybody())
        {
            FindPsk = id => psks.TryGetValue(Convert.ToHexString(id.ExternalId), out byte[]? psk) ? Secret.CopyOf(psk) : null,
        };

        using MlsGroup group = Join(suite, test, policy);
        Check.Bytes(test.Hex("initial_epoch_authenticator"), group.EpochAuthenticator, "initial_epoch_authenticator");
        int number = 0;
        foreach (JsonElement epoch in test.Array("epochs"))
        {
            foreach (JsonElement message in epoch.Array("proposals"))
            {
                group.Keep(group.Receive(message.Hex()) as ProposalMessage
                    ?? throw new VectorException($"what should be a proposal before commit {number} is none"));
            }

            CommitMessage commit = group.Receive(epoch.Hex("commit")) as CommitMessage ?? throw new VectorException($"commit {number} is none");
            group.Merge(group.Stage(commit, policy));
            Check.Bytes(epoch.Hex("epoch_authenticator"), group.EpochAuthenticator, $"epoch_authenticator after commit {number}");
            number++;
        }
    }

    private static MlsGroup Join(CipherSuite suite, JsonElement test, GroupPolicy policy)
    {
        KeyPackage keyPackage = ReadKeyPackage(test.Hex("key_package"));
        using SignaturePrivateKey signer = SignaturePrivateKey.Import(suite.SignatureScheme, test.PrivateKey("signature_priv", suite));
        Check.Equal(keyPackage.LeafNode.SignatureKey, signer.PublicKey, "the public key of signature_priv");
        using KeyPackageBundle bundle = KeyPackageBundle.Of(
            keyPackage,
            suite.ImportHpkePrivateKey(test.PrivateKey("init_priv", suite)),
            suite.ImportHpkePrivateKey(test.PrivateKey("encryption_priv", suite)));
        Welcome welcome = MlsMessage.Decode(test.Hex("welcome")).Welcome ?? throw new VectorException("no Welcome");
        RatchetTree? tree = test.OptionalHex("ratchet_tree") is byte[] bytes ? RatchetTree.Decode(suite, bytes) : null;
        using WelcomeOffer offer = WelcomeOffer.Open(welcome, bundle, policy, tree);
        return offer.Accept();
    }

    // The format asks for a bare KeyPackage; the generators write an MLSMessage.
    private static KeyPackage ReadKeyPackage(byte[] bytes)
    {
        try
        {
            return MlsMessage.Decode(bytes).KeyPackage ?? throw new VectorException("no KeyPackage");
        }
        catch (DecodeException)
        {
            return KeyPackage.Decode(bytes);
        }
    }

    private sealed class AcceptEverybody : ICredentialCheck
    {
        public bool Accepts(LeafEntry entry) => true;

        public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => true;

        public bool IsSameClient(LeafNode left, LeafNode right) => true;
    }
}
