namespace HardwareChat.Relay.Tests.Storage;

/// <summary>The cluster's store keeps the contract.</summary>
public sealed class PostgresContractTests(PostgresServer server) : StoreContract
{
    private string _connection = "";

    protected override async Task PrepareAsync() => _connection = await server.CreateDatabaseAsync();

    protected override async Task<IRelayStore> OpenAsync() => await PostgresStore.OpenAsync(_connection, Cancel);

    protected override Task CleanUpAsync() => Task.CompletedTask;
}
