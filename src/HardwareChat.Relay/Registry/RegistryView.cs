using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

/// <summary>The registry has grown.</summary>
/// <param name="State">What it says now.</param>
/// <param name="Checkpoint">The signed head.</param>
/// <param name="Out">Tokens whose channels end with this: revoked, or signed out.</param>
internal sealed record RegistryAdvance(RegistryState State, ReadOnlyMemory<byte> Checkpoint, IReadOnlyList<TokenId> Out);

/// <summary>This process's view of the registry: the same for every connection and room in it, and replaced as a whole.</summary>
internal sealed class RegistryView(RelayIdentity identity, IRelayStore store) : IDisposable
{
    private const int PageLeaves = 1024;
    private const int PageBytes = 1024 * 1024;

    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly Dictionary<StatementId, ulong> _indices = [];
    private volatile View _view = new(RegistryState.Empty, ReadOnlyMemory<byte>.Empty, null);

    /// <summary>Called after the view has moved, by whoever moved it.</summary>
    public event Action<RegistryAdvance>? Advanced;

    /// <summary>What the registry says.</summary>
    public RegistryState State => _view.State;

    /// <summary>The signed head; empty before the genesis.</summary>
    public ReadOnlyMemory<byte> Checkpoint => _view.Checkpoint;

    /// <summary>The newest relay statement; null while the genesis's relay key stands.</summary>
    public SignedStatement? Succession => _view.Succession;

    /// <summary>Where a statement stands; null if it does not.</summary>
    public ulong? IndexOf(StatementId statement)
    {
        lock (_indices)
            return _indices.TryGetValue(statement, out ulong index) ? index : null;
    }

    /// <summary>Reads what the store holds beyond the view: at the start, and whenever another process may have appended.</summary>
    /// <exception cref="StoreUnusableException">A leaf is not one that this relay has taken, or breaks a rule.</exception>
    public async Task CatchUpAsync(CancellationToken cancel)
    {
        await _reading.WaitAsync(cancel);
        try
        {
            View before = _view;
            View view = before;
            var gone = new List<TokenId>();
            while (true)
            {
                IReadOnlyList<StoredLeaf> page = await store.ReadLeavesAsync(view.State.Size, PageLeaves, PageBytes, cancel);
                if (page.Count == 0)
                    break;
                foreach (StoredLeaf stored in page)
                    view = Take(view, stored, gone);
            }
            if (!ReferenceEquals(view, before))
                Move(view, gone);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    private View Take(View view, StoredLeaf stored, List<TokenId> gone)
    {
        if (!identity.Receipts.IsOfLeaf(stored.Index, MerkleTree.LeafHash(stored.Leaf.Span), stored.Receipt.ToArray()))
            throw new StoreUnusableException($"registry leaf {stored.Index} does not bear this relay's receipt");
        RegistryLeaf leaf;
        RegistryVerdict verdict;
        try
        {
            leaf = RegistryLeaf.Decode(stored.Leaf.Span);

            // The relay judged the evidence when it took the leaf, and its receipt says so.
            verdict = RegistryMachine.Apply(view.State, leaf, EvidenceJudge.AlreadyJudged);
        }
        catch (DecodeException e)
        {
            throw new StoreUnusableException($"registry leaf {stored.Index} is malformed", e);
        }
        if (verdict.State is not { } next)
            throw new StoreUnusableException($"registry leaf {stored.Index} breaks the rule {verdict.Rule}");
        lock (_indices)
            _indices[leaf.Statement.Statement.Id] = stored.Index;
        gone.AddRange(next.LastPutOut);
        return new View(next, default, leaf.Statement.Statement.Body is RelayChange ? leaf.Statement : view.Succession);
    }

    private void Move(View view, IReadOnlyList<TokenId> gone)
    {
        RegistryState state = view.State;
        byte[] checkpoint = Protocol.Checkpoint.Of(state.Id, state.Size, state.Root).Sign(identity.RelayKey).Encode();
        _view = view with { Checkpoint = checkpoint };
        Advanced?.Invoke(new RegistryAdvance(state, checkpoint, gone));
    }

    private sealed record View(RegistryState State, ReadOnlyMemory<byte> Checkpoint, SignedStatement? Succession);
}
