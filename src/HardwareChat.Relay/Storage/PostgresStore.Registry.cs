using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <content>The registry's log and evidence.</content>
public sealed partial class PostgresStore
{
    /// <inheritdoc/>
    public Task AppendLeafAsync(StoredLeaf leaf, IReadOnlyList<StoredEvidence> evidence, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        ArgumentNullException.ThrowIfNull(evidence);
        return _writer.RunAsync(
            async writer =>
            {
                if ((ulong)(await writer.NumberAsync("SELECT coalesce(max(id) + 1, 0) FROM leaf"))!.Value != leaf.Index)
                    throw new StoreFencedException();
                writer.Add("INSERT INTO leaf VALUES($1, $2, $3)", leaf.Index, leaf.Leaf.ToArray(), leaf.Receipt.ToArray());
                foreach (StoredEvidence blob in evidence)
                    writer.Add("INSERT INTO evidence VALUES($1, $2) ON CONFLICT DO NOTHING", blob.Hash.ToArray(), blob.Blob.ToArray());
                await writer.FlushAsync();
                return true;
            },
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredLeaf>> ReadLeavesAsync(ulong from, int maxCount, int maxBytes, CancellationToken cancel = default)
        => await ReadAsync(
            async session =>
            {
                var leaves = new List<StoredLeaf>();
                int bytes = 0;
                await session.ReadAsync(
                    row =>
                    {
                        byte[] leaf = Blob(row, 1);
                        if (leaves.Count > 0 && bytes + leaf.Length > maxBytes)
                            return false;
                        bytes += leaf.Length;
                        leaves.Add(new StoredLeaf(Count(row, 0), leaf, DigestOf(row, 2)));
                        return true;
                    },
                    "SELECT id, leaf, receipt FROM leaf WHERE id >= $1 ORDER BY id LIMIT $2",
                    from,
                    maxCount);
                return leaves;
            },
            cancel);

    /// <inheritdoc/>
    public async ValueTask<byte[]?> FindEvidenceAsync(Digest hash, CancellationToken cancel = default)
        => (await ListAsync(static row => Blob(row, 0), new Query("SELECT blob FROM evidence WHERE hash = $1", hash.ToArray()), cancel)).FirstOrDefault();
}
