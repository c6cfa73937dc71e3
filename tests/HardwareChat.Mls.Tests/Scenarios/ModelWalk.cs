using System.Security.Cryptography;
using System.Text;

namespace HardwareChat.Mls.Tests.Scenarios;

// The model knows only who is in the group. At random it lets members commit, propose, talk, lose their memory and race each other, over a
// delivery that loses, repeats and reorders, and after each epoch it holds all members to the same secrets. What it decides depends on the
// seed alone; the keys do not.

/// <summary>A random walk over a group.</summary>
internal sealed class ModelWalk : IDisposable
{
    private const int MostMembers = 32;
    private static readonly byte[] PskId = Encoding.UTF8.GetBytes("model psk");

    private readonly CipherSuite _suite;
    private readonly Random _random;
    private readonly Dictionary<string, byte[]> _psks = [];
    private readonly GroupPolicy _policy;
    private readonly GroupOptions _options;
    private readonly List<ModelClient> _members = [];
    private readonly List<ModelClient> _removed = [];

    // Application messages on their way: to whom, by whom, of which epoch.
    private readonly List<Parcel> _mail = [];
    private readonly List<byte[]> _oldHandshakes = [];
    private int _made;
    private int _said;

    public ModelWalk(CipherSuite suite, int seed)
    {
        _suite = suite;
        _random = new Random(seed);
        _policy = AcceptEverybody.Policy with
        {
            FindPsk = id => _psks.TryGetValue(Convert.ToHexString(id.ExternalId), out byte[]? psk) ? Secret.CopyOf(psk) : null,
        };
        _options = new GroupOptions
        {
            PastEpochs = _random.Next(1, 6),
            EncryptHandshakes = _random.Next(2) == 0,
            Padding = _random.Next(2) == 0 ? Padding.None : Padding.ToMultipleOf(64),
        };
        _psks[Convert.ToHexString(PskId)] = RandomNumberGenerator.GetBytes(32);
        ModelClient creator = NewClient();
        creator.Create(GroupId.Random(), _policy, _options);
        _members.Add(creator);
    }

    /// <summary>What has been done, newest last.</summary>
    public List<string> History { get; } = [];

    public int Epochs { get; private set; }

    public void Step()
    {
        switch (_random.Next(14))
        {
            case 0 or 1 or 2 when _members.Count < MostMembers:
                Add();
                break;
            case 3 when _members.Count < MostMembers:
                AddByReference();
                break;
            case 4 when _members.Count > 2:
                Remove();
                break;
            case 5 when _members.Count > 2:
                LeaveBySelfRemoval();
                break;
            case 6 when _members.Count > 1:
                UpdateByReference();
                break;
            case 7 when _members.Count < MostMembers:
                JoinExternally();
                break;
            case 8 when _members.Count > 1:
                Resync();
                break;
            case 9 when _members.Count > 1:
                Race();
                break;
            case 10:
                UsePsk();
                break;
            case 11:
                Restart();
                break;
            case 12:
                Update();
                break;
            default:
                Talk();
                break;
        }

        DeliverMail();
    }

    public void Dispose()
    {
        foreach (ModelClient client in _members.Concat(_removed))
            client.Dispose();
    }

    private void Add()
    {
        ModelClient committer = Pick();
        ModelClient[] joiners = [.. Enumerable.Range(0, _random.Next(1, Math.Min(4, MostMembers - _members.Count + 1))).Select(_ => NewClient())];
        Note($"{committer} adds {string.Join(", ", joiners.AsEnumerable())}");
        CommitAndDeliver(committer, new CommitOptions
        {
            Proposals = [.. joiners.Select(joiner => new AddProposal(joiner.KeyPackage()))],
            OmitPath = _random.Next(2) == 0,
        }, joiners);
    }

    private void AddByReference()
    {
        ModelClient proposer = Pick();
        ModelClient committer = Pick();
        ModelClient joiner = NewClient();
        Note($"{proposer} proposes {joiner}, {committer} commits");
        Propose(proposer, proposer.Group.Propose(proposer.Signer, new AddProposal(joiner.KeyPackage())));
        CommitAndDeliver(committer, new CommitOptions(), [joiner]);
    }

    private void Remove()
    {
        ModelClient committer = Pick();
        ModelClient gone = PickOther(committer);
        Note($"{committer} removes {gone}");
        CommitAndDeliver(committer, new CommitOptions { Proposals = [new RemoveProposal(gone.Group.OwnIndex)] }, [], gone);
    }

    private void LeaveBySelfRemoval()
    {
        ModelClient gone = Pick();
        ModelClient committer = PickOther(gone);
        Note($"{gone} leaves, {committer} commits");
        Propose(gone, gone.Group.ProposeSelfRemoval(gone.Signer));
        CommitAndDeliver(committer, new CommitOptions(), [], gone);
    }

