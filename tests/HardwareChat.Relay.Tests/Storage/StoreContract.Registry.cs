namespace HardwareChat.Relay.Tests.Storage;

/// <content>The registry's log and evidence.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task Leaves_are_appended_in_order_each_index_once()
    {
        Assert.Empty(await Store.ReadLeavesAsync(0, 10, Plenty, Cancel));
        for (ulong i = 0; i < 5; i++)
            await Store.AppendLeafAsync(new StoredLeaf(i, Bytes($"leaf {i}"), Name($"receipt {i}")), [], Cancel);
        await Assert.ThrowsAsync<StoreFencedException>(() => Store.AppendLeafAsync(new StoredLeaf(4, Bytes("again"), Name("r")), [], Cancel));
        await Assert.ThrowsAsync<StoreFencedException>(() => Store.AppendLeafAsync(new StoredLeaf(6, Bytes("beyond"), Name("r")), [], Cancel));
        IReadOnlyList<StoredLeaf> leaves = await Store.ReadLeavesAsync(1, 10, Plenty, Cancel);
        Assert.Equal(["leaf 1", "leaf 2", "leaf 3", "leaf 4"], leaves.Select(static leaf => Text(leaf.Leaf)));
        Assert.Equal([1UL, 2UL, 3UL, 4UL], leaves.Select(static leaf => leaf.Index));
        Assert.Equal(Name("receipt 1"), leaves[0].Receipt);
        Assert.Equal(2, (await Store.ReadLeavesAsync(0, 2, Plenty, Cancel)).Count);
        Assert.Equal(2, (await Store.ReadLeavesAsync(0, 10, 13, Cancel)).Count);
        Assert.Single(await Store.ReadLeavesAsync(0, 10, 1, Cancel));
        Assert.Empty(await Store.ReadLeavesAsync(ulong.MaxValue, 10, Plenty, Cancel));
    }

    [Fact]
    public async Task Of_two_registries_at_one_index_one_is_fenced()
    {
        for (ulong i = 0; i < 10; i++)
        {
            Task[] both = [.. Enumerable.Range(0, 2).Select(side => Store.AppendLeafAsync(new StoredLeaf(i, Bytes($"side {side}"), Name("r")), [], Cancel))];
            await AssertOneIsTakenAsync(both);
        }
        Assert.Equal(10, (await Store.ReadLeavesAsync(0, 100, Plenty, Cancel)).Count);
    }

    [Fact]
    public async Task Evidence_is_found_by_its_hash_and_comes_with_its_leaf_only()
    {
        var evidence = new StoredEvidence(Name("chain"), Bytes("chain"));
        await Assert.ThrowsAsync<StoreFencedException>(() => Store.AppendLeafAsync(new StoredLeaf(1, Bytes("leaf"), Name("r")), [evidence], Cancel));
        Assert.Null(await Store.FindEvidenceAsync(evidence.Hash, Cancel));
        await Store.AppendLeafAsync(new StoredLeaf(0, Bytes("leaf"), Name("r")), [evidence], Cancel);
        await Store.AppendLeafAsync(new StoredLeaf(1, Bytes("leaf"), Name("r")), [evidence], Cancel);
        Assert.Equal("chain", Text(await Store.FindEvidenceAsync(evidence.Hash, Cancel)));
        Assert.Null(await Store.FindEvidenceAsync(Name("other"), Cancel));
    }
}
