using System.Buffers;
using HardwareChat.Wire;

namespace HardwareChat.Mls;

// A group as one member sees it. This file: what it is, and its application messages. MlsGroup.Create.cs: how it begins.
// MlsGroup.Propose.cs and MlsGroup.Commit.cs: what the member sends. MlsGroup.Receive.cs and MlsGroup.Stage.cs: what it receives, in
// stages that are types. MlsGroup.State.cs: how it is kept.

/// <summary>What a group can still do.</summary>
public enum GroupStatus
{
    /// <summary>Everything.</summary>
    Active = 0,

    /// <summary>A ReInit has closed it: it reads late messages, and another group takes its place (RFC 9420 §11.2).</summary>
    ReInitialized = 1,

    /// <summary>This client was removed; all secrets are erased.</summary>
    Evicted = 2,
}

/// <summary>A group, as one of its members sees it (RFC 9420). Not safe for two threads at once.</summary>
/// <remarks>
/// Whatever is refused or fails leaves the group byte for byte as it was. What changes it: <see cref="Encrypt(IMlsSigner, ReadOnlyMemory{byte}, ReadOnlyMemory{byte})"/>,
/// the proposing methods, <see cref="Commit"/>, <see cref="Verify"/> of an application message, <see cref="Keep"/>, <see cref="Merge"/>,
/// <see cref="MergePending"/> and <see cref="DiscardPending"/>: save it afterwards, and before what it produced leaves the process.
/// </remarks>
public sealed partial class MlsGroup : IDisposable
{
    // Newest last.
    private readonly List<PastEpoch> _past = [];
    private readonly OrderedDictionary<ProposalRef, CommittedProposal> _proposals = [];
    private readonly Dictionary<HpkePublicKey, HpkeKeyPair> _updateKeys = [];
    private EpochState _current;

    private MlsGroup(EpochState ownedState, GroupOptions options)
    {
        options.Validate();
        _current = ownedState;
        Options = options;
    }

    /// <summary>How this client keeps the group.</summary>
    public GroupOptions Options { get; }

    /// <summary>What the group can still do.</summary>
    public GroupStatus Status { get; private set; }

    /// <summary>The algorithms.</summary>
    public CipherSuite Suite => _current.Suite;

    /// <summary>The public state of the current epoch.</summary>
    public GroupContext Context => _current.Context;

    /// <summary>The group's name.</summary>
    public GroupId GroupId => Context.GroupId;

    /// <summary>The current epoch.</summary>
    public Epoch Epoch => Context.Epoch;

    /// <summary>The tree of the current epoch.</summary>
    public RatchetTree Tree => _current.Tree;

    /// <summary>This member's leaf index.</summary>
    public LeafIndex OwnIndex => _current.Own;

    /// <summary>This member's leaf.</summary>
    public LeafNode OwnLeaf => _current.Tree.Leaf(OwnIndex)!;

    /// <summary>The confirmation tag of the commit that began the epoch.</summary>
    public ReadOnlySpan<byte> ConfirmationTag => _current.ConfirmationTag;

    /// <summary>epoch_authenticator (RFC 9420 §8.7): the same for all who agree on the epoch.</summary>
    public ReadOnlySpan<byte> EpochAuthenticator => _current.Secrets.EpochAuthenticator.Span;

    /// <summary>The proposals of this epoch that a commit can refer to, in the order in which they were kept.</summary>
    public IReadOnlyCollection<CommittedProposal> KeptProposals => _proposals.Values;

    /// <summary>This member's own commit that is not merged yet, or null. Owned by the group.</summary>
    public StagedCommit? PendingCommit
    {
        // Whoever has the commit can dispose of it; nothing is pending then.
        get => field is { IsSpent: false } ? field : null;
        private set;
    }

    /// <summary>The ReInit that has closed the group, or null.</summary>
    public ReInitProposal? ReInit { get; private set; }

    internal EpochState State => _current;

