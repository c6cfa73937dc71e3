using System.Net.Sockets;

namespace HardwareChat.Tokens.Simulator.Touch;

/// <summary>Lets another process of the same user press a card's button: a Unix socket beside the card's state.</summary>
/// <remarks>
/// Each connection is one press. It is answered with one byte: 1 if the card was waiting for a touch, 0 if it was not. The
/// folder's permissions decide who may connect.
/// </remarks>
public sealed class TouchSocket : IAsyncDisposable
{
    private static readonly byte[] Touched = [1];
    private static readonly byte[] NotWanted = [0];

    private readonly string _path;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    /// <summary>Listens at <paramref name="path"/> until disposed; a socket file that a crash left there is replaced.</summary>
    /// <exception cref="IOException">The socket cannot be made there.</exception>
    public TouchSocket(string path, TouchButton button)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(button);
        _path = path;
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(path);
            _listener.Bind(EndPoint(path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen();
        }
        catch (SocketException failure)
        {
            _listener.Dispose();
            _stopping.Dispose();
            throw new IOException($"cannot listen for touches at {path}", failure);
        }
        _accepting = AcceptAsync(button);
    }

    /// <summary>Presses the button of the card that listens at <paramref name="path"/>.</summary>
    /// <returns>Whether the card was waiting for a touch.</returns>
    /// <exception cref="IOException">No card listens there.</exception>
    public static async Task<bool> PressAsync(string path, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        byte[] answer = new byte[1];
        try
        {
            await socket.ConnectAsync(EndPoint(path), cancellation).ConfigureAwait(false);
            int read = await socket.ReceiveAsync(answer, cancellation).ConfigureAwait(false);
            return read == 1 ? answer[0] == Touched[0] : throw new IOException($"the card at {path} gave no answer");
        }
        catch (SocketException failure)
        {
            throw new IOException($"no simulated card waits for touches at {path}", failure);
        }
    }

    /// <summary>Stops listening and removes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _listener.Dispose();
        _stopping.Dispose();
        File.Delete(_path);
    }

    private static UnixDomainSocketEndPoint EndPoint(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException failure)
        {
            throw new IOException($"the path of the touch socket is too long: {path}", failure);
        }
    }

    private async Task AcceptAsync(TouchButton button)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using Socket connection = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                await connection.SendAsync(button.Press() ? Touched : NotWanted, _stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException) when (!_stopping.IsCancellationRequested)
            {
                // The other side left before it had its answer: its own affair.
            }
        }
    }
}
