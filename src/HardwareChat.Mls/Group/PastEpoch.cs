using HardwareChat.Wire;

namespace HardwareChat.Mls;

// A past epoch keeps what late application messages need, and nothing that leads anywhere else: the secret tree, the sender data secret,
// the context that signatures cover, the resumption PSK. Its tree is not kept: the leaves that the next commit changed are, and the others
// are found in the epochs after it.

/// <summary>An epoch that is over, while its late messages may still come.</summary>
internal sealed class PastEpoch(GroupContext context, Secret ownedSenderDataSecret, SecretTree ownedSecretTree, Secret ownedResumptionPsk, IReadOnlyList<LeafChange> changes)
    : IDisposable
{
    private readonly Dictionary<LeafIndex, LeafChange> _changes = changes.ToDictionary(static change => change.Index);

    public GroupContext Context { get; } = context;

    public Secret SenderDataSecret { get; } = ownedSenderDataSecret;

    public SecretTree SecretTree { get; } = ownedSecretTree;

    public Secret ResumptionPsk { get; } = ownedResumptionPsk;

    /// <summary>What the commit that ended this epoch did to a leaf, or null.</summary>
    public LeafChange? ChangeOf(LeafIndex leaf) => _changes.GetValueOrDefault(leaf);

    public void WriteTo(ref TlsWriter writer)
    {
        Context.WriteTo(ref writer);
        writer.WriteFixed(SenderDataSecret.Span);
        SecretTree.WriteTo(ref writer);
        writer.WriteFixed(ResumptionPsk.Span);
        writer.WriteVector(_changes.Values, static (ref writer, changes) =>
        {
            foreach (LeafChange change in changes)
                (change with { Next = null }).WriteTo(ref writer);
        });
    }

    public static PastEpoch ReadFrom(ref TlsReader reader, CipherSuite suite) => new(
        GroupContext.ReadFrom(ref reader),
        Secret.CopyOf(reader.ReadFixed(suite.HashLength)),
        SecretTree.ReadFrom(ref reader, suite),
        Secret.CopyOf(reader.ReadFixed(suite.HashLength)),
        ReadChanges(ref reader));

    public void Dispose()
    {
        SenderDataSecret.Dispose();
        SecretTree.Dispose();
        ResumptionPsk.Dispose();
    }

    private static LeafChange[] ReadChanges(ref TlsReader reader)
    {
        LeafChange[] changes = TlsVector.Read(ref reader, LeafChange.ReadFrom);
        return changes.DistinctBy(static change => change.Index).Count() == changes.Length
            ? changes
            : throw reader.Malformed("a leaf of a past epoch is changed twice");
    }
}
