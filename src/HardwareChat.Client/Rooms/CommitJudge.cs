using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// A commit that is right by MLS is judged here by the rules of touches and rooms, as one function of the room before it, its stamp, and the
// registry up to R. One's own commit that comes back is judged by the same function: nobody's verdict has a way of its own.

/// <summary>The verdict on a commit.</summary>
/// <param name="Fault">The rule that it breaks; null if it is valid.</param>
/// <param name="Change">What it does; null unless it is valid.</param>
internal readonly record struct CommitVerdict(EntryFault? Fault, RoomChange? Change);

/// <summary>A room before a commit.</summary>
/// <param name="Room">The room.</param>
/// <param name="Terms">Its terms.</param>
/// <param name="Extensions">The extensions of its context.</param>
/// <param name="Members">Its members.</param>
/// <param name="Suite">Its suite.</param>
internal sealed record RoomView(
    RoomId Room, RoomTerms Terms, ExtensionList Extensions, IReadOnlyDictionary<LeafIndex, Member> Members, CipherSuite Suite)
{
    public RoomRules Rules => Terms.RulesOf(Room);
}

/// <summary>The rules of touches and rooms, for commits that are right by MLS.</summary>
internal sealed class CommitJudge(TouchVerifier verifier)
{
    private readonly LeafChecks _checks = new(verifier);

    /// <summary>Judges a commit at its stamp.</summary>
    /// <exception cref="DecodeException">An identity or extension inside it is malformed: it is not valid.</exception>
    public CommitVerdict Judge(StagedCommit staged, RoomView before, Stamp stamp, RegistryState registry)
    {
        var count = new LeafCounts(before.Members.Values, RemovedBy(staged));
        EntryFault? fault = staged.Sender.IsMember
            ? JudgeMember(staged, before, stamp, registry, out Committer committer, out Member? after)
            : JudgeJoiner(staged, before, count, stamp, registry, out committer, out after);
        if (fault is not null)
            return new CommitVerdict(fault, null);

        var changes = new List<ProposedChange>();
        var added = new List<Member>();
        RoomTerms terms = before.Terms;
        foreach (CommittedProposal committed in staged.Proposals)
        {
            switch (committed.Proposal)
            {
                case AddProposal add:
                    if (JudgeAdd(add.KeyPackage, before, count, stamp, registry, out SignedGrant grant) is { } rule)
                        return new CommitVerdict(EntryFault.Of(rule), null);
                    LeafIndex index = staged.LeafChanges.First(change => change.Next is { } next && next.Equals(add.KeyPackage.LeafNode)).Index;
                    var member = Member.Of(index, add.KeyPackage.LeafNode, grant, registry);
                    count.Add(member);
                    added.Add(member);
                    changes.Add(ByReference(committed, before, new ProposedChange.Add(member.Handle)));
                    break;
                case RemoveProposal remove:
                    Member gone = before.Members[remove.Removed];
                    LeafState state = LeafStates.At(gone.Grant.Touch, stamp, registry, before.Rules);
                    bool isSender = committed.Sender.IsMember && committed.Sender.Leaf == remove.Removed;
                    changes.Add(ByReference(committed, before, new ProposedChange.Remove(new RemovedLeaf(gone.Handle, gone.Token, state, gone.Grant.Touch.IssuedAt), isSender)));
                    break;
                case GroupContextExtensionsProposal context:
                    terms = RoomTerms.Read(context.Extensions);
                    bool elsewhere = RoomTerms.DiffersElsewhere(before.Extensions, context.Extensions);
                    changes.Add(ByReference(committed, before, new ProposedChange.Context(terms.Policy, terms.Removals, elsewhere)));
                    break;
                case PreSharedKeyProposal { Psk: var psk }:
                    changes.Add(ByReference(committed, before, new ProposedChange.PreSharedKey(psk.Type == PskType.External ? psk.ExternalId.ToArray() : null)));
                    break;
                case ExternalInitProposal:
                    changes.Add(ByReference(committed, before, new ProposedChange.ExternalInit()));
                    break;
                default:
                    changes.Add(ByReference(committed, before, new ProposedChange.Other()));
                    break;
            }
        }

        var room = new RoomBefore(before.Room, before.Terms.Policy, before.Terms.Removals, before.Members.Count);
        if (CommitTable.Check(committer, changes, room, stamp, registry, verifier) is { } broken)
            return new CommitVerdict(EntryFault.Of(broken), null);
        bool termsChanged = !ReferenceEquals(terms, before.Terms);
        Member[] removed = [.. RemovedBy(staged).Select(leaf => before.Members[leaf])];
        return new CommitVerdict(null, new RoomChange(after!, !staged.Sender.IsMember, added, removed, committer.Renews, termsChanged, terms));
    }

