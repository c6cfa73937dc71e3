namespace HardwareChat.Relay;

/// <summary>Opens the store that the options name.</summary>
internal static class RelayStores
{
    /// <summary>The store, ready.</summary>
    public static Task<IRelayStore> OpenAsync(RelayOptions options, CancellationToken cancel) => throw new StoreUnusableException("no store yet");
}
