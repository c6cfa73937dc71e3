namespace HardwareChat.Relay;

/// <summary>Opens the store that the options name.</summary>
internal static class RelayStores
{
    /// <summary>The file of the embedded store, in the data folder.</summary>
    public static string FileOf(RelayOptions options) => Path.Combine(options.Data, "relay.db");

    /// <summary>The store, ready.</summary>
    /// <exception cref="StoreException">It cannot be used.</exception>
    public static async Task<IRelayStore> OpenAsync(RelayOptions options)
        => options.Cluster is { } cluster ? await PostgresStore.OpenAsync(cluster) : SqliteStore.Open(FileOf(options));
}
