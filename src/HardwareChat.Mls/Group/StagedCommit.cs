using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>A commit that is right in every respect that the library can see, and has not moved the group. <see cref="MlsGroup.Merge"/> it, or dispose of it.</summary>
public sealed class StagedCommit : IDisposable
{
    private readonly byte[] _confirmationTag;

    internal StagedCommit(
        GroupContext before,
        Sender sender,
        LeafIndex committer,
        byte[] authenticatedData,
        IReadOnlyList<CommittedProposal> proposals,
        IReadOnlyList<LeafChange> changes,
        GroupContext after,
        EpochState? ownedNext)
    {
        ContextBefore = before;
        Sender = sender;
        Committer = committer;
        AuthenticatedData = authenticatedData;
        Proposals = proposals;
        LeafChanges = changes;
        ContextAfter = after;
        Next = ownedNext;
        RemovesSelf = ownedNext is null;
        TreeAfter = ownedNext?.Tree;
        _confirmationTag = ownedNext?.ConfirmationTag ?? [];
    }

    /// <summary>Who sent it: a member, or a joiner.</summary>
    public Sender Sender { get; }

    /// <summary>The committer's leaf: for a joiner, the one that it takes.</summary>
    public LeafIndex Committer { get; }

    /// <summary>The commit's authenticated data.</summary>
    public ReadOnlyMemory<byte> AuthenticatedData { get; }

    /// <summary>The proposals, in the commit's order.</summary>
    public IReadOnlyList<CommittedProposal> Proposals { get; }

    /// <summary>Every leaf that changes, with its old and new content.</summary>
    public IReadOnlyList<LeafChange> LeafChanges { get; }

    /// <summary>The context in which the commit was sent.</summary>
    public GroupContext ContextBefore { get; }

    /// <summary>The context that it leads to.</summary>
    public GroupContext ContextAfter { get; }

    /// <summary>The tree that it leads to; null if the commit removes this client.</summary>
    public RatchetTree? TreeAfter { get; }

    /// <summary>The commit's confirmation tag; empty if the commit removes this client.</summary>
    public ReadOnlySpan<byte> ConfirmationTag => _confirmationTag;

    /// <summary>Whether the commit removes this client, which then cannot tell whether path and confirmation tag are right: only the others can.</summary>
    public bool RemovesSelf { get; }

    /// <summary>The ReInit of the commit, or null.</summary>
    public ReInitProposal? ReInit => Proposals.Select(static committed => committed.Proposal).OfType<ReInitProposal>().FirstOrDefault();

    internal EpochState? Next { get; private set; }

    /// <summary>A message key that is consumed when the commit is merged, or null.</summary>
    internal MessageKeyUse? KeyUse { get; init; }

    internal bool IsSpent { get; private set; }

    /// <summary>Hands the next epoch to the group; the commit is spent.</summary>
    internal EpochState? TakeNext()
    {
        ObjectDisposedException.ThrowIf(IsSpent, this);
        IsSpent = true;
        EpochState? next = Next;
        Next = null;
        return next;
    }

    /// <summary>Erases the secrets of the epoch that the commit would have led to. The group is as it was.</summary>
    public void Dispose()
    {
        IsSpent = true;
        Next?.Dispose();
        Next = null;
    }

    internal void WriteTo(ref TlsWriter writer)
    {
        Sender.WriteTo(ref writer);
        writer.WriteUInt32(Committer.Value);
        writer.WriteOpaque(AuthenticatedData.Span);
        writer.WriteVector(Proposals, static (ref writer, proposals) =>
        {
            foreach (CommittedProposal proposal in proposals)
                proposal.WriteTo(ref writer);
        });
        writer.WriteVector(LeafChanges, static (ref writer, changes) =>
        {
            foreach (LeafChange change in changes)
                change.WriteTo(ref writer);
        });
        Next!.WriteTo(ref writer);
    }

    internal static StagedCommit ReadFrom(ref TlsReader reader, GroupContext before)
    {
        Sender sender = Sender.ReadFrom(ref reader);
        var committer = new LeafIndex(reader.ReadUInt32());
        byte[] authenticatedData = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        CommittedProposal[] proposals = TlsVector.Read(ref reader, CommittedProposal.ReadFrom);
        LeafChange[] changes = TlsVector.Read(ref reader, LeafChange.ReadFrom);
        EpochState next = EpochState.ReadFrom(ref reader);
        return new StagedCommit(before, sender, committer, authenticatedData, proposals, changes, next.Context, next);
    }
}

/// <summary>A message key that opened a message, not yet consumed.</summary>
internal readonly record struct MessageKeyUse(LeafIndex Sender, RatchetType Type, uint Generation);
