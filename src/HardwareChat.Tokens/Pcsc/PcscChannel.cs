namespace HardwareChat.Tokens.Pcsc;

/// <summary>A conversation with one card through PC/SC, shared with other programs outside transactions.</summary>
internal sealed class PcscChannel : ICardChannel
{
    private readonly PcscContext _context;
    private readonly PcscLibrary _library;
    private readonly nuint _card;
    private uint _protocol;
    private bool _disposed;

    private PcscChannel(PcscContext context, PcscLibrary library, nuint card, uint protocol, string reader)
    {
        (_context, _library, _card, _protocol, ReaderName) = (context, library, card, protocol, reader);
    }

    public string ReaderName { get; }

    public ReadOnlyMemory<byte> Atr { get; private set; }

    public static PcscChannel ConnectOwned(PcscContext context, PcscLibrary library, nuint handle, string reader)
    {
        uint code = library.Connect(handle, reader, out nuint card, out uint protocol);
        if (code != PcscLibrary.Success)
            throw PcscFault.From(code, reader);
        return new PcscChannel(context, library, card, protocol, reader) { Atr = library.ReadAtr(handle, reader) };
    }

    public int Transmit(ReadOnlySpan<byte> command, Span<byte> response)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Check(_library.Transmit(_card, _protocol, command, response, out int received));
        return received;
    }

    public IDisposable BeginTransaction()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Check(_library.BeginTransaction(_card));
        return new Held(this);
    }

    public void Reconnect()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Check(_library.Reconnect(_card, out _protocol));
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _library.Disconnect(_card);
        _context.Dispose();
    }

    private void Check(uint code)
    {
        if (code != PcscLibrary.Success)
            throw PcscFault.From(code, ReaderName);
    }

    // The code of ending is not looked at: after a removal or reset there is no transaction left to end, and the command before it has said so.
    private sealed class Held(PcscChannel channel) : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            if (_ended || channel._disposed)
                return;
            _ended = true;
            channel._library.EndTransaction(channel._card);
        }
    }
}
