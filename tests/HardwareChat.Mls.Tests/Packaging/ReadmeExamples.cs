namespace HardwareChat.Mls.Tests.Packaging;

/// <summary>The examples of src/HardwareChat.Mls/README.md, word for word, so that they compile and run.</summary>
public class ReadmeExamples
{
    [Fact]
    public void Two_people_talk()
    {
        // example: a group of two
        CipherSuite suite = CipherSuite.X25519ChaCha20Poly1305Sha256Ed25519;
        var policy = new GroupPolicy(new ContactList());

        // Bob publishes a key package, and keeps its private keys.
        using SignaturePrivateKey bobKey = suite.GenerateSignatureKey();
        var bobLeaf = new LeafContent(new BasicCredential("bob"u8), new Capabilities([suite.Id]));
        using KeyPackageBundle bundle = KeyPackageBundle.Create(suite, bobKey, bobLeaf, Lifetime.Unlimited);

        // Alice makes a group and adds him. The commit goes to the members (none yet), the Welcome to Bob.
        using SignaturePrivateKey aliceKey = suite.GenerateSignatureKey();
        var aliceLeaf = new LeafContent(new BasicCredential("alice"u8), new Capabilities([suite.Id]));
        using MlsGroup alice = MlsGroup.Create(suite, GroupId.Random(), aliceKey, aliceLeaf, policy);
        CommitBundle commit = alice.Commit(aliceKey, policy, new CommitOptions { Proposals = [new AddProposal(bundle.KeyPackage)] });
        alice.MergePending();

        // Bob looks at what he is offered before he accepts it.
        using WelcomeOffer offer = WelcomeOffer.Open(MlsMessage.Decode(commit.Welcome!.Value.Span).Welcome!, bundle, policy);
        using MlsGroup bob = offer.Accept();

        byte[] message = alice.Encrypt(aliceKey, "hello, bob"u8.ToArray());
        var received = (ApplicationMessage)bob.Receive(message);
        // end
        Assert.Equal("hello, bob"u8.ToArray(), received.Data.ToArray());

        Process_a_message(bob, policy, alice.Commit(aliceKey, policy).Message.Span);
        alice.MergePending();
        Assert.Equal(alice.EpochAuthenticator.ToArray(), bob.EpochAuthenticator.ToArray());
        Assert.Equal(bob.Epoch, Keep_a_group(bob).Epoch);
    }

    private static void Process_a_message(MlsGroup group, GroupPolicy policy, ReadOnlySpan<byte> bytes)
    {
        // example: process a message
        switch (group.Receive(bytes))
        {
            case ApplicationMessage application:
                Console.WriteLine($"{application.Data.Length} bytes from {application.Sender.Leaf}");
                break;

            case ProposalMessage proposal:
                group.Keep(proposal);
                break;

            case CommitMessage commit:
                // Nothing has moved yet: look at staged.Proposals, staged.LeafChanges and staged.ContextAfter, and refuse by disposing.
                using (StagedCommit staged = group.Stage(commit, policy))
                    group.Merge(staged);
                break;
        }
        // end
    }

    private static MlsGroup Keep_a_group(MlsGroup group)
    {
        // example: keep a group
        byte[] saved = group.Save(); // Private keys are inside: seal it before it is stored.
        MlsGroup restored = MlsGroup.Restore(saved);
        // end
        return restored;
    }

    // example: judge credentials
    private sealed class ContactList : ICredentialCheck
    {
        public bool Accepts(LeafEntry entry)
            => entry.Leaf.Credential is BasicCredential && (entry.Former is null || entry.Former.Credential.Equals(entry.Leaf.Credential));

        public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => false;

        public bool IsSameClient(LeafNode left, LeafNode right) => left.Credential.Equals(right.Credential);
    }
    // end
}