    /// <summary>The rule that a key package breaks whose owner is to be added; null if none.</summary>
    public TouchRule? JudgeAdd(KeyPackage keyPackage, RoomView before, LeafCounts count, Stamp stamp, RegistryState registry, out SignedGrant grant)
    {
        grant = Grants.Of(keyPackage.LeafNode);
        LeafFacts facts = Grants.FactsOf(keyPackage.LeafNode, grant, before.Suite, keyPackage);
        return _checks.Entry(facts, EntryWay.Add, stamp, registry, before.Rules, count.Of(grant, registry));
    }

    /// <summary>The rule that a leaf breaks which enters a room by its own external commit; null if none.</summary>
    public TouchRule? JudgeEntry(LeafNode leaf, CipherSuite suite, Stamp stamp, RegistryState registry, RoomRules rules, LeafCount count, IReadOnlyList<SignedGrant> removed)
        => _checks.Entry(Grants.FactsOf(leaf, Grants.Of(leaf), suite), EntryWay.External, stamp, registry, rules, count, null, removed);

    /// <summary>The rule that a leaf breaks as it stands in a tree; null if none.</summary>
    public TouchRule? JudgeStanding(LeafNode leaf, SignedGrant grant, CipherSuite suite, RegistryState registry)
        => _checks.Standing(Grants.FactsOf(leaf, grant, suite), registry.Size, registry);

    private EntryFault? JudgeMember(
        StagedCommit staged, RoomView before, Stamp stamp, RegistryState registry, out Committer committer, out Member? after)
    {
        Member member = before.Members[staged.Committer];
        LeafState state = LeafStates.At(member.Grant.Touch, stamp, registry, before.Rules);
        committer = new Committer(member.Handle, member.Token, state, false);
        after = member with { IsInvited = false };

        // A commit without path leaves its committer's leaf as it was.
        if (staged.LeafChanges.FirstOrDefault(change => change.Index == staged.Committer) is not { Next: { } leaf } change)
            return null;
        SignedGrant grant = Grants.Of(leaf);
        LeafFacts facts = Grants.FactsOf(leaf, grant, before.Suite);
        if (change.Former!.Credential.Equals(leaf.Credential))
            return _checks.Standing(facts, stamp.RegistrySize, registry, member.Grant) is { } standing ? EntryFault.Of(standing) : null;
        if (_checks.Entry(facts, EntryWay.Renewal, stamp, registry, before.Rules, default, member.Grant) is { } rule)
            return EntryFault.Of(rule);
        committer = committer with { Renews = true };
        after = after with { Grant = grant };
        return null;
    }

    private EntryFault? JudgeJoiner(
        StagedCommit staged, RoomView before, LeafCounts count, Stamp stamp, RegistryState registry, out Committer committer, out Member? after)
    {
        committer = default;
        after = null;
        LeafNode leaf = staged.LeafChanges.First(change => change.Index == staged.Committer).Next!;
        SignedGrant grant = Grants.Of(leaf);
        SignedGrant[] removed = [.. RemovedBy(staged).Select(index => before.Members[index].Grant)];
        if (JudgeEntry(leaf, before.Suite, stamp, registry, before.Rules, count.Of(grant, registry), removed) is { } rule)
            return EntryFault.Of(rule);
        after = Member.Of(staged.Committer, leaf, grant, registry);
        committer = new Committer(after.Handle, after.Token, null, false);
        return null;
    }

    private static LeafIndex[] RemovedBy(StagedCommit staged)
        => [.. staged.Proposals.Select(static committed => committed.Proposal).OfType<RemoveProposal>().Select(static remove => remove.Removed)];

    private static ProposedChange ByReference(CommittedProposal committed, RoomView before, ProposedChange change)
        => committed.Reference is null ? change : change with { ByReferenceOf = before.Members[committed.Sender.Leaf].Handle };
}

/// <summary>How many leaves each token and user has, without those that a commit removes and with those that it has added so far.</summary>
internal sealed class LeafCounts
{
    private readonly Dictionary<TokenId, int> _tokens = [];
    private readonly Dictionary<Handle, int> _users = [];

    public LeafCounts(IEnumerable<Member> members, IReadOnlyCollection<LeafIndex> removed)
    {
        foreach (Member member in members)
        {
            if (!removed.Contains(member.Leaf))
                Add(member);
        }
    }

    public void Add(Member member)
    {
        _tokens[member.Token] = _tokens.GetValueOrDefault(member.Token) + 1;
        _users[member.Handle] = _users.GetValueOrDefault(member.Handle) + 1;
    }

    /// <summary>The leaves there are of a grant's token and user; none of a token that the registry does not have.</summary>
    public LeafCount Of(SignedGrant grant, RegistryState registry)
    {
        TokenId token = grant.Touch.TokenId;
        return registry.Token(token) is { } known ? new LeafCount(_tokens.GetValueOrDefault(token), _users.GetValueOrDefault(known.Handle)) : default;
    }
}
