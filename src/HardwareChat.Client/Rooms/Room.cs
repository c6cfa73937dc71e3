using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

// A room as one of its members sees it: an MLS group, the log that moves it, and the rules of both. Room.Take.cs: what it reads.
// Room.Commit.cs and Room.Encrypt.cs: what it sends, and the fence before that. Room.Evidence.cs: what it makes of commits that it cannot
// apply. Room.State.cs: how it is kept.
//
// Two things are kept apart. The verdict on an entry depends on the log up to it, its stamp, and the registry up to R. What the client
// believes (Belief) decides only what it sends.

/// <summary>How far in a room this client is.</summary>
public enum RoomStatus
{
    /// <summary>Its own entry is under way: it has sent, or is to send, an external commit.</summary>
    Knocking = 1,

    /// <summary>It is in, as far as it can tell, and silent until another member acts in its epoch or a later one.</summary>
    Entering,

    /// <summary>It reads and sends.</summary>
    Member,

    /// <summary>Its entry did not get through: it may knock again.</summary>
    NotEntered,

    /// <summary>It was removed, or has left; its secrets are erased.</summary>
    Evicted,

    /// <summary>Its state is a copy of one that is in use: it reads, and sends nothing.</summary>
    Copy,
}

/// <summary>A commit that this client could not apply and others could: the client has to enter anew.</summary>
/// <param name="Committer">Who committed; null for somebody who came in by it.</param>
/// <param name="Sequence">The commit's position.</param>
public sealed record Reentry(Member? Committer, ulong Sequence);

/// <summary>One room, as one leaf of it. Not safe for two threads at once. Disposing erases its secrets.</summary>
/// <remarks>
/// All or nothing: whatever throws leaves the room as it was. What changes it: <see cref="Take"/>, and everything that makes an
/// <see cref="Outgoing"/>. Save it afterwards, and before the frame leaves the process.
/// </remarks>
public sealed partial class Room : IDisposable
{
    private readonly MlsGroup _group;
    private readonly TouchVerifier _verifier;
    private readonly CommitJudge _judge;
    private readonly RoomLog _log;
    private readonly Dictionary<LeafIndex, Member> _members = [];
    private readonly Dictionary<Digest, OwnMessage> _sent = [];
    private readonly PhraseKeys _phrase;
    private ulong _entered;
    private bool _isLeaving;
    private Digest? _pending;
    private bool _hasSpentHandshake;

    private Room(RoomId id, MlsGroup ownedGroup, RoomTerms terms, RoomLog log, PhraseKeys ownedPhrase, TouchVerifier verifier)
    {
        Id = id;
        _group = ownedGroup;
        Terms = terms;
        _log = log;
        _phrase = ownedPhrase;
        _verifier = verifier;
        _judge = new CommitJudge(verifier);
    }

    /// <summary>The room's name.</summary>
    public RoomId Id { get; }

    /// <summary>How far in it this client is.</summary>
    public RoomStatus Status { get; private set; }

    /// <summary>Its policy and removals.</summary>
    public RoomTerms Terms { get; private set; }

    /// <summary>The log's end as this client has read it: the next entry wanted is at <see cref="RoomChain.Size"/>.</summary>
    public RoomChain Chain => _log.Chain;

    /// <summary>The members, by leaf.</summary>
    public IReadOnlyCollection<Member> Members => _members.Values;

    /// <summary>This client's own leaf; null once it is out.</summary>
    public Member? Own => Status == RoomStatus.Evicted ? null : _members.GetValueOrDefault(_group.OwnIndex);

    /// <summary>The group's epoch.</summary>
    public ulong Epoch => _group.Epoch.Value;

    /// <summary>Whether a commit of this client's own is under way.</summary>
    public bool HasPendingCommit => Status != RoomStatus.Evicted && _group.PendingCommit is not null;

    /// <summary>Whether this client has said that it leaves.</summary>
    public bool IsLeaving => _isLeaving;

    /// <summary>Whether this client wants to leave, and has to say so again in this epoch: <see cref="Leave"/>.</summary>
    public bool MustLeaveAgain => _isLeaving && Status != RoomStatus.Evicted && !OwnLeavingIsKept;

    /// <summary>
    /// Whether the last handshake of the log was not valid. The GroupInfo that came with it is the newest that the relay has, and of an epoch
    /// that there is not: until a member commits (<see cref="Update"/>), nobody can enter.
    /// </summary>
    public bool NeedsUpdate => Status == RoomStatus.Member && _hasSpentHandshake;

    /// <summary>Members that have said that they leave: the next commit removes them.</summary>
    public IReadOnlyList<Member> Leaving => Status == RoomStatus.Evicted
        ? []
        : [.. _group.KeptProposals.Select(static kept => kept.Proposal).OfType<RemoveProposal>()
            .Where(remove => _members.ContainsKey(remove.Removed)).Select(remove => _members[remove.Removed])];

    /// <summary>The key of the door's phrase, for whoever was added and has to be told; null if the door has none or this client does not know it. The caller disposes of it.</summary>
    public Secret? PhraseKey => Terms.Policy.Door is Door.Phrase phrase ? _phrase.Of(phrase.Parameters.Version)?.Copy() : null;

    /// <summary>epoch_authenticator (RFC 9420 §8.7): the same for all who agree on the room.</summary>
    public ReadOnlySpan<byte> EpochAuthenticator => _group.EpochAuthenticator;

    /// <summary>confirmed_transcript_hash: the same for all who agree on the room's commits.</summary>
    public ReadOnlySpan<byte> TranscriptHash => _group.Context.ConfirmedTranscriptHash;

    /// <summary>What a leaf may do at the log's end.</summary>
    public LeafState StateOf(Member member, RegistryState registry)
    {
        ArgumentNullException.ThrowIfNull(member);
        return LeafStates.At(member.Grant.Touch, Chain.Stamp, registry, Rules);
    }

    /// <summary>Whether this client knows the key of any version of the phrase.</summary>
    public bool KnowsPhrase => !_phrase.IsEmpty;

    /// <summary>Learns the key of a version of the phrase: from a member's message, or from the phrase itself.</summary>
    public void LearnPhrase(uint version, ReadOnlySpan<byte> psk) => _phrase.Keep(version, psk);

    /// <inheritdoc/>
    public void Dispose()
    {
        _group.Dispose();
        _phrase.Dispose();
    }

    private RoomRules Rules => Terms.RulesOf(Id);

    private RoomView View => new(Id, Terms, _group.Context.Extensions, _members, _group.Suite);

    private bool OwnLeavingIsKept => _group.KeptProposals.Any(kept => kept.Sender.IsMember && kept.Sender.Leaf == _group.OwnIndex);

    private GroupPolicy Policy => new(GrantCredentials.Instance) { FindPsk = id => _phrase.Find(id, Id) };
}
