using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

/// <summary>The answer to a statement.</summary>
/// <param name="Code">Why it was not appended; null if it stands.</param>
/// <param name="Index">Where it stands.</param>
/// <param name="AppendedAt">When it was appended.</param>
[GenerateSerializer]
[Immutable]
internal readonly record struct SubmitReply([property: Id(0)] ErrorCode? Code, [property: Id(1)] ulong Index, [property: Id(2)] ulong AppendedAt);

/// <summary>The one sequencer of the registry.</summary>
internal interface IRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>Appends a statement, if it breaks no rule.</summary>
    /// <param name="statement">The encoded SignedStatement.</param>
    /// <param name="evidence">The evidence that it brought.</param>
    Task<SubmitReply> SubmitAsync(byte[] statement, byte[][] evidence);

    /// <summary>Takes back leaves after a restore: those that bear the relay's receipt and chain on.</summary>
    /// <param name="from">Index of the first.</param>
    /// <param name="leaves">Encoded leaves.</param>
    /// <param name="receipts">Their receipts.</param>
    /// <param name="evidence">The evidence that they name.</param>
    /// <returns>How many were taken.</returns>
    Task<int> OfferAsync(ulong from, byte[][] leaves, byte[][] receipts, byte[][] evidence);
}

/// <summary>Appends statements after the checks that every client makes: the same code.</summary>
internal sealed class RegistryGrain(
    RegistryView registry, IRelayStore store, RelayIdentity identity, ProcessDirectory processes, EvidenceCheck evidenceCheck, RelayTime time) : Grain, IRegistryGrain
{
    /// <inheritdoc/>
    public async Task<SubmitReply> SubmitAsync(byte[] statement, byte[][] evidence)
    {
        var signed = SignedStatement.Decode(statement);
        await registry.CatchUpAsync(CancellationToken.None);
        if (registry.IndexOf(signed.Statement.Id) is { } index)
            return await StandingAsync(index);
        if (await store.IsRestoredAsync())
            return new SubmitReply(ErrorCode.Busy, 0, 0);
        RegistryState state = registry.State;
        if (signed.Statement.Body is Genesis genesis && genesis.RelayKey != identity.PublicKey)
            return new SubmitReply(ErrorCode.Invalid, 0, 0);
        if (signed.Statement.BaseSize > state.Size)
            return new SubmitReply(ErrorCode.Behind, 0, 0);

        var leaf = new RegistryLeaf(signed, Math.Max(time.UnixSeconds(), state.AppendedAt));
        Dictionary<Digest, byte[]> blobs = ByHash(evidence);
        if (Judge(leaf, blobs).Rule is { } rule)
            return new SubmitReply(rule == RegistryRule.Superseded ? ErrorCode.Superseded : ErrorCode.Invalid, 0, 0);
        return await AppendAsync(leaf, NamedBy(leaf, blobs));
    }

    /// <inheritdoc/>
    public async Task<int> OfferAsync(ulong from, byte[][] leaves, byte[][] receipts, byte[][] evidence)
    {
        if (!await store.IsRestoredAsync())
            return 0;
        await registry.CatchUpAsync(CancellationToken.None);
        Dictionary<Digest, byte[]> blobs = ByHash(evidence);
        int taken = 0;
        for (int i = 0; i < leaves.Length; i++)
        {
            ulong index = from + (ulong)i;
            if (index != registry.State.Size)
                continue;
            if (!identity.Receipts.IsOfLeaf(index, MerkleTree.LeafHash(leaves[i]), receipts[i]))
                break;
            // The receipt says that this relay once took the leaf here, not that it fits what is here now; and without its
            // evidence nobody who comes later could read on.
            var leaf = RegistryLeaf.Decode(leaves[i]);
            if (Judge(leaf, blobs).Rule is not null)
                break;
            await store.AppendLeafAsync(new StoredLeaf(index, leaves[i], new Digest(receipts[i])), NamedBy(leaf, blobs));
            await registry.CatchUpAsync(CancellationToken.None);
            taken++;
        }
        if (taken > 0)
            await processes.RegistryGrewAsync();
        return taken;
    }

    private async Task<SubmitReply> AppendAsync(RegistryLeaf leaf, IReadOnlyList<StoredEvidence> evidence)
    {
        byte[] bytes = TlsWriter.Encode(leaf);
        ulong index = registry.State.Size;
        Digest receipt = new(identity.Receipts.OfLeaf(index, MerkleTree.LeafHash(bytes)));
        try
        {
            await store.AppendLeafAsync(new StoredLeaf(index, bytes, receipt), evidence);
        }
        catch (StoreFencedException)
        {
            return new SubmitReply(ErrorCode.Superseded, 0, 0);
        }
        catch (StoreException)
        {
            return new SubmitReply(ErrorCode.Busy, 0, 0);
        }
        await registry.CatchUpAsync(CancellationToken.None);
        await processes.RegistryGrewAsync();
        return new SubmitReply(null, index, leaf.AppendedAt);
    }

    private RegistryVerdict Judge(RegistryLeaf leaf, Dictionary<Digest, byte[]> blobs)
        => RegistryMachine.Apply(registry.State, leaf, new EvidenceJudge(hash => blobs.TryGetValue(hash, out byte[]? blob) ? blob : (ReadOnlyMemory<byte>?)null, evidenceCheck));

    private static Dictionary<Digest, byte[]> ByHash(byte[][] evidence)
    {
        var blobs = new Dictionary<Digest, byte[]>();
        foreach (byte[] blob in evidence)
            blobs[Digest.Of(blob)] = blob;
        return blobs;
    }

    // What nobody asked for is not kept: a blob that the statement does not name would be free storage.
    private static List<StoredEvidence> NamedBy(RegistryLeaf leaf, Dictionary<Digest, byte[]> blobs)
        => [.. leaf.Statement.Statement.Body.NewTokens().Select(static token => token.Evidence).Distinct().Where(blobs.ContainsKey).Select(hash => new StoredEvidence(hash, blobs[hash]))];

    private async Task<SubmitReply> StandingAsync(ulong index)
    {
        IReadOnlyList<StoredLeaf> found = await store.ReadLeavesAsync(index, 1, ProtocolLimits.LeavesPerPageBytes);
        return new SubmitReply(null, index, RegistryLeaf.Decode(found[0].Leaf.Span).AppendedAt);
    }
}
