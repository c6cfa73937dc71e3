using System.Net.Sockets;

namespace HardwareChat.Tools.Tests;

/// <summary>What a client of pcscd meets where polkit refuses it: the connection is closed before a word is said.</summary>
internal sealed class RefusingService : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _refusing;

    public RefusingService(string path)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _refusing = RefuseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _refusing;
    }

    private async Task RefuseAsync()
    {
        try
        {
            while (true)
                (await _listener.AcceptAsync()).Dispose();
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // It was disposed of.
        }
    }
}
