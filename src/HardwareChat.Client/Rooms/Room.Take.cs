using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

public sealed partial class Room
{
    /// <summary>Reads the next entry of the log.</summary>
    /// <param name="push">The entry, as the relay shows it.</param>
    /// <param name="registry">The registry as it is verified.</param>
    /// <param name="clock">Unix seconds by the client's own clock: it decides when an entry is read, never what it means.</param>
    /// <exception cref="InvalidOperationException">This client is out of the room.</exception>
    public RoomEvent Take(EntryPush push, RegistryState registry, ulong clock)
    {
        ArgumentNullException.ThrowIfNull(push);
        ArgumentNullException.ThrowIfNull(registry);
        if (Status is RoomStatus.Evicted or RoomStatus.NotEntered)
            throw new InvalidOperationException($"the room is {Status}");
        RoomEntry entry = push.Entry;
        Digest? hash = push.Message is { } body ? Digest.Of(body.Span) : null;
        if (Chain.Check(entry, hash) is { } broken)
            return new RoomEvent.Broken(entry.Sequence, broken);
        if (RoomChain.CheckReadable(entry, clock, registry.Size) is { } wait)
            return new RoomEvent.Waits(entry.Sequence, wait);

        RoomEvent read = push.Message is { } message ? Read(entry, message, registry) : ReadGone(entry);
        _log.Take(entry);
        _sent.Remove(entry.MessageHash);
        if (entry.IsHandshake && read is not RoomEvent.Leaving)
            _hasSpentHandshake = read is RoomEvent.Skipped or RoomEvent.Alarm;
        return read;
    }

    private RoomEvent Read(RoomEntry entry, ReadOnlyMemory<byte> message, RegistryState registry)
    {
        bool isOwn = _sent.TryGetValue(entry.MessageHash, out OwnMessage? own);
        if (Status == RoomStatus.Knocking)
            return ReadKnocking(entry, own, registry);
        Member? sender = null;
        MlsMessage? mls = null;
        EntryFault fault;
        try
        {
            mls = DecodeMessage(message.Span);
            ContentKind kind = KindOf(mls);
            if (EntryContent.Check(entry.Kind, kind, message.Length) is { } rule)
                return Skip(entry, EntryFault.Of(rule), null);
            return kind switch
            {
                ContentKind.Application when isOwn => ReadOwnContent(entry, mls!.PrivateMessage!, own!, registry),
                ContentKind.Application => ReadContent(entry, mls!, registry, ref sender),
                ContentKind.Proposal => ReadProposal(entry, mls!, registry, isOwn, ref sender),
                ContentKind.Commit => ReadCommit(entry, mls!, registry, isOwn, ref sender),
                _ => ReadExternalCommit(entry, mls!, registry, ref sender),
            };
        }
        catch (ValidationException refused)
        {
            fault = EntryFault.Of(refused.Rule);
        }
        catch (DecodeException)
        {
            fault = EntryFault.Malformed;
        }

        NoteUnreadable(entry, mls!, fault);
        return Skip(entry, fault, sender);
    }

    private RoomEvent ReadContent(RoomEntry entry, MlsMessage mls, RegistryState registry, ref Member? sender)
    {
        var content = (ApplicationMessage)_group.Verify(_group.Unprotect(mls));
        sender = content.SenderIsMember ? _members[content.Sender.Leaf] : Member.Of(content.Sender.Leaf, content.SenderLeaf, registry);
        if (content.SenderIsMember && content.Sender.Leaf == _group.OwnIndex)
            return FoundCopy(entry);

        // The message is judged by the identity that signed it: the sender may have renewed since.
        SignedGrant grant = Grants.Of(content.SenderLeaf);
        var seen = Seen.Decode(content.AuthenticatedData.Span);
        if (CheckSeen(seen, entry, content.Epoch, registry, sender) is { } differs)
            return differs;
        LeafState? state = content.SenderIsMember ? StateAt(grant, entry, registry) : null;
        if (EntryContent.CheckSender(state) is { } rule)
            return Skip(entry, EntryFault.Of(rule), sender);
        Hear(content.Sender.Leaf, content.Epoch);
        return new RoomEvent.Content(entry.Sequence, entry.Stamp.Time, _members[content.Sender.Leaf], content.Data, seen);
    }

