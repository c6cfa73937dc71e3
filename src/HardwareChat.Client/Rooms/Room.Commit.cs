using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// What a member commits. Each makes a pending commit, which is merged when it comes back from the log and not before; after a Conflict it is
// discarded and made anew from what is true by then. A commit is judged, before it is sent, as everybody will judge it, at the stamp that is
// to be expected.

public sealed partial class Room
{
    /// <summary>Adds users by their key packages; their Welcome goes with the commit.</summary>
    /// <param name="session">The session of this client's leaf.</param>
    /// <param name="keyPackages">One for each token, as the relay gave them for the tokens asked for.</param>
    /// <param name="belief">What the client believes.</param>
    /// <exception cref="RoomRuleException">A key package is not its token's, or the addition is not allowed.</exception>
    /// <exception cref="DecodeException">A key package is malformed.</exception>
    /// <exception cref="ValidationException">A key package breaks a rule of MLS.</exception>
    public Outgoing Add(Session session, IReadOnlyList<TokenKeyPackage> keyPackages, Belief belief)
    {
        ArgumentNullException.ThrowIfNull(keyPackages);
        ArgumentNullException.ThrowIfNull(belief);
        var proposals = new List<Proposal>();
        var roster = new List<RosterChange>();
        var count = new LeafCounts(_members.Values, []);
        foreach (TokenKeyPackage offered in keyPackages)
        {
            if (offered.Package is not { } bytes)
                throw new ArgumentException("There is no key package of this token.", nameof(keyPackages));
            KeyPackage keyPackage = MlsMessage.Decode(bytes.Span).KeyPackage ?? throw new DecodeException("not a key package", 0);
            TouchRule? rule = _judge.JudgeAdd(keyPackage, View, count, Expected(belief), belief.Registry, out SignedGrant grant);
            if (rule is not null || grant.Touch.TokenId != offered.Token)
                throw new RoomRuleException(EntryFault.Of(rule ?? TouchRule.TokenUnknown), "the key package is not one of the token asked for");
            Handle handle = belief.Registry.Token(offered.Token)!.Handle;
            count.Add(Member.Of(default, keyPackage.LeafNode, grant, belief.Registry));
            proposals.Add(new AddProposal(keyPackage));
            if (!roster.Contains(new RosterChange.Add(handle)))
                roster.Add(new RosterChange.Add(handle));
        }

        return Commit(session, belief, new CommitOptions { Proposals = proposals }, roster);
    }

    /// <summary>Removes a user, or one token of it, and keeps it out: entries need a touch that is later than now, or an admin's pardon.</summary>
    /// <param name="session">The session of this client's leaf; its user is an admin of the room.</param>
    /// <param name="handle">The user.</param>
    /// <param name="token">One token; null for all of the user's.</param>
    /// <param name="ban">Whether no later touch lets it in either.</param>
    /// <param name="belief">What the client believes.</param>
    /// <exception cref="ArgumentException">There is no such leaf, or it is this client's own.</exception>
    public Outgoing Remove(Session session, Handle handle, TokenId? token, bool ban, Belief belief)
    {
        ArgumentNullException.ThrowIfNull(belief);
        Member[] gone = [.. _members.Values.Where(member => member.Handle == handle && (token is null || member.Token == token))];
        if (gone.Length == 0 || gone.Any(member => member.Leaf == _group.OwnIndex))
            throw new ArgumentException("There is no leaf of that token here, or it is this client's own.", nameof(handle));
        return RemoveLeaves(session, gone, token is null, ban, Terms.Policy, belief);
    }

    /// <summary>Lifts a ban.</summary>
    public Outgoing Pardon(Session session, Handle handle, Belief belief)
    {
        var kept = new RoomRemovals([.. Terms.Removals.Removals.Where(removal => removal.Handle != handle || removal.Floor != Removal.Ban)]);
        return Commit(session, belief, new CommitOptions { Proposals = [ContextOf(Terms with { Removals = kept })] }, []);
    }

    /// <summary>Removes the leaves that must go before this client may encrypt, as far as it may remove them; null if it may remove none.</summary>
    /// <remarks>A leaf that is void by the log anybody removes; one that only this client believes to be, an admin.</remarks>
    public Outgoing? RemoveVoidLeaves(Session session, Belief belief)
    {
        ArgumentNullException.ThrowIfNull(belief);
        Member[] believed = [.. VoidBy(belief)];
        Member[] agreed = [.. believed.Where(member => LeafStates.At(member.Grant.Touch, Expected(belief), belief.Registry, Rules) == LeafState.Void)];
        Member[] gone = Own is { } own && Terms.Policy.IsAdmin(own.Handle) ? believed : agreed;
        gone = [.. gone.Where(member => member.Leaf != _group.OwnIndex)];
        return gone.Length == 0 ? null : RemoveLeaves(session, gone, wholeUser: false, ban: false, Terms.Policy, belief);
    }

