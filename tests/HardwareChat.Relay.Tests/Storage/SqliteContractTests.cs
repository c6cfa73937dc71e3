namespace HardwareChat.Relay.Tests.Storage;

/// <summary>The embedded store keeps the contract.</summary>
public sealed class SqliteContractTests : StoreContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-store-").FullName;

    protected override Task PrepareAsync() => Task.CompletedTask;

    protected override Task<IRelayStore> OpenAsync() => Task.FromResult<IRelayStore>(SqliteStore.Open(Path.Combine(_folder, "relay.db")));

    protected override Task CleanUpAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }
}
