namespace HardwareChat.Mls;

/// <summary>What a commit is to do.</summary>
public sealed record CommitOptions
{
    /// <summary>Proposals by value.</summary>
    public IReadOnlyList<Proposal> Proposals { get; init; } = [];

    /// <summary>
    /// Kept proposals, by reference; null: all that this member may commit, that are valid, and that do not contradict each other or
    /// <see cref="Proposals"/>. One whose credential the application refuses still ends the commit: keep none such, or name the others here.
    /// </summary>
    public IReadOnlyList<ProposalRef>? References { get; init; }

    /// <summary>Whether the path is left out where it may be: the commit is smaller, and heals nothing. Not left out if a new leaf is given.</summary>
    public bool OmitPath { get; init; }

    /// <summary>What the committer's new leaf says; null: what the old one does.</summary>
    public LeafContent? Leaf { get; init; }

    /// <summary>The new leaf's key pair, of which a copy is kept; null: a fresh one. After a lost race the same pair may be given again.</summary>
    public HpkeKeyPair? LeafKeys { get; init; }

    /// <summary>The signature key of the new leaf; null: the old one.</summary>
    public IMlsSigner? NewSigner { get; init; }

    /// <summary>Sent in the clear and signed.</summary>
    public ReadOnlyMemory<byte> AuthenticatedData { get; init; }

    /// <summary>The GroupInfo inside the Welcome.</summary>
    public GroupInfoOptions WelcomeGroupInfo { get; init; } = new() { IncludeExternalPub = false };

    /// <summary>A GroupInfo of the next epoch to go with the commit; null: none.</summary>
    public GroupInfoOptions? GroupInfo { get; init; }

    // A new leaf travels in the path, and nowhere else.
    internal bool RenewsLeaf => Leaf is not null || LeafKeys is not null || NewSigner is not null;

    internal ResumptionPskUsage SuccessorUsage { get; init; }
}

/// <summary>A commit of one's own, ready to be sent: whole MLSMessages.</summary>
/// <param name="Message">The commit.</param>
/// <param name="Welcome">The Welcome for all that it adds, or null.</param>
/// <param name="GroupInfo">The GroupInfo of the next epoch, if one was asked for.</param>
/// <param name="Staged">What it does; owned by the group, as its <see cref="MlsGroup.PendingCommit"/>.</param>
public sealed record CommitBundle(ReadOnlyMemory<byte> Message, ReadOnlyMemory<byte>? Welcome, ReadOnlyMemory<byte>? GroupInfo, StagedCommit Staged);
