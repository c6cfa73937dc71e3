using System.Security.Cryptography;
using HardwareChat.Mls.Interop.Tests.Peers;

namespace HardwareChat.Mls.Interop.Tests.Scenarios;

/// <summary>One group over several implementations. Each step delivers to every member and then checks that all agree on the epoch.</summary>
internal sealed class Conversation
{
    private readonly List<Party> _members = [];
    private int _said;

    public Conversation(Party creator)
    {
        creator.Create(RandomNumberGenerator.GetBytes(32));
        _members.Add(creator);
    }

    public IReadOnlyList<Party> Members => _members;

    public void Add(Party by, params Party[] joiners)
    {
        Handshake handshake = by.Add([.. joiners.Select(joiner => joiner.KeyPackage())]);
        Deliver(by, handshake);
        Welcome(handshake, joiners);
    }

    /// <summary>Adds a member who may be stopped by a fault of its own; it is removed again then, and the answer is false.</summary>
    public bool TryAdd(Party by, Party joiner)
    {
        try
        {
            Add(by, joiner);
            return true;
        }
        catch (PeerException exception) when (exception.IsUnmergedLeavesFault)
        {
            Deliver(by, by.Remove(joiner));
            AssertAgreement();
            return false;
        }
    }

    public bool TryJoinExternally(Party joiner, Party informant)
    {
        try
        {
            JoinExternally(joiner, informant);
            return true;
        }
        catch (PeerException exception) when (exception.IsUnmergedLeavesFault)
        {
            return false;
        }
    }

    /// <summary>An Add that one member proposes and another commits by reference.</summary>
    public void AddByReference(Party proposer, Party committer, Party joiner)
    {
        Propose(proposer, proposer.ProposeAdd(joiner.KeyPackage()));
        Handshake handshake = committer.CommitPending();
        Deliver(committer, handshake);
        Welcome(handshake, joiner);
    }

    public void Remove(Party by, Party removed)
    {
        Deliver(by, by.Remove(removed), removed);
        AssertAgreement();
    }

    public void RemoveByReference(Party proposer, Party committer, Party removed)
    {
        Propose(proposer, proposer.ProposeRemove(removed));
        Deliver(committer, committer.CommitPending(), removed);
        AssertAgreement();
    }

    public void Update(Party by)
    {
        Deliver(by, by.Update());
        AssertAgreement();
    }

    /// <summary>An Update proposal of one member that another commits.</summary>
    public void UpdateByReference(Party proposer, Party committer)
    {
        Propose(proposer, proposer.ProposeUpdate());
        Deliver(committer, committer.CommitPending());
        AssertAgreement();
    }

    public void UsePsk(Party by, byte[] id)
    {
        Deliver(by, by.UsePsk(id));
        AssertAgreement();
    }

    public void JoinExternally(Party joiner, Party informant)
    {
        Handshake handshake = joiner.JoinExternally(informant.GroupInfo());
        foreach (Party member in _members)
            Assert.Equal(Received.Commit, member.Receive(handshake.Commit));
        joiner.Merge();
        _members.Add(joiner);
        AssertAgreement();
    }

    /// <summary>A member that lost its state comes back with the same identity and signature key.</summary>
    public void Resync(Party member, Party informant)
    {
        Handshake handshake = member.JoinExternally(informant.GroupInfo(), resync: true);
        foreach (Party other in _members.Where(other => other != member))
            Assert.Equal(Received.Commit, other.Receive(handshake.Commit));
        member.Merge();
        AssertAgreement();
    }

    /// <summary>Everybody says something, which everybody else reads.</summary>
    public void Talk()
    {
        foreach (Party speaker in _members)
            Say(speaker);
    }

    public void Say(Party speaker, byte[]? authenticatedData = null)
    {
        byte[] text = RandomNumberGenerator.GetBytes((++_said * 97) % 1500);
        byte[] message = speaker.Send(text, authenticatedData);
        foreach (Party listener in _members.Where(listener => listener != speaker))
        {
            Assert.Equal(Received.Application, listener.Receive(message));
            Assert.Equal(text, listener.Heard);
        }
    }

    private void Propose(Party proposer, byte[] proposal)
    {
        foreach (Party member in _members.Where(member => member != proposer))
            Assert.Equal(Received.Proposal, member.Receive(proposal));
    }

    private void Deliver(Party by, Handshake handshake, Party? removed = null)
    {
        foreach (Party member in _members.Where(member => member != by))
            Assert.Equal(member == removed ? Received.Removed : Received.Commit, member.Receive(handshake.Commit));
        by.Merge();
        if (removed is not null)
            _members.Remove(removed);
    }

    private void Welcome(Handshake handshake, params Party[] joiners)
    {
        Assert.NotNull(handshake.Welcome);
        foreach (Party joiner in joiners)
        {
            joiner.Join(handshake.Welcome);
            _members.Add(joiner);
        }

        AssertAgreement();
    }

    private void AssertAgreement()
    {
        Agreement first = _members[0].State();
        Assert.All(_members, member => Assert.Equal(first, member.State()));
    }
}
