using HardwareChat.Relay;
using Microsoft.Extensions.Logging;

namespace HardwareChat.Tools.Tests;

/// <summary>A relay on this machine's loopback, over a folder.</summary>
internal sealed class LocalRelay : IAsyncDisposable
{
    private readonly string _data;
    private RelayApplication? _running;

    private LocalRelay(string data) => _data = data;

    public Uri Address { get; private set; } = new("http://127.0.0.1:0/");

    public string SetupLink { get; private set; } = "";

    public static async Task<LocalRelay> StartAsync(string data)
    {
        Directory.CreateDirectory(data);
        var relay = new LocalRelay(data);
        await relay.StartAsync();
        return relay;
    }

    public async Task StartAsync()
    {
        var options = new RelayOptions { Listen = $"127.0.0.1:{Address.Port}", Data = _data };
        _running = RelayApplication.Build(options, SqliteStore.Open(Path.Combine(_data, "relay.db")), static builder => builder.Logging.ClearProviders());
        await _running.StartAsync();
        Address = _running.Address;
        SetupLink = _running.SetupLink ?? "";
    }

    public async Task StopAsync()
    {
        if (_running is not null)
            await _running.DisposeAsync();
        _running = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
