using System.Text;

namespace HardwareChat.Mls.Tests.Scenarios;

/// <summary>One client of the model: its long-term key, its view of the group, and what it remembers for the checks.</summary>
internal sealed class ModelClient : IDisposable
{
    private readonly SignaturePrivateKey _signer;
    private KeyPackageBundle? _bundle;
    private MlsGroup? _entering;

    public ModelClient(CipherSuite suite, int number)
    {
        Suite = suite;
        Name = $"client {number}";
        _signer = suite.GenerateSignatureKey();
        Content = new LeafContent(new BasicCredential(Encoding.UTF8.GetBytes(Name)), new Capabilities([suite.Id]));
    }

    public CipherSuite Suite { get; }

    public string Name { get; }

    public IMlsSigner Signer => _signer;

    public LeafContent Content { get; }

    /// <summary>The client's view, or null before it joined.</summary>
    public MlsGroup? View { get; private set; }

    public MlsGroup Group => View ?? throw new InvalidOperationException($"{Name} is in no group");

    /// <summary>The epoch in which it joined.</summary>
    public Epoch Joined { get; private set; }

    public void Create(GroupId groupId, GroupPolicy policy, GroupOptions options)
        => Enter(MlsGroup.Create(Suite, groupId, Signer, Content, policy, options: options));

    public KeyPackage KeyPackage()
    {
        _bundle?.Dispose();
        _bundle = KeyPackageBundle.Create(Suite, Signer, Content, Lifetime.Unlimited);
        return Mls.KeyPackage.Decode(_bundle.KeyPackage.Encoded);
    }

    public void Join(ReadOnlySpan<byte> welcome, GroupPolicy policy, GroupOptions options)
    {
        using WelcomeOffer offer = WelcomeOffer.Open(MlsMessage.Decode(welcome).Welcome!, _bundle!, policy);
        Enter(offer.Accept(options));
        _bundle!.Dispose();
        _bundle = null;
    }

    /// <summary>Makes an external commit; <see cref="FinishExternalJoin"/> once the group has taken it.</summary>
    public byte[] JoinExternally(ReadOnlySpan<byte> groupInfo, GroupPolicy policy, GroupOptions options, LeafIndex? former)
    {
        GroupInfoOffer offer = GroupInfoOffer.Open(MlsMessage.Decode(groupInfo).GroupInfo!, policy);
        ExternalJoin join = offer.Join(Signer, Content, policy, new ExternalJoinOptions { Replaces = former, Group = options });
        _entering = join.Group;
        return join.Message.ToArray();
    }

    public void FinishExternalJoin()
    {
        Enter(_entering!);
        _entering = null;
    }

    /// <summary>Everything in memory is lost, and what was saved comes back.</summary>
    public void Restart()
    {
        byte[] saved = Group.Save();
        Group.Dispose();
        View = MlsGroup.Restore(saved);
        Assert.Equal(saved, View.Save());
    }

    public void Dispose()
    {
        View?.Dispose();
        _entering?.Dispose();
        _bundle?.Dispose();
        _signer.Dispose();
    }

    public override string ToString() => Name;

    private void Enter(MlsGroup group)
    {
        View?.Dispose();
        View = group;
        Joined = group.Epoch;
    }
}