    // What this client sent it cannot decrypt, and need not: the rules that the others apply, it applies to what it knows of it.
    private RoomEvent ReadOwnContent(RoomEntry entry, PrivateMessage message, OwnMessage own, RegistryState registry)
    {
        if (_group.Epoch.Value - own.Epoch.Value > (ulong)_group.Options.PastEpochs)
            return Skip(entry, EntryFault.Of(ValidationRule.EpochMatches), Own);
        var seen = Seen.Decode(message.AuthenticatedData);
        if (CheckSeen(seen, entry, own.Epoch, registry, Own!) is { } differs)
            return differs is RoomEvent.Alarm ? differs : Skip(entry, EntryFault.Of(RoomRule.SeenStale), Own);
        return EntryContent.CheckSender(StateAt(own.Grant, entry, registry)) is { } rule
            ? Skip(entry, EntryFault.Of(rule), Own)
            : new RoomEvent.OwnContent(entry.Sequence, entry.Stamp.Time, entry.MessageHash);
    }

    private RoomEvent ReadProposal(RoomEntry entry, MlsMessage mls, RegistryState registry, bool isOwn, ref Member? sender)
    {
        var message = (ProposalMessage)_group.Verify(_group.Unprotect(mls));
        if (!message.Sender.IsMember)
            return Skip(entry, EntryFault.Of(RoomRule.ProposalKind), null);
        sender = _members[message.Sender.Leaf];
        if (sender.Leaf == _group.OwnIndex && !isOwn)
            return FoundCopy(entry);
        if (CheckSeen(Seen.Decode(message.AuthenticatedData.Span), entry, message.Epoch, registry, sender) is { } differs)
            return differs;
        if (EntryContent.CheckSender(StateAt(sender.Grant, entry, registry)) is { } rule)
            return Skip(entry, EntryFault.Of(rule), sender);
        if (message.Proposal is not RemoveProposal { Removed: var removed } || removed != sender.Leaf)
            return Skip(entry, EntryFault.Of(message.Proposal is RemoveProposal ? RoomRule.ByReference : RoomRule.ProposalKind), sender);
        _group.Keep(message);
        Hear(sender.Leaf, message.Epoch);
        return new RoomEvent.Leaving(entry.Sequence, sender);
    }

    private RoomEvent ReadCommit(RoomEntry entry, MlsMessage mls, RegistryState registry, bool isOwn, ref Member? sender)
    {
        var message = (CommitMessage)_group.Verify(_group.Unprotect(mls));
        sender = _members[message.Sender.Leaf];
        bool isFromOwnLeaf = sender.Leaf == _group.OwnIndex;
        if (isFromOwnLeaf && !isOwn)
            return FoundCopy(entry);
        if (CheckSeen(Seen.Decode(message.AuthenticatedData.Span), entry, message.Epoch, registry, sender) is { } differs)
        {
            if (isFromOwnLeaf)
                _group.DiscardPending();
            return differs;
        }

        return Judge(entry, Stage(entry, message, sender), registry, isOwn);
    }

    private RoomEvent ReadExternalCommit(RoomEntry entry, MlsMessage mls, RegistryState registry, ref Member? sender)
    {
        var message = (CommitMessage)_group.Verify(_group.Unprotect(mls));
        StagedCommit staged = Stage(entry, message, null);
        try
        {
            LeafNode leaf = staged.LeafChanges.First(change => change.Index == staged.Committer).Next!;
            SignedGrant grant = Grants.Of(leaf);
            if (_verifier.Verify(grant, registry, entry.Stamp.RegistrySize) is { } rule)
            {
                staged.Dispose();
                return Skip(entry, EntryFault.Of(rule), null);
            }

            sender = Member.Of(staged.Committer, leaf, grant, registry);
            if (CheckSeen(Seen.Decode(message.AuthenticatedData.Span), entry, message.Epoch, registry, sender) is { } differs)
            {
                staged.Dispose();
                return differs;
            }
        }
        catch
        {
            staged.Dispose();
            throw;
        }

        return Judge(entry, staged, registry, isOwn: false);
    }

