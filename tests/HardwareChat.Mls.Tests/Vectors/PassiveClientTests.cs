using System.Text.Json;
using HardwareChat.Mls.Tests.Scenarios;

namespace HardwareChat.Mls.Tests.Vectors;

public static class PassiveClientTests
{
    [Theory]
    [InlineData("passive-client-welcome")]
    [InlineData("passive-client-handling-commit")]
    [InlineData("passive-client-random")]
    public static void A_passive_client_follows_every_case_of_the_working_group(string kind)
    {
        foreach (JsonElement test in SharedVectors.Of(kind))
        {
            CipherSuite suite = test.Suite();
            KeyPackage keyPackage = MlsMessage.Decode(test.Hex("key_package")).KeyPackage!;
            using KeyPackageBundle bundle = KeyPackageBundle.Of(
                keyPackage, Import(suite, test.Hex("init_priv")), Import(suite, test.Hex("encryption_priv")));
            JsonElement[] psks = [.. test.GetProperty("external_psks").EnumerateArray()];
            var policy = new GroupPolicy(new AskedCheck())
            {
                FindPsk = id => psks.Where(psk => id.ExternalId.SequenceEqual(psk.Hex("psk_id"))).Select(static psk => Secret.CopyOf(psk.Hex("psk"))).FirstOrDefault(),
            };
            RatchetTree? tree = test.GetProperty("ratchet_tree").ValueKind == JsonValueKind.Null
                ? null
                : RatchetTree.Decode(suite, test.Hex("ratchet_tree"));
            using WelcomeOffer offer = WelcomeOffer.Open(MlsMessage.Decode(test.Hex("welcome")).Welcome!, bundle, policy, tree);
            using MlsGroup group = offer.Accept();
            Assert.Equal(test.Hex("initial_epoch_authenticator"), group.EpochAuthenticator.ToArray());

            foreach (JsonElement epoch in test.GetProperty("epochs").EnumerateArray())
            {
                foreach (JsonElement proposal in epoch.GetProperty("proposals").EnumerateArray())
                    group.Keep((ProposalMessage)group.Receive(Convert.FromHexString(proposal.GetString()!)));
                group.Merge(group.Stage((CommitMessage)group.Receive(epoch.Hex("commit")), policy));
                Assert.Equal(epoch.Hex("epoch_authenticator"), group.EpochAuthenticator.ToArray());
            }
        }
    }

    // Some of the vectors for P-521 leave out leading zeros of private keys.
    private static HpkeKeyPair Import(CipherSuite suite, byte[] privateKey)
    {
        using HpkeKeyPair sample = suite.GenerateHpkeKeyPair();
        byte[] padded = new byte[sample.PrivateKey.Span.Length];
        privateKey.CopyTo(padded, padded.Length - privateKey.Length);
        return suite.ImportHpkePrivateKey(padded);
    }
}