    private void UpdateByReference()
    {
        ModelClient proposer = Pick();
        ModelClient committer = PickOther(proposer);
        Note($"{proposer} proposes its update, {committer} commits");
        Propose(proposer, proposer.Group.ProposeUpdate(proposer.Signer));
        CommitAndDeliver(committer, new CommitOptions(), []);
    }

    private void Update()
    {
        ModelClient committer = Pick();
        Note($"{committer} updates");
        CommitAndDeliver(committer, new CommitOptions(), []);
    }

    private void UsePsk()
    {
        ModelClient committer = Pick();
        Note($"{committer} brings in the PSK");
        CommitAndDeliver(
            committer, new CommitOptions { Proposals = [new PreSharedKeyProposal(PreSharedKeyId.External(_suite, PskId))], OmitPath = _random.Next(2) == 0 }, []);
    }

    private void JoinExternally()
    {
        ModelClient informant = Pick();
        ModelClient joiner = NewClient();
        Note($"{joiner} joins by external commit, informed by {informant}");
        ExternalCommit(joiner, informant, _members);
        _members.Add(joiner);
        CheckAgreement();
    }

    private void Resync()
    {
        ModelClient lost = Pick();
        ModelClient informant = PickOther(lost);
        Note($"{lost} has lost its state and comes back, informed by {informant}");
        _mail.RemoveAll(parcel => parcel.To == lost);
        ExternalCommit(lost, informant, _members.Where(member => member != lost), former: lost.Group.OwnIndex);
        CheckAgreement();
    }

    // Two members commit in the same epoch; the delivery lets one of them win, and nobody takes the other's.
    private void Race()
    {
        ModelClient winner = Pick();
        ModelClient loser = PickOther(winner);
        Note($"{winner} wins a race against {loser}");
        CommitBundle won = winner.Group.Commit(winner.Signer, _policy);
        CommitBundle lost = loser.Group.Commit(loser.Signer, _policy);
        if (_random.Next(2) == 0)
            loser.Restart();
        loser.Group.DiscardPending();
        Deliver(won.Message.ToArray(), _members.Where(member => member != winner));
        winner.Group.MergePending();
        foreach (ModelClient member in _members)
            AssertRefused(member, lost.Message.ToArray());
        CheckAgreement();
    }

    private void Restart()
    {
        ModelClient member = Pick();
        Note($"{member} restarts");
        member.Restart();
    }

    private void Talk()
    {
        int count = _random.Next(1, 6);
        Note($"{count} messages");
        for (int i = 0; i < count; i++)
        {
            ModelClient speaker = Pick();
            byte[] text = Encoding.UTF8.GetBytes($"message {++_said} of {speaker}");
            byte[] message = speaker.Group.Encrypt(speaker.Signer, text, Encoding.UTF8.GetBytes($"data {_said}"));
            Epoch epoch = speaker.Group.Epoch;
            foreach (ModelClient listener in _members.Concat(_removed).Where(listener => listener != speaker))
                _mail.Add(new Parcel(listener, epoch, message, text, speaker));
        }
    }

    // Mail is delivered in any order, some of it epochs later, some never, some twice.
    private void DeliverMail()
    {
        for (int i = _mail.Count - 1; i > 0; i--)
        {
            int j = _random.Next(i + 1);
            (_mail[i], _mail[j]) = (_mail[j], _mail[i]);
        }

        foreach (Parcel parcel in _mail.ToArray())
        {
            int fate = _random.Next(10);
            if (fate < 3)
                continue;
            _mail.Remove(parcel);
            if (fate == 3)
                continue;
            Deliver(parcel);
            if (fate == 4)
                AssertRefused(parcel.To, parcel.Message);
        }
    }

    private void Deliver(Parcel parcel)
    {
        MlsGroup group = parcel.To.Group;
        bool isMember = _members.Contains(parcel.To);
        ulong age = isMember ? group.Epoch.Value - parcel.Epoch.Value : 0;
        if (!isMember || parcel.Epoch < parcel.To.Joined || age > (ulong)_options.PastEpochs)
        {
            // A removed member can open nothing later, a joiner nothing earlier, and nobody what has left the window.
            AssertRefused(parcel.To, parcel.Message);
            return;
        }

        var message = Assert.IsType<ApplicationMessage>(group.Receive(parcel.Message));
        Assert.Equal(parcel.Text, message.Data.ToArray());
        Assert.Equal(parcel.From.Content.Credential, message.SenderLeaf.Credential);
    }

    private void Propose(ModelClient proposer, byte[] message)
    {
        foreach (ModelClient member in _members.Where(member => member != proposer))
            member.Group.Keep(Assert.IsType<ProposalMessage>(member.Group.Receive(message)));
        _oldHandshakes.Add(message);
    }

