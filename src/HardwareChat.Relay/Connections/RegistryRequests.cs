using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

/// <summary>The requests about the registry.</summary>
internal sealed class RegistryRequests(IRelayStore store, RegistryView registry, IGrainFactory grains, ConnectionTable connections, RelayTime time)
{
    /// <summary>A page of leaves, and the signed head.</summary>
    public async ValueTask<FrameBody?> LeavesAsync(GetLeaves get)
    {
        // The head first: what follows it in the store may be there already, and is not signed yet.
        RegistryState state = registry.State;
        ReadOnlyMemory<byte> checkpoint = registry.Checkpoint;
        int rest = get.From >= state.Size ? 0 : (int)Math.Min(state.Size - get.From, ProtocolLimits.ItemsPerPage);
        IReadOnlyList<StoredLeaf> page = rest == 0 ? [] : await store.ReadLeavesAsync(get.From, rest, ProtocolLimits.LeavesPerPageBytes * 3 / 4);
        return new Leaves(get.From, [.. page.Select(static leaf => new ReceiptedLeaf(leaf.Leaf, leaf.Receipt))], checkpoint);
    }

    /// <summary>An evidence blob.</summary>
    public async ValueTask<FrameBody?> EvidenceAsync(GetEvidence get)
        => await store.FindEvidenceAsync(get.Hash) is { } blob ? new EvidenceFrame(blob) : new ErrorFrame(ErrorCode.Refused, 0);

    /// <summary>Appends a statement; a guest's only its own enrolment.</summary>
    public async ValueTask<FrameBody?> SubmitAsync(ClientConnection client, SubmitStatement submit)
    {
        if (client.IsGuest ? !IsOwnEnrolment(client, submit.Statement) : !connections.RateOf(client).TryStatement(time.Milliseconds()))
            return new ErrorFrame(client.IsGuest ? ErrorCode.Refused : ErrorCode.Busy, 0);
        SubmitReply reply = await grains.GetGrain<IRegistryGrain>(0).SubmitAsync(TlsWriter.Encode(submit.Statement), [.. submit.Evidence.Select(static blob => blob.ToArray())]);
        if (reply.Code is { } code)
            return new ErrorFrame(code, 0);
        await registry.CatchUpAsync(CancellationToken.None);
        return new Submitted(reply.Index, reply.AppendedAt, registry.Checkpoint);
    }

    /// <summary>Takes back leaves after a restore.</summary>
    public async ValueTask<FrameBody?> OfferAsync(OfferLeaves offer)
    {
        byte[][] leaves = [.. offer.Items.Select(static item => item.Leaf.ToArray())];
        byte[][] receipts = [.. offer.Items.Select(static item => item.Receipt.ToArray())];
        return new Offered((uint)await grains.GetGrain<IRegistryGrain>(0).OfferAsync(offer.From, leaves, receipts, [.. offer.Evidence.Select(static blob => blob.ToArray())]));
    }

    // With the setup code, before there is a registry: its genesis. With an invite: the enrolment that it signed.
    private bool IsOwnEnrolment(ClientConnection client, SignedStatement statement)
    {
        if (registry.State.Size == 0)
            return statement.Statement.Body is Genesis;
        Digest invite = KeyHash.Of(client.InviteKey!.Value.ToArray()).Value;
        return statement.Statement.Body is Enrol && statement.Signatures.Any(signature => signature.Signer == invite);
    }
}
