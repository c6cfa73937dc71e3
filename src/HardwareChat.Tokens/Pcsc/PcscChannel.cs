namespace HardwareChat.Tokens.Pcsc;

/// <summary>A conversation with one card through PC/SC, shared with other programs outside transactions.</summary>
internal sealed class PcscChannel : ICardChannel
{
    // How long a call that another program holds up is awaited before its wait is put to the question again.
    internal static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private readonly PcscContext _context;
    private readonly PcscLibrary _library;
    private readonly nuint _card;
    private readonly BlockingCall<uint> _begin;
    private readonly BlockingCall<(uint Code, uint Protocol)> _reconnect;
    private uint _protocol;
    private bool _disposed;

    internal PcscChannel(PcscContext context, PcscLibrary library, nuint card, uint protocol, string reader)
    {
        (_context, _library, _card, _protocol, ReaderName) = (context, library, card, protocol, reader);
        _begin = new BlockingCall<uint>(
            () => library.BeginTransaction(card),
            code =>
            {
                if (code == PcscLibrary.Success)
                    library.EndTransaction(card);
            });
        _reconnect = new BlockingCall<(uint Code, uint Protocol)>(() => (library.Reconnect(card, out uint renewed), renewed), _ => { });
    }

    public string ReaderName { get; }

    public ReadOnlyMemory<byte> Atr { get; init; }

    public bool TakesExtendedLength { get; init; }

    public int Transmit(ReadOnlySpan<byte> command, Span<byte> response)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Check(_library.Transmit(_card, _protocol, command, response, out int received));

        // A reader whose card was pulled out under the command may say "done", with nothing to show for it.
        return received > 0 ? received : throw PcscFault.From(PcscFault.CardUnresponsive, ReaderName);
    }

    public IDisposable BeginTransaction()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Check(_begin.Await(Moment) ?? PcscFault.SharingViolation);
        return new Held(this);
    }

    public void Reconnect()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        (uint code, uint protocol) = _reconnect.Await(Moment) ?? (PcscFault.SharingViolation, 0);
        Check(code);
        _protocol = protocol;
    }

    // A call that another program still holds up ends by itself, and closes the conversation then.
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _begin.WhenIdle(() => _reconnect.WhenIdle(Close));
    }

    private void Close()
    {
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
