using System.Buffers.Binary;
using System.Net.Sockets;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Tests.Foreign;

namespace HardwareChat.Tools.Tests;

/// <summary>A card that is no YubiKey, in the reader's first slot: it answers every command with the same bytes, or not at all.</summary>
/// <remarks>vpcd's protocol is told in <see cref="VpcdLink"/>.</remarks>
internal sealed class StrangeCard : IAsyncDisposable
{
    private const byte TellAtr = 4;

    // A card without anything to tell of itself (ISO/IEC 7816-3).
    private static readonly byte[] Atr = [0x3B, 0x80, 0x80, 0x01, 0x01];

    // What "no-piv" and the others answer.
    private static readonly Dictionary<string, byte[]?> Answers = new()
    {
        ["no-piv"] = [0x6A, 0x82],
        ["garbage"] = [0x01],
        ["mute"] = null,
    };

    private readonly Socket _reader;
    private readonly byte[]? _answer;
    private readonly Task _serving;

    private StrangeCard(Socket reader, byte[]? answer)
    {
        (_reader, _answer) = (reader, answer);
        _serving = ServeAsync();
    }

    public static async Task<StrangeCard> InsertAsync(VirtualReader reader, string what)
    {
        var card = new StrangeCard(
            NetworkNamespace.ConnectLoopback(reader.ServiceProcess, VpcdLink.DefaultPort, TimeSpan.FromSeconds(20)), Answers[what]);
        await VirtualReader.WaitAsync(cardPresent: true);
        return card;
    }

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await _serving;
        await VirtualReader.WaitAsync(cardPresent: false);
    }

    private async Task ServeAsync()
    {
        byte[] header = new byte[sizeof(ushort)];
        try
        {
            while (true)
            {
                await ReceiveAsync(header);
                byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(header)];
                await ReceiveAsync(message);
                if (message.Length == 1 && message[0] != TellAtr)
                    continue;
                byte[]? answer = message.Length == 1 ? Atr : _answer;
                if (answer is null)
                {
                    _reader.Dispose(); // it leaves the reader in mid-command
                    return;
                }
                byte[] reply = new byte[sizeof(ushort) + answer.Length];
                BinaryPrimitives.WriteUInt16BigEndian(reply, (ushort)answer.Length);
                answer.CopyTo(reply, sizeof(ushort));
                await _reader.SendAsync(reply);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or EndOfStreamException)
        {
            // It was taken out.
        }
    }

    private async Task ReceiveAsync(Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read = await _reader.ReceiveAsync(buffer);
            buffer = read > 0 ? buffer[read..] : throw new EndOfStreamException();
        }
    }
}
