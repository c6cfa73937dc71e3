using System.Text;

namespace HardwareChat.Mls.Tests.Scenarios;

/// <summary>A client under test: a name, a signature key, and at most one group.</summary>
internal sealed class Peer : IDisposable
{
    public static readonly CipherSuite Suite = CipherSuite.X25519ChaCha20Poly1305Sha256Ed25519;

    public Peer(string name, CipherSuite? suite = null)
    {
        Name = name;
        CipherSuite = suite ?? Suite;
        Signer = CipherSuite.GenerateSignatureKey();
        Content = new LeafContent(new BasicCredential(Encoding.UTF8.GetBytes(name)), Capabilities());
        Policy = new GroupPolicy(Check);
    }

    public string Name { get; }

    public CipherSuite CipherSuite { get; }

    public SignaturePrivateKey Signer { get; set; }

    public LeafContent Content { get; set; }

    public AskedCheck Check { get; } = new();

    public GroupPolicy Policy { get; set; }

    public MlsGroup Group { get; set; } = null!;

    public Capabilities Capabilities() => new([CipherSuite.Id]);

    public static Peer Creator(string name, ExtensionList? extensions = null, GroupOptions? options = null, CipherSuite? suite = null)
    {
        var peer = new Peer(name, suite);
        peer.Group = MlsGroup.Create(peer.CipherSuite, GroupId.Random(), peer.Signer, peer.Content, peer.Policy, extensions, options: options);
        return peer;
    }

    public KeyPackageBundle KeyPackage(Lifetime? lifetime = null)
        => KeyPackageBundle.Create(CipherSuite, Signer, Content, lifetime ?? Lifetime.Unlimited);

    /// <summary>Adds a newcomer to a group of which all other members are given.</summary>
    public Peer Add(string name, params Peer[] others)
    {
        var newcomer = new Peer(name, CipherSuite);
        using KeyPackageBundle keyPackage = newcomer.KeyPackage();
        CommitBundle bundle = Commit(new CommitOptions { Proposals = [new AddProposal(keyPackage.KeyPackage)] });
        Deliver(bundle, others);
        newcomer.Join(bundle.Welcome!.Value.Span, keyPackage);
        return newcomer;
    }

    public void Join(ReadOnlySpan<byte> welcome, KeyPackageBundle keyPackage, GroupOptions? options = null)
    {
        using WelcomeOffer offer = WelcomeOffer.Open(MlsMessage.Decode(welcome).Welcome!, keyPackage, Policy);
        Group = offer.Accept(options);
    }

    public CommitBundle Commit(CommitOptions? options = null) => Group.Commit(Signer, Policy, options);

    /// <summary>Merges an own commit and lets the others process it.</summary>
    public void Deliver(CommitBundle bundle, params Peer[] others)
    {
        foreach (Peer other in others)
            other.Process(bundle.Message.Span);
        Group.MergePending();
    }

    public void Process(ReadOnlySpan<byte> commit) => Group.Merge(Stage(commit));

    public StagedCommit Stage(ReadOnlySpan<byte> commit) => Group.Stage((CommitMessage)Group.Receive(commit), Policy);

    public void Keep(ReadOnlySpan<byte> proposal) => Group.Keep((ProposalMessage)Group.Receive(proposal));

    public byte[] Encrypt(string text) => Group.Encrypt(Signer, Encoding.UTF8.GetBytes(text));

    public string Decrypt(ReadOnlySpan<byte> message) => Encoding.UTF8.GetString(((ApplicationMessage)Group.Receive(message)).Data.Span);

    /// <summary>All agree on the epoch, and each reads what each other says.</summary>
    public static void AssertAgreement(params Peer[] peers)
    {
        foreach (Peer peer in peers)
        {
            Assert.Equal(peers[0].Group.Epoch, peer.Group.Epoch);
            Assert.Equal(peers[0].Group.EpochAuthenticator.ToArray(), peer.Group.EpochAuthenticator.ToArray());
            Assert.Equal(peers[0].Group.Context.Encoded.ToArray(), peer.Group.Context.Encoded.ToArray());
        }

        foreach (Peer sender in peers)
        {
            byte[] message = sender.Encrypt($"from {sender.Name}");
            foreach (Peer receiver in peers.Where(peer => peer != sender))
                Assert.Equal($"from {sender.Name}", receiver.Decrypt(message));
        }
    }

    public void Dispose()
    {
        Group?.Dispose();
        Signer.Dispose();
    }
}

/// <summary>Accepts what it is told to, and remembers what it was asked.</summary>
internal sealed class AskedCheck : ICredentialCheck
{
    public List<LeafEntry> Asked { get; } = [];

    public Func<LeafEntry, bool> Judge { get; set; } = static _ => true;

    public bool AcceptsSenders { get; set; } = true;

    public bool Accepts(LeafEntry entry)
    {
        Asked.Add(entry);
        return Judge(entry);
    }

    public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => AcceptsSenders;

    public bool IsSameClient(LeafNode left, LeafNode right) => left.Credential.Equals(right.Credential);
}
