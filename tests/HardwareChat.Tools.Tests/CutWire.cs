using System.Net;
using System.Net.Sockets;

namespace HardwareChat.Tools.Tests;

/// <summary>A wire to a relay that is cut once: when the relay answers a statement with its evidence, the answer is lost, and so is the connection.</summary>
internal sealed class CutWire : IAsyncDisposable
{
    // What a client sends besides is much smaller than a statement with a chain of certificates.
    private const int Statement = 1500;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private readonly int _relay;
    private bool _isCut;

    public CutWire(int relay)
    {
        _relay = relay;
        _listener.Start();
        _running = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _running;
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        var carried = new List<Task>();
        try
        {
            while (true)
                carried.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(carried);
        }
    }

    private async Task CarryAsync(TcpClient accepted)
    {
        using TcpClient client = accepted;
        using var relay = new TcpClient();
        await relay.ConnectAsync(IPAddress.Loopback, _relay, _end.Token);
        bool wasSent = false;
        Task there = PumpAsync(client, relay, length =>
        {
            wasSent |= length > Statement && !_isCut;
            return true;
        });
        Task back = PumpAsync(relay, client, _ =>
        {
            _isCut |= wasSent;
            return !wasSent;
        });
        await Task.WhenAny(there, back);
        client.Close();
        relay.Close();
        await Task.WhenAll(there, back);
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, Func<int, bool> passes)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _end.Token) is > 0 and int length && passes(length))
                await to.GetStream().WriteAsync(buffer.AsMemory(0, length), _end.Token);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The other side is gone.
        }
    }
}
