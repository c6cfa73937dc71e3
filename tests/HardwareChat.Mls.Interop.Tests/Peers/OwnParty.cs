namespace HardwareChat.Mls.Interop.Tests.Peers;

/// <summary>A member that runs on our library.</summary>
internal sealed class OwnParty : Party, IDisposable
{
    private readonly CipherSuite _suite;
    private readonly SignaturePrivateKey _signer;
    private readonly LeafContent _content;
    private readonly GroupPolicy _policy;
    private readonly List<KeyPackageBundle> _bundles = [];
    private readonly Dictionary<string, byte[]> _psks = [];
    private MlsGroup? _group;
    private MlsGroup? _entering;

    public OwnParty(string name, CipherSuiteId suite, byte[] identity)
        : base(name, suite, identity)
    {
        Assert.True(CipherSuite.TryGet(suite, out CipherSuite? algorithms));
        _suite = algorithms;
        _signer = algorithms.GenerateSignatureKey();
        // core-crypto lets nobody in who could not meet an x509 member.
        var capabilities = new Capabilities([suite], credentials: [CredentialType.Basic, CredentialType.X509]);
        _content = new LeafContent(new BasicCredential(identity), capabilities);
        _policy = new GroupPolicy(new SameIdentity())
        {
            FindPsk = id => _psks.TryGetValue(Convert.ToHexString(id.ExternalId), out byte[]? psk) ? Secret.CopyOf(psk) : null,
        };
    }

    private MlsGroup Group => _group ?? throw new InvalidOperationException($"{Name} is in no group");

    public override byte[] KeyPackage()
    {
        KeyPackageBundle bundle = KeyPackageBundle.Create(_suite, _signer, _content, Lifetime.Unlimited);
        _bundles.Add(bundle);
        return new MlsMessage(bundle.KeyPackage).Encode();
    }

    public override void Create(byte[] groupId) => _group = MlsGroup.Create(_suite, new GroupId(groupId), _signer, _content, _policy);

    public override Handshake Add(params byte[][] keyPackages)
        => Commit(new CommitOptions { Proposals = [.. keyPackages.Select(AddOf)] });

    public override Handshake Remove(params Party[] members)
        => Commit(new CommitOptions { Proposals = [.. members.Select(member => new RemoveProposal(IndexOf(member)))] });

    public override Handshake Update() => Commit(new CommitOptions());

    public override Handshake CommitPending() => Commit(new CommitOptions());

    public override Handshake UsePsk(byte[] id)
        => Commit(new CommitOptions { Proposals = [new PreSharedKeyProposal(PreSharedKeyId.External(_suite, id))] });

    public override byte[] ProposeAdd(byte[] keyPackage) => Group.Propose(_signer, AddOf(keyPackage));

    public override byte[] ProposeRemove(Party member) => Group.Propose(_signer, new RemoveProposal(IndexOf(member)));

    public override byte[] ProposeUpdate() => Group.ProposeUpdate(_signer);

    public override void KnowPsk(byte[] id, byte[] psk) => _psks[Convert.ToHexString(id)] = psk;

    public override void Merge()
    {
        if (_entering is not null)
        {
            _group?.Dispose();
            _group = _entering;
            _entering = null;
            return;
        }

        Group.MergePending();
    }

    public override void Join(byte[] welcome)
    {
        Welcome decoded = MlsMessage.Decode(welcome).Welcome!;
        KeyPackageBundle bundle = _bundles.Single(candidate =>
            decoded.NewMembers.Any(reference => reference.Span.SequenceEqual(candidate.KeyPackage.ComputeReference(_suite))));
        using WelcomeOffer offer = WelcomeOffer.Open(decoded, bundle, _policy);
        _group = offer.Accept();
        _bundles.Remove(bundle);
        bundle.Dispose();
    }

    public override Handshake JoinExternally(byte[] groupInfo, bool resync = false)
    {
        GroupInfoOffer offer = GroupInfoOffer.Open(MlsMessage.Decode(groupInfo).GroupInfo!, _policy);
        LeafIndex? former = resync ? offer.Tree.Members.Single(member => member.Leaf.Credential.Equals(_content.Credential)).Index : null;
        ExternalJoin join = offer.Join(_signer, _content, _policy, new ExternalJoinOptions { Replaces = former });
        _entering = join.Group;
        return new Handshake(join.Message.ToArray(), null);
    }

    public override byte[] GroupInfo() => Group.CreateGroupInfo(_signer, new GroupInfoOptions());

    public override byte[] Send(byte[] plaintext, byte[]? authenticatedData = null) => Group.Encrypt(_signer, plaintext, authenticatedData);

    public override Received Receive(byte[] message)
    {
        switch (Group.Receive(message))
        {
            case ApplicationMessage application:
                Heard = application.Data.ToArray();
                return Received.Application;

            case ProposalMessage proposal:
                Group.Keep(proposal);
                return Received.Proposal;

            case CommitMessage commit:
                StagedCommit staged = Group.Stage(commit, _policy);
                bool removesSelf = staged.RemovesSelf;
                Group.Merge(staged);

                // What is restored must be what was saved, in every conversation.
                if (!removesSelf)
                    Restart();
                return removesSelf ? Received.Removed : Received.Commit;

            default:
                throw new InvalidOperationException("a message of no known kind");
        }
    }

    public override Agreement State()
    {
        using Secret exported = Group.Export("exporter"u8, [], 32);
        return new Agreement(Group.Epoch.Value, Convert.ToHexStringLower(exported.Span));
    }

    public void Dispose()
    {
        _group?.Dispose();
        _entering?.Dispose();
        foreach (KeyPackageBundle bundle in _bundles)
            bundle.Dispose();
        _signer.Dispose();
    }

    private void Restart()
    {
        byte[] saved = Group.Save();
        Group.Dispose();
        _group = MlsGroup.Restore(saved);
    }

    private Handshake Commit(CommitOptions options)
    {
        CommitBundle bundle = Group.Commit(_signer, _policy, options);
        return new Handshake(bundle.Message.ToArray(), bundle.Welcome?.ToArray());
    }

    private static AddProposal AddOf(byte[] keyPackage) => new(MlsMessage.Decode(keyPackage).KeyPackage!);

    private LeafIndex IndexOf(Party member)
        => Group.Tree.Members.Single(entry => entry.Leaf.Credential.Equals(new BasicCredential(member.Identity))).Index;

    /// <summary>A leaf may be replaced by one of the same credential only.</summary>
    private sealed class SameIdentity : ICredentialCheck
    {
        public bool Accepts(LeafEntry entry) => entry.Former is null || entry.Former.Credential.Equals(entry.Leaf.Credential);

        public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => false;

        public bool IsSameClient(LeafNode left, LeafNode right) => left.Credential.Equals(right.Credential);
    }
}
