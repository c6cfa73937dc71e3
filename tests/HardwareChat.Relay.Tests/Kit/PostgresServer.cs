using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

[assembly: AssemblyFixture(typeof(HardwareChat.Relay.Tests.PostgresServer))]

namespace HardwareChat.Relay.Tests;

/// <summary>Debian's PostgreSQL on loopback, for all tests that ask for it; started by the first.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private string? _folder;
    private string? _programs;
    private int _port;
    private int _databases;

    /// <summary>A connection string of a new database; skips the test where there can be none.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_folder is null)
                await StartAsync();
            string name = $"relay{++_databases}";
            await using var connection = new NpgsqlConnection(ConnectionTo("postgres"));
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
            await command.ExecuteNonQueryAsync();
            return ConnectionTo(name);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Ends the server as a crash would, and starts it again.</summary>
    public async Task RestartAsync()
    {
        Assert.Equal(0, await RunAsync("pg_ctl", "-s", "-D", DataFolder, "-m", "immediate", "-w", "stop"));
        await LaunchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            await RunAsync("pg_ctl", "-s", "-D", DataFolder, "-m", "immediate", "-w", "stop");
            Directory.Delete(_folder, recursive: true);
        }
        _starting.Dispose();
    }

    private string DataFolder => Path.Combine(_folder!, "data");

    private string ConnectionTo(string database) => $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database};Timeout=10;Maximum Pool Size=10";

    private async Task StartAsync()
    {
        const string Programs = "/usr/lib/postgresql";
        _programs = Directory.Exists(Programs) ? Directory.GetDirectories(Programs).Select(static version => Path.Combine(version, "bin")).LastOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb"))) : null;
        Assert.SkipUnless(_programs is not null, "PostgreSQL is not installed here (Debian: postgresql)");
        _folder = Directory.CreateTempSubdirectory("hwchat-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            using var chown = Process.Start("chown", ["postgres", _folder]);
            await chown.WaitForExitAsync();
        }
        Assert.Equal(0, await RunAsync("initdb", "-D", DataFolder, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"));
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            _port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        await LaunchAsync();
    }

    private async Task LaunchAsync()
        => Assert.Equal(0, await RunAsync("pg_ctl", "-s", "-D", DataFolder, "-l", Path.Combine(_folder!, "log"), "-o", $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c max_connections=200", "-w", "start"));

    // PostgreSQL refuses to run as root.
    private async Task<int> RunAsync(string program, params string[] arguments)
    {
        string path = Path.Combine(_programs!, program);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = "/";
        start.RedirectStandardOutput = program == "initdb";
        using var process = Process.Start(start)!;
        if (start.RedirectStandardOutput)
            await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
