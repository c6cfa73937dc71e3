using HardwareChat.EndToEnd;

[assembly: AssemblyFixture(typeof(HardwareChat.Relay.Tests.PostgresServer))]

namespace HardwareChat.Relay.Tests;

/// <summary>Debian's PostgreSQL on loopback, for all tests that ask for it; started by the first.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private PostgresProcess? _process;

    /// <summary>A connection string of a new database; skips the test where there can be none.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        Assert.SkipUnless(PostgresProcess.IsInstalled, "PostgreSQL is not installed here (Debian: postgresql)");
        await _starting.WaitAsync();
        try
        {
            _process ??= await PostgresProcess.StartAsync();
        }
        finally
        {
            _starting.Release();
        }
        return await _process.CreateDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _starting.Dispose();
    }
}
