using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>The requests about key packages.</summary>
internal sealed class KeyPackageRequests(IRelayStore store, RegistryView registry, ConnectionTable connections, RelayOptions options, RelayTime time)
{
    /// <summary>Adds to the token's own stock, or replaces it.</summary>
    public async ValueTask<FrameBody?> PublishAsync(ClientConnection client, PublishKeyPackages publish)
        => await store.PublishKeyPackagesAsync(client.Token, publish, options.Limits.KeyPackagesPerToken) ? new Done() : new ErrorFrame(ErrorCode.TooLarge, 0);

    /// <summary>Takes one package of every token of these users.</summary>
    /// <remarks>Who takes many empties others' stocks, so it is counted; what is left then is the last resort.</remarks>
    public async ValueTask<FrameBody?> FetchAsync(ClientConnection client, FetchKeyPackages fetch)
    {
        RegistryState state = registry.State;
        RequestRate rate = connections.RateOf(client);
        var items = new List<TokenKeyPackage>();
        foreach (Handle handle in fetch.Handles.Distinct())
        {
            foreach (TokenId token in state.User(handle)?.Tokens ?? [])
            {
                if (state.Token(token)!.IsRevokedAt(state.Size))
                    continue;
                if (!rate.TryPackage(time.Milliseconds()))
                    return items.Count == 0 ? new ErrorFrame(ErrorCode.Busy, 60) : new KeyPackages(items);
                items.Add(new TokenKeyPackage(token, await store.TakeKeyPackageAsync(token)));
            }
        }
        return new KeyPackages(items);
    }

    /// <summary>What the token's own stock holds.</summary>
    public async ValueTask<FrameBody?> CountAsync(ClientConnection client) => await store.CountKeyPackagesAsync(client.Token);
}
