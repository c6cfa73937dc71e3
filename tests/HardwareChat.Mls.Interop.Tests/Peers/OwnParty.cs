namespace HardwareChat.Mls.Interop.Tests.Peers;

/// <summary>A member that runs on our library.</summary>
internal sealed class OwnParty : Party, IDisposable
{
    private readonly CipherSuite suite;
    private readonly SignaturePrivateKey signer;
    private readonly LeafContent content;
    private readonly GroupPolicy policy;
    private readonly List<KeyPackageBundle> bundles = [];
    private readonly Dictionary<string, byte[]> psks = [];
    private MlsGroup? group;
    private MlsGroup? entering;

    public OwnParty(string name, CipherSuiteId suite, byte[] identity)
        : base(name, suite, identity)
    {
        Assert.True(CipherSuite.TryGet(suite, out CipherSuite? algorithms));
        this.suite = algorithms;
        signer = algorithms.GenerateSignatureKey();
        // core-crypto lets nobody in who could not meet an x509 member.
        var capabilities = new Capabilities([suite], credentials: [CredentialType.Basic, CredentialType.X509]);
        content = new LeafContent(new BasicCredential(identity), capabilities);
        policy = new GroupPolicy(new SameIdentity())
        {
            FindPsk = id => psks.TryGetValue(Convert.ToHexString(id.ExternalId), out byte[]? psk) ? Secret.CopyOf(psk) : null,
        };
    }

    private MlsGroup Group => group ?? throw new InvalidOperationException($"{Name} is in no group");

    public override byte[] KeyPackage()
    {
        KeyPackageBundle bundle = KeyPackageBundle.Create(suite, signer, content, Lifetime.Unlimited);
        bundles.Add(bundle);
        return new MlsMessage(bundle.KeyPackage).Encode();
    }

    public override void Create(byte[] groupId) => group = MlsGroup.Create(suite, new GroupId(groupId), signer, content, policy);

    public override Handshake Add(params byte[][] keyPackages)
        => Commit(new CommitOptions { Proposals = [.. keyPackages.Select(AddOf)] });

    public override Handshake Remove(params Party[] members)
        => Commit(new CommitOptions { Proposals = [.. members.Select(member => new RemoveProposal(IndexOf(member)))] });

    public override Handshake Update() => Commit(new CommitOptions());

    public override Handshake CommitPending() => Commit(new CommitOptions());

    public override Handshake UsePsk(byte[] id)
        => Commit(new CommitOptions { Proposals = [new PreSharedKeyProposal(PreSharedKeyId.External(suite, id))] });

    public override byte[] ProposeAdd(byte[] keyPackage) => Group.Propose(signer, AddOf(keyPackage));

    public override byte[] ProposeRemove(Party member) => Group.Propose(signer, new RemoveProposal(IndexOf(member)));

    public override byte[] ProposeUpdate() => Group.ProposeUpdate(signer);

    public override void KnowPsk(byte[] id, byte[] psk) => psks[Convert.ToHexString(id)] = psk;

    public override void Merge()
    {
        if (entering is not null)
        {
            group?.Dispose();
            group = entering;
            entering = null;
            return;
        }

        Group.MergePending();
    }

    public override void Join(byte[] welcome)
    {
        Welcome decoded = MlsMessage.Decode(welcome).Welcome!;
        KeyPackageBundle bundle = bundles.Single(candidate =>
            decoded.NewMembers.Any(reference => reference.Span.SequenceEqual(candidate.KeyPackage.ComputeReference(suite))));
        using WelcomeOffer offer = WelcomeOffer.Open(decoded, bundle, policy);
        group = offer.Accept();
        bundles.Remove(bundle);
        bundle.Dispose();
    }

    public override Handshake JoinExternally(byte[] groupInfo, bool resync = false)
    {
        GroupInfoOffer offer = GroupInfoOffer.Open(MlsMessage.Decode(groupInfo).GroupInfo!, policy);
        LeafIndex? former = resync ? offer.Tree.Members.Single(member => member.Leaf.Credential.Equals(content.Credential)).Index : null;
        ExternalJoin join = offer.Join(signer, content, policy, new ExternalJoinOptions { Replaces = former });
        entering = join.Group;
        return new Handshake(join.Message.ToArray(), null);
    }

    public override byte[] GroupInfo() => Group.CreateGroupInfo(signer, new GroupInfoOptions());

    public override byte[] Send(byte[] plaintext, byte[]? authenticatedData = null) => Group.Encrypt(signer, plaintext, authenticatedData);

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
                StagedCommit staged = Group.Stage(commit, policy);
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
        group?.Dispose();
        entering?.Dispose();
        foreach (KeyPackageBundle bundle in bundles)
            bundle.Dispose();
        signer.Dispose();
    }

    private void Restart()
    {
        byte[] saved = Group.Save();
        Group.Dispose();
        group = MlsGroup.Restore(saved);
    }

    private Handshake Commit(CommitOptions options)
    {
        CommitBundle bundle = Group.Commit(signer, policy, options);
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
