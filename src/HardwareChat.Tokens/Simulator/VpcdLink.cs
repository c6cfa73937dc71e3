using System.Buffers.Binary;
using System.Net.Sockets;

namespace HardwareChat.Tokens.Simulator;

/// <summary>Puts a simulated card into a virtual reader of vsmartcard (vpcd), so that PC/SC programs meet it as a card.</summary>
/// <remarks>
/// The card connects to the reader. Each message has a length of two bytes, big-endian. One byte from the reader is a control: 0 power
/// off, 1 power on, 2 reset, 4 tell the ATR (the only one answered); anything else is a command APDU. Closing the connection pulls the
/// card out. The wire is neither authenticated nor encrypted, and commands hold PINs: keep it inside one machine.
/// </remarks>
public sealed class VpcdLink : IDisposable
{
    /// <summary>The port of vpcd's first slot.</summary>
    public const int DefaultPort = 0x8C7B;

    private const byte PowerOff = 0;
    private const byte PowerOn = 1;
    private const byte Reset = 2;
    private const byte TellAtr = 4;

    private readonly Socket _socket;
    private readonly SimulatedCard _card;

    /// <summary>A link over a connection to vpcd.</summary>
    /// <param name="connection">Connected; owned by the link from here on.</param>
    /// <param name="card">Stays the caller's.</param>
    public VpcdLink(Socket connection, SimulatedCard card)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(card);
        (_socket, _card) = (connection, card);
    }

    /// <summary>Connects to a virtual reader.</summary>
    /// <exception cref="SocketException">No virtual reader listens there.</exception>
    public static async Task<VpcdLink> ConnectAsync(string host, int port, SimulatedCard card, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(card);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellation).ConfigureAwait(false);
            return new VpcdLink(socket, card);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Serves the reader until it or the card goes away, or <paramref name="cancellation"/> is set.</summary>
    /// <returns>Why it ended: <see cref="CardFault.Removed"/> if the reader left or the card was pulled out, else the scripted fault.</returns>
    public async Task<CardFault> RunAsync(CancellationToken cancellation)
    {
        byte[] message = new byte[ushort.MaxValue];
        try
        {
            while (true)
            {
                int length = await ReceiveAsync(message, cancellation).ConfigureAwait(false);
                byte[]? answer = length == 1 ? Control(message[0]) : await AnswerAsync(message.AsMemory(0, length), cancellation).ConfigureAwait(false);
                Array.Clear(message, 0, length); // it may have been a PIN
                if (answer is not null)
                    await SendAsync(answer, cancellation).ConfigureAwait(false);
            }
        }
        catch (EndOfStreamException)
        {
            return CardFault.Removed;
        }
        catch (SocketException) when (!cancellation.IsCancellationRequested)
        {
            return CardFault.Removed;
        }
        catch (CardChannelException failure)
        {
            return failure.Fault;
        }
        finally
        {
            _socket.Dispose();
        }
    }

    /// <summary>Pulls the card out of the reader.</summary>
    public void Dispose() => _socket.Dispose();

    private byte[]? Control(byte control)
    {
        switch (control)
        {
            case TellAtr:
                return _card.Atr.ToArray();
            case PowerOn:
            case PowerOff:
            case Reset:
                _card.PowerCycle();
                return null;
            default:
                throw new EndOfStreamException("the reader sent a control that there is not");
        }
    }

    // The card blocks while it waits for a touch, so it gets a thread of its own; cancelled, the wait is cut by the owner of the card.
    private Task<byte[]> AnswerAsync(ReadOnlyMemory<byte> command, CancellationToken cancellation) =>
        Task.Run(() => _card.Transmit(command.Span), CancellationToken.None).WaitAsync(cancellation);

    private async Task<int> ReceiveAsync(byte[] message, CancellationToken cancellation)
    {
        await ReceiveExactlyAsync(message.AsMemory(0, sizeof(ushort)), cancellation).ConfigureAwait(false);
        int length = BinaryPrimitives.ReadUInt16BigEndian(message);
        await ReceiveExactlyAsync(message.AsMemory(0, length), cancellation).ConfigureAwait(false);
        return length;
    }

    private async Task ReceiveExactlyAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        while (!buffer.IsEmpty)
        {
            int read = await _socket.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException("the reader closed the connection");
            buffer = buffer[read..];
        }
    }

    private async Task SendAsync(byte[] answer, CancellationToken cancellation)
    {
        byte[] message = new byte[sizeof(ushort) + answer.Length];
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)answer.Length);
        answer.CopyTo(message, sizeof(ushort));
        ReadOnlyMemory<byte> rest = message;
        while (!rest.IsEmpty)
            rest = rest[await _socket.SendAsync(rest, cancellation).ConfigureAwait(false)..];
    }
}