    /// <summary>MLS-Exporter (RFC 9420 §8.5) of the current epoch. The caller disposes of it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 255 hashes' length is asked for, or less than nothing.</exception>
    public Secret Export(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length)
    {
        // RFC 5869 §2.3: L <= 255*HashLen.
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 255 * Suite.HashLength);
        return _current.Secrets.Export(label, context, length);
    }

    /// <summary>resumption_psk (RFC 9420 §8.6) of the current epoch or one in the window, which the caller disposes of; null if it is gone.</summary>
    public Secret? ResumptionPsk(Epoch epoch)
        => epoch == Epoch ? _current.Secrets.ResumptionPsk.Copy() : _past.Find(past => past.Context.Epoch == epoch)?.ResumptionPsk.Copy();

    /// <summary>An application message, encrypted: a whole MLSMessage.</summary>
    public byte[] Encrypt(IMlsSigner signer, ReadOnlyMemory<byte> data) => Encrypt(signer, data, default);

    /// <summary>An application message, encrypted, with authenticated data in the clear: a whole MLSMessage.</summary>
    public byte[] Encrypt(IMlsSigner signer, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> authenticatedData)
    {
        using var output = new TlsBuffer(data.Length + 512);
        Encrypt(signer, data, authenticatedData, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes an application message, encrypted: a whole MLSMessage.</summary>
    /// <param name="signer">The key of this member's leaf.</param>
    /// <param name="data">The content.</param>
    /// <param name="authenticatedData">Sent in the clear and authenticated with the content.</param>
    /// <param name="output">Where it goes.</param>
    /// <remarks>RFC 9420 §12.4 asks a member who knows of valid proposals to commit first; when, is the application's to say.</remarks>
    public void Encrypt(IMlsSigner signer, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> authenticatedData, IBufferWriter<byte> output)
    {
        RequireActive();
        RequireOwn(signer);
        FramedContent content = FramedContent.OfApplication(GroupId, Epoch, Sender.Member(OwnIndex), authenticatedData, data);
        AuthenticatedContent authenticated = AuthenticatedContent.Sign(Suite, signer, WireFormat.PrivateMessage, content, Context);
        PrivateMessage.Protect(Suite, authenticated, _current.Secrets.SenderDataSecret, _current.SecretTree, Options.Padding, output);
    }

    /// <summary>A GroupInfo of the current epoch, as an MLSMessage.</summary>
    public byte[] CreateGroupInfo(IMlsSigner signer, GroupInfoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        RequireActive();
        RequireOwn(signer);
        return new MlsMessage(CreateGroupInfo(_current, signer, options)).Encode();
    }

    /// <summary>Erases everything.</summary>
    public void Dispose()
    {
        _current.Dispose();
        ClearEpoch();
        foreach (PastEpoch past in _past)
            past.Dispose();
        _past.Clear();
    }

    private static GroupInfo CreateGroupInfo(EpochState state, IMlsSigner signer, GroupInfoOptions options)
    {
        ExtensionList extensions = options.Extensions;
        if (options.IncludeTree)
            extensions = extensions.With(Extension.Of(ExtensionType.RatchetTree, state.Tree));
        if (options.IncludeExternalPub)
        {
            using HpkeKeyPair external = state.Secrets.DeriveExternalKeyPair();
            extensions = extensions.With(Extension.Of(ExtensionType.ExternalPub, external.PublicKey));
        }

        return GroupInfo.Sign(state.Suite, signer, state.Own, state.Context, extensions, state.ConfirmationTag);
    }

    private void RequireActive()
    {
        if (Status != GroupStatus.Active)
            throw new InvalidOperationException($"the group is {Status}");
    }

    private void RequireOwn(IMlsSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        if (!signer.PublicKey.Equals(OwnLeaf.SignatureKey))
            throw new ArgumentException("the signer's key is not that of the member's leaf", nameof(signer));
    }

    // What belongs to one epoch only, and dies with it.
    private void ClearEpoch()
    {
        _proposals.Clear();
        foreach (HpkeKeyPair pair in _updateKeys.Values)
            pair.Dispose();
        _updateKeys.Clear();
        DiscardPending();
    }

    private Secret? FindPsk(PreSharedKeyId id, GroupPolicy policy)
        => (id.GroupId is not null && id.GroupId.Equals(GroupId) ? ResumptionPsk(id.Epoch) : null) ?? policy.FindPsk?.Invoke(id);
}