    /// <summary>Gives this client fresh keys, and takes up who wants to leave.</summary>
    public Outgoing Update(Session session, Belief belief) => Commit(session, belief, new CommitOptions(), []);

    /// <summary>Says that this client leaves. Somebody else has to commit it; until then it is said again in each epoch.</summary>
    public Outgoing Leave(Session session, Belief belief)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(belief);
        RequireStatus(RoomStatus.Member, RoomStatus.Entering);
        byte[] message = _group.ProposeSelfRemoval(session.Signer, TlsWriter.Encode(_log.ToSeen(belief.Registry)));
        _isLeaving = true;
        return Send(EntryKind.Handshake, message, null, null, [], belief);
    }

    /// <summary>Signs and commits the next policy. Whom it no longer admits, it removes.</summary>
    public Outgoing ChangePolicy(Session session, RoomSettings settings, Belief belief)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(belief);
        RequireStatus(RoomStatus.Member);
        RoomPolicy next = settings.Sign(session, Own!.Grant, Terms.Policy.Genesis, checked(Terms.Policy.Version + 1));
        Member[] gone = [.. _members.Values.Where(member => !next.Admits(member.Handle) && member.Leaf != _group.OwnIndex)];
        return RemoveLeaves(session, gone, wholeUser: true, ban: false, next, belief);
    }

    /// <summary>A new phrase for the door: the next policy. The key is sent to the members once the commit is in the log, in the epoch that it begins.</summary>
    /// <param name="session">The session of this client's leaf.</param>
    /// <param name="parameters">With a version that is higher than any before.</param>
    /// <param name="phraseKey">The key that the phrase gives by these parameters.</param>
    /// <param name="belief">What the client believes.</param>
    public Outgoing ChangePhrase(Session session, PhraseParameters parameters, ReadOnlySpan<byte> phraseKey, Belief belief)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (Terms.Policy.Door is Door.Phrase { Parameters.Version: var last } && parameters.Version <= last)
            throw new ArgumentException("A new phrase has a higher version than the last.", nameof(parameters));
        Outgoing change = ChangePolicy(session, RoomSettings.Of(Terms.Policy) with { Door = new Door.Phrase(parameters) }, belief);
        _phrase.Keep(parameters.Version, phraseKey);
        return change;
    }

    /// <summary>Renews this client's leaf with a new touch: from then on it acts in the new session.</summary>
    /// <param name="session">The session of the leaf so far.</param>
    /// <param name="next">The new session, of the same token, with a grant for this room.</param>
    /// <param name="belief">What the client believes.</param>
    public Outgoing Renew(Session session, Session next, Belief belief)
    {
        ArgumentNullException.ThrowIfNull(next);
        RoomGrant grant = next.GrantFor(Id) ?? throw new ArgumentException("The session has no grant for this room.", nameof(next));

        // A dormant leaf commits its renewal and nothing else; so it is easiest if nobody does more.
        var options = new CommitOptions { Leaf = SessionSuite.LeafOf(grant.Grant), LeafKeys = grant.LeafKeys, NewSigner = next.Signer, References = [] };
        return Commit(session, belief, options, [], null, RoomStatus.Member, RoomStatus.Entering);
    }

    /// <summary>Gives up a commit: the relay has answered Conflict to it. It must not be called for want of an answer.</summary>
    /// <remarks>Another one than that which is under way is left alone, as is one that has lost its race in the log.</remarks>
    public void Discard(Outgoing commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        if (commit.MessageHash == _pending)
            _group.DiscardPending();
    }

    private Outgoing RemoveLeaves(Session session, IReadOnlyList<Member> gone, bool wholeUser, bool ban, RoomPolicy policy, Belief belief)
    {
        Stamp expected = Expected(belief);
        bool IsVoid(Member member) => LeafStates.At(member.Grant.Touch, expected, belief.Registry, Rules) == LeafState.Void;
        // A touch by a clock that goes fast is dated after the relay's time, and the floor must be above it.
        ulong FloorOf(Member member) => ban ? Removal.Ban : Math.Max(expected.Time, member.Grant.Touch.IssuedAt);
        Removal[] removals = [.. gone.Where(member => !IsVoid(member))
            .GroupBy(member => (member.Handle, Token: wholeUser ? (TokenId?)null : member.Token), FloorOf)
            .Select(static about => new Removal(about.Key.Handle, about.Key.Token, about.Max()))];
        var proposals = new List<Proposal>(gone.Select(static member => new RemoveProposal(member.Leaf)));
        if (removals.Length > 0 || !ReferenceEquals(policy, Terms.Policy))
        {
            // What may be dropped by the last stamp may be dropped by the next.
            RoomRemovals list = Terms.Removals.With(removals, Chain.Stamp.Time, belief.Registry.LongestEntryAt(belief.Registry.Size));
            proposals.Add(ContextOf(new RoomTerms(policy, list)));
        }

        List<RosterChange> roster = RosterOf(policy.Door, Terms.Policy.Door);
        IEnumerable<Handle> left = gone.Select(static member => member.Handle).Distinct()
            .Where(handle => !_members.Values.Any(member => member.Handle == handle && !gone.Contains(member)));
        roster.AddRange(left.Select(static handle => new RosterChange.Drop(handle)));
        return Commit(session, belief, new CommitOptions { Proposals = proposals }, roster);
    }

    private Outgoing Commit(Session session, Belief belief, CommitOptions options, List<RosterChange> roster)
        => Commit(session, belief, options, roster, null, RoomStatus.Member);

    private Outgoing Commit(Session session, Belief belief, CommitOptions options, List<RosterChange> roster, Handle? founder, params ReadOnlySpan<RoomStatus> allowed)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(belief);
        if (founder is null)
            RequireStatus(allowed);
        Seen seen = _log.ToSeen(belief.Registry);
        ExtensionList seenExtension = RoomGroup.ExtensionsOf(seen);
        options = options with
        {
            AuthenticatedData = TlsWriter.Encode(seen),
            GroupInfo = new GroupInfoOptions { Extensions = seenExtension },
            WelcomeGroupInfo = new GroupInfoOptions { Extensions = seenExtension, IncludeExternalPub = false },
        };
        CommitBundle bundle = _group.Commit(session.Signer, Policy, options);
        try
        {
            // The founder's own leaf is the one that no reader judges when it enters.
            CommitVerdict verdict = founder is null ? _judge.Judge(bundle.Staged, View, Expected(belief), belief.Registry) : default;
            if (verdict.Fault is { } fault)
                throw new RoomRuleException(fault, "the commit would not be valid");
            if (bundle.Message.Length > AppendRule.LimitOf(EntryKind.Handshake) || bundle.Welcome?.Length > ProtocolLimits.WelcomeBytes)
                throw new ArgumentException("The commit is longer than an entry may be: do less at once.", nameof(options));
            Handle own = founder ?? Own!.Handle;
            Outgoing commit = Send(EntryKind.Handshake, bundle.Message, bundle.GroupInfo, bundle.Welcome, AllowedTo(own, roster), belief);
            _pending = commit.MessageHash;
            return commit;
        }
        catch
        {
            _group.DiscardPending();
            throw;
        }
    }

    // Only owners drop from the roster and move the door; what others may not ask for, the relay would refuse together with the commit.
    private List<RosterChange> AllowedTo(Handle handle, List<RosterChange> roster)
        => Terms.Policy.Genesis.Owners.Contains(handle) ? roster : [.. roster.Where(static change => change is RosterChange.Add)];

    private static GroupContextExtensionsProposal ContextOf(RoomTerms terms) => new(terms.ToExtensions());

    // The next stamp, as far as this client can tell: the relay's clock does not go back.
    private Stamp Expected(Belief belief)
        => new(Math.Max(Chain.Stamp.Time, belief.RelayTime), Math.Max(Chain.Stamp.RegistrySize, belief.Registry.Size));

    private Outgoing Send(
        EntryKind kind, ReadOnlyMemory<byte> message, ReadOnlyMemory<byte>? groupInfo, ReadOnlyMemory<byte>? welcome, List<RosterChange> roster, Belief belief)
    {
        var frame = new Append(Id, kind, Chain.Size, belief.Registry.Size, message, groupInfo, welcome, roster);
        Digest hash = Digest.Of(message.Span);
        _sent[hash] = new OwnMessage(kind, _group.Epoch, Own!.Grant);
        return new Outgoing(frame, hash);
    }

    private void RequireStatus(params ReadOnlySpan<RoomStatus> allowed)
    {
        if (!allowed.Contains(Status))
            throw new InvalidOperationException($"this client cannot do so while it is {Status}");
        if (MustReenter is not null)
            throw new InvalidOperationException("this client has to enter the room anew");
    }
}
