using HardwareChat.Mls;

// What an application does with MLS, compiled ahead of time: a warning of the compiler fails the build, and what it left out fails here.

foreach (CipherSuite suite in CipherSuite.All)
{
    var policy = new GroupPolicy(new AcceptEverybody());
    using SignaturePrivateKey aliceKey = suite.GenerateSignatureKey();
    using SignaturePrivateKey bobKey = suite.GenerateSignatureKey();
    LeafContent Leaf(ReadOnlySpan<byte> name) => new(new BasicCredential(name), new Capabilities([suite.Id]));

    using KeyPackageBundle bundle = KeyPackageBundle.Create(suite, bobKey, Leaf("bob"u8), Lifetime.Unlimited);
    using MlsGroup alice = MlsGroup.Create(suite, GroupId.Random(), aliceKey, Leaf("alice"u8), policy);
    CommitBundle commit = alice.Commit(aliceKey, policy, new CommitOptions { Proposals = [new AddProposal(bundle.KeyPackage)] });
    alice.MergePending();
    using WelcomeOffer offer = WelcomeOffer.Open(MlsMessage.Decode(commit.Welcome!.Value.Span).Welcome!, bundle, policy);
    using MlsGroup joined = offer.Accept();
    using MlsGroup bob = MlsGroup.Restore(joined.Save());

    byte[] message = alice.Encrypt(aliceKey, "hello"u8.ToArray());
    if (bob.Receive(message) is not ApplicationMessage received || !received.Data.Span.SequenceEqual("hello"u8))
        return 1;
    CommitBundle update = bob.Commit(bobKey, policy);
    bob.MergePending();
    alice.Merge(alice.Stage((CommitMessage)alice.Receive(update.Message.Span), policy));
    if (!alice.EpochAuthenticator.SequenceEqual(bob.EpochAuthenticator))
        return 2;
    Console.WriteLine(suite.Name);
}

return 0;

internal sealed class AcceptEverybody : ICredentialCheck
{
    public bool Accepts(LeafEntry entry) => true;

    public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => true;

    public bool IsSameClient(LeafNode left, LeafNode right) => true;
}