    // From a commit that is right by MLS to the next epoch, or to nothing.
    private RoomEvent Judge(RoomEntry entry, StagedCommit staged, RegistryState registry, bool isOwn)
    {
        CommitVerdict verdict;
        try
        {
            verdict = _judge.Judge(staged, View, entry.Stamp, registry);
        }
        catch
        {
            Drop(staged);
            throw;
        }

        if (verdict.Change is not { } change)
        {
            Drop(staged);
            return Skip(entry, verdict.Fault!.Value, _members.GetValueOrDefault(staged.Committer));
        }

        bool lostOwn = !isOwn && HasPendingCommit;
        Dictionary<LeafIndex, Member> updated = MembersAfter(staged, change, registry);
        _group.Merge(staged);
        if (_group.Status == GroupStatus.Evicted)
        {
            Status = RoomStatus.Evicted;
            return new RoomEvent.Evicted(entry.Sequence, entry.Stamp.Time, change);
        }

        foreach (LeafChange leaf in staged.LeafChanges)
        {
            if (updated.TryGetValue(leaf.Index, out Member? member))
                _members[leaf.Index] = member;
            else
                _members.Remove(leaf.Index);
        }

        Terms = change.Terms;
        _log.Begin(_group.Epoch, entry.Sequence + 1);
        Hear(staged.Committer, _group.Epoch);
        ForgetOldEpochs();
        return new RoomEvent.Applied(entry.Sequence, entry.Stamp.Time, change, isOwn, lostOwn);
    }

    private void Drop(StagedCommit staged)
    {
        // One's own pending commit is the group's, which must know that it is gone.
        if (ReferenceEquals(staged, _group.PendingCommit))
            _group.DiscardPending();
        else
            staged.Dispose();
    }

    private static Dictionary<LeafIndex, Member> MembersAfter(StagedCommit staged, RoomChange change, RegistryState registry)
    {
        var updated = new Dictionary<LeafIndex, Member>();
        foreach (LeafChange leaf in staged.LeafChanges)
        {
            if (leaf.Next is { } next)
                updated[leaf.Index] = leaf.Index == staged.Committer ? change.Committer : Member.Of(leaf.Index, next, registry);
        }

        return updated;
    }

    // A member has acted: it is no longer merely invited, and whoever entered before has been heard by it.
    private void Hear(LeafIndex leaf, Epoch epoch)
    {
        if (_members.TryGetValue(leaf, out Member? member) && member.IsInvited)
            _members[leaf] = member with { IsInvited = false };
        if (Status == RoomStatus.Entering && leaf != _group.OwnIndex && epoch.Value >= _entered)
            Status = RoomStatus.Member;
    }

    private RoomEvent? CheckSeen(Seen seen, RoomEntry entry, Epoch epoch, RegistryState registry, Member sender)
        => _log.Check(seen, entry, epoch, registry) switch
        {
            null => null,
            RoomRule.SeenStale => Skip(entry, EntryFault.Of(RoomRule.SeenStale), sender),
            { } rule => new RoomEvent.Alarm(entry.Sequence, rule, sender, seen),
        };

    private RoomEvent.FoundCopy FoundCopy(RoomEntry entry)
    {
        Status = RoomStatus.Copy;
        return new RoomEvent.FoundCopy(entry.Sequence);
    }

    private RoomEvent.Skipped Skip(RoomEntry entry, EntryFault fault, Member? sender)
        => new(entry.Sequence, fault, sender, _sent.ContainsKey(entry.MessageHash) ? entry.MessageHash : null);

    private LeafState StateAt(SignedGrant grant, RoomEntry entry, RegistryState registry)
        => LeafStates.At(grant.Touch, entry.Stamp, registry, Rules);

    private void ForgetOldEpochs()
    {
        ulong kept = (ulong)_group.Options.PastEpochs;
        foreach (Digest old in _sent.Where(sent => sent.Value.Epoch.Value + kept < _group.Epoch.Value).Select(static sent => sent.Key).ToList())
            _sent.Remove(old);
    }

    private static MlsMessage? DecodeMessage(ReadOnlySpan<byte> message)
    {
        try
        {
            return MlsMessage.Decode(message);
        }
        catch (Exception malformed) when (malformed is DecodeException or ValidationException)
        {
            // Not MLS at all: content of another kind than any entry has.
            return null;
        }
    }

    private static ContentKind KindOf(MlsMessage? mls) => mls switch
    {
        { PublicMessage: { ContentType: ContentType.Commit, Sender.IsMember: true } } => ContentKind.Commit,
        { PublicMessage: { ContentType: ContentType.Commit, Sender.Type: SenderType.NewMemberCommit } } => ContentKind.ExternalCommit,
        { PublicMessage.ContentType: ContentType.Proposal } => ContentKind.Proposal,
        { PrivateMessage.ContentType: ContentType.Application } => ContentKind.Application,
        _ => ContentKind.Other,
    };
}