    private void CommitAndDeliver(ModelClient committer, CommitOptions commit, ModelClient[] joiners, ModelClient? gone = null)
    {
        CommitBundle bundle = committer.Group.Commit(committer.Signer, _policy, commit);
        if (_random.Next(6) == 0)
            committer.Restart();
        Deliver(bundle.Message.ToArray(), _members.Where(member => member != committer), gone);
        committer.Group.MergePending();
        if (gone is not null)
        {
            Assert.Equal(GroupStatus.Evicted, gone.Group.Status);
            _members.Remove(gone);
            _removed.Add(gone);
        }

        foreach (ModelClient joiner in joiners)
        {
            joiner.Join(bundle.Welcome!.Value.Span, _policy, _options);
            _members.Add(joiner);
        }

        CheckAgreement();
    }

    private void ExternalCommit(ModelClient joiner, ModelClient informant, IEnumerable<ModelClient> others, LeafIndex? former = null)
    {
        byte[] groupInfo = informant.Group.CreateGroupInfo(informant.Signer, new GroupInfoOptions());
        byte[] commit = joiner.JoinExternally(groupInfo, _policy, _options, former);
        Deliver(commit, others);
        joiner.FinishExternalJoin();
    }

    private void Deliver(byte[] commit, IEnumerable<ModelClient> recipients, ModelClient? gone = null)
    {
        foreach (ModelClient member in recipients.ToArray())
        {
            if (_random.Next(8) == 0)
                AssertRefused(member, Damaged(commit));
            if (_oldHandshakes.Count > 0 && _random.Next(8) == 0)
                AssertRefused(member, _oldHandshakes[_random.Next(_oldHandshakes.Count)], unlessCurrent: true);
            if (_random.Next(10) == 0)
                member.Restart();

            StagedCommit staged = member.Group.Stage(Assert.IsType<CommitMessage>(member.Group.Receive(commit)), _policy);
            if (_random.Next(10) == 0)
            {
                // The application refuses at first, and nothing has moved.
                staged.Dispose();
                staged = member.Group.Stage(Assert.IsType<CommitMessage>(member.Group.Receive(commit)), _policy);
            }

            Assert.Equal(member == gone, staged.RemovesSelf);
            member.Group.Merge(staged);
            if (member != gone)
                AssertRefused(member, commit);
        }

        _oldHandshakes.Add(commit);
    }

    private byte[] Damaged(byte[] message)
    {
        byte[] damaged = (byte[])message.Clone();
        damaged[_random.Next(4, damaged.Length)] ^= (byte)(1 << _random.Next(8));
        return damaged;
    }

    // A message is refused by one of the two exceptions, and the group is byte for byte as it was.
    private static void AssertRefused(ModelClient client, byte[] message, bool unlessCurrent = false)
    {
        if (client.Group.Status == GroupStatus.Evicted)
        {
            Assert.Throws<ValidationException>(() => client.Group.Receive(message));
            return;
        }

        byte[] before = client.Group.Save();
        bool refused = false;
        try
        {
            if (client.Group.Receive(message) is CommitMessage commit)
                client.Group.Stage(commit, AcceptEverybody.Policy).Dispose();
            else if (unlessCurrent)
                return;
        }
        catch (Exception exception) when (exception is ValidationException or Wire.DecodeException)
        {
            refused = true;
        }

        Assert.True(refused, $"{client} takes what it should refuse");
        Assert.Equal(before, client.Group.Save());
    }

    private void CheckAgreement()
    {
        Epochs++;
        MlsGroup first = _members[0].Group;
        using Secret exported = first.Export("model"u8, "context"u8, 32);
        foreach (ModelClient member in _members)
        {
            Assert.Equal(first.Epoch, member.Group.Epoch);
            Assert.Equal(first.Context.TreeHash.ToArray(), member.Group.Context.TreeHash.ToArray());
            Assert.Equal(first.EpochAuthenticator.ToArray(), member.Group.EpochAuthenticator.ToArray());
            using Secret theirs = member.Group.Export("model"u8, "context"u8, 32);
            Assert.True(exported.Equals(theirs), $"{member} exports another secret");
            Assert.Equal(_members.Count, member.Group.Tree.MemberCount);
            Assert.Equal(member.Content.Credential, member.Group.OwnLeaf.Credential);
        }
    }

    private ModelClient NewClient() => new(_suite, ++_made);

    private ModelClient Pick() => _members[_random.Next(_members.Count)];

    private ModelClient PickOther(ModelClient than)
    {
        while (true)
        {
            ModelClient picked = Pick();
            if (picked != than)
                return picked;
        }
    }

    private void Note(string what) => History.Add($"{_members[0].Group.Epoch}, {_members.Count} members: {what}");

    private sealed record Parcel(ModelClient To, Epoch Epoch, byte[] Message, byte[] Text, ModelClient From);
}
