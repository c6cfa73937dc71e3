using System.Text;
using HardwareChat.Mls;

namespace HardwareChat.Bench.Mls;

/// <summary>A client of the bench: a signature key and a key package.</summary>
internal sealed class BenchMember : IDisposable
{
    private static readonly ICredentialCheck Everybody = new AcceptEverybody();
    private static int _made;

    public BenchMember(CipherSuite suite)
    {
        Signer = suite.GenerateSignatureKey();
        Content = new LeafContent(
            new BasicCredential(Encoding.UTF8.GetBytes($"member {Interlocked.Increment(ref _made)}")), new Capabilities([suite.Id]));
        Bundle = KeyPackageBundle.Create(suite, Signer, Content, Lifetime.Unlimited);
    }

    public static GroupPolicy Policy { get; } = new(Everybody);

    public SignaturePrivateKey Signer { get; }

    public LeafContent Content { get; }

    public KeyPackageBundle Bundle { get; }

    /// <summary>The key package as it travels.</summary>
    public byte[] Published => new MlsMessage(Bundle.KeyPackage).Encode();

    public MlsGroup Join(ReadOnlySpan<byte> welcome)
    {
        using WelcomeOffer offer = WelcomeOffer.Open(MlsMessage.Decode(welcome).Welcome!, Bundle, Policy);
        return offer.Accept();
    }

    public static void Process(MlsGroup group, ReadOnlySpan<byte> commit)
        => group.Merge(group.Stage((CommitMessage)group.Receive(commit), Policy));

    public void Dispose()
    {
        Bundle.Dispose();
        Signer.Dispose();
    }

    private sealed class AcceptEverybody : ICredentialCheck
    {
        public bool Accepts(LeafEntry entry) => true;

        public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => true;

        public bool IsSameClient(LeafNode left, LeafNode right) => true;
    }
}
