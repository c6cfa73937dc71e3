using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace HardwareChat.EndToEnd;

/// <summary>Debian's PostgreSQL in a folder of its own, on loopback.</summary>
public sealed class PostgresProcess : IAsyncDisposable
{
    private const string Installed = "/usr/lib/postgresql";

    private readonly string _folder;
    private readonly string _programs;
    private readonly string _addresses;
    private readonly int _port;
    private int _databases;

    private PostgresProcess(string folder, string programs, string addresses, int port) => (_folder, _programs, _addresses, _port) = (folder, programs, addresses, port);

    /// <summary>Whether PostgreSQL is installed here.</summary>
    public static bool IsInstalled => Programs is not null;

    private static string? Programs => !Directory.Exists(Installed)
        ? null
        : Directory.GetDirectories(Installed).Select(static version => Path.Combine(version, "bin")).LastOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb")));

    private string DataFolder => Path.Combine(_folder, "data");

    /// <summary>Starts one.</summary>
    /// <param name="network">An address to listen on besides loopback, whose neighbours are let in; null for none.</param>
    public static async Task<PostgresProcess> StartAsync(string? network = null)
    {
        string folder = Directory.CreateTempSubdirectory("hwchat-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            using var chown = Process.Start("chown", ["postgres", folder]);
            await chown.WaitForExitAsync();
        }
        var server = new PostgresProcess(folder, Programs ?? throw new InvalidOperationException("PostgreSQL is not installed."), network is null ? "127.0.0.1" : $"127.0.0.1,{network}", FreePort());
        await server.RunAsync("initdb", "-D", server.DataFolder, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync");
        if (network is not null)
            await File.AppendAllTextAsync(Path.Combine(server.DataFolder, "pg_hba.conf"), "host all all samenet trust\n");
        await server.LaunchAsync();
        return server;
    }

    /// <summary>A connection string of a new database.</summary>
    public async Task<string> CreateDatabaseAsync(string host = "127.0.0.1")
    {
        string name = $"relay{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionTo("postgres", "127.0.0.1"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionTo(name, host);
    }

    /// <summary>Ends the server as a crash would, and starts it again.</summary>
    public async Task RestartAsync()
    {
        await RunAsync("pg_ctl", "-s", "-D", DataFolder, "-m", "immediate", "-w", "stop");
        await LaunchAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await RunAsync("pg_ctl", "-s", "-D", DataFolder, "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string ConnectionTo(string database, string host) => $"Host={host};Port={_port};Username=postgres;Database={database};Timeout=10;Maximum Pool Size=10";

    private Task LaunchAsync()
        => RunAsync("pg_ctl", "-s", "-D", DataFolder, "-l", Path.Combine(_folder, "log"), "-o", $"-p {_port} -c listen_addresses={_addresses} -c unix_socket_directories={_folder} -c max_connections=200", "-w", "start");

    // PostgreSQL refuses to run as root.
    private async Task RunAsync(string program, params string[] arguments)
    {
        string path = Path.Combine(_programs, program);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = "/";
        start.RedirectStandardOutput = program == "initdb";
        using var process = Process.Start(start)!;
        if (start.RedirectStandardOutput)
            await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}
