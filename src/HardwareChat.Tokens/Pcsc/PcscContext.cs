using System.Net.Sockets;

namespace HardwareChat.Tokens.Pcsc;

/// <summary>One conversation with the smart card service: the readers, what is in them, and channels to cards.</summary>
/// <remarks>For one thread, but for <see cref="Cancel"/>. A context dies with the service; make a new one then.</remarks>
public sealed class PcscContext : IDisposable
{
    private const string DefaultSocket = "/run/pcscd/pcscd.comm";
    private const uint MaxWaitMilliseconds = 5_000;

    private readonly PcscLibrary _library;
    private readonly nuint _context;
    private int _released;

    private PcscContext(PcscLibrary library, nuint context)
    {
        _library = library;
        _context = context;
    }

    /// <summary>Opens a conversation.</summary>
    /// <exception cref="CardChannelException">There is no PC/SC library, no service, or no right to use it.</exception>
    public static PcscContext Establish() => Establish(PcscLibrary.Instance);

    internal static PcscContext Establish(PcscLibrary library)
    {
        uint code = library.Establish(out nuint context);
        if (code == PcscFault.NoService && IsServiceClosedToUs())
            code = PcscFault.SecurityViolation;
        return code == PcscLibrary.Success ? new PcscContext(library, context) : throw PcscFault.From(code);
    }

    /// <summary>The readers' names; none is an empty list.</summary>
    public IReadOnlyList<string> ListReaders()
    {
        uint code = _library.ListReaders(_context, out string[] readers);
        return code switch
        {
            PcscLibrary.Success => readers,
            PcscFault.NoReadersAvailable => [],
            _ => throw PcscFault.From(code),
        };
    }

    /// <summary>The readers that hold a card now.</summary>
    public IReadOnlyList<string> ListReadersWithCards() => [.. States(ListReaders()).Where(state => state.HoldsCard).Select(state => state.Name)];

    /// <summary>Opens a channel to the card in a reader, shared with other programs. The channel has a context of its own.</summary>
    /// <exception cref="CardChannelException">The card cannot be reached; <see cref="CardFault.Busy"/> if another program has had it for a moment.</exception>
    public static ICardChannel Open(string reader) => new PcscConnection(reader).Open();

    /// <summary>Connects, for as long as that takes. The channel owns this context, also when it fails.</summary>
    internal PcscChannel Connect(string reader)
    {
        try
        {
            uint code = _library.Connect(_context, reader, out nuint card, out uint protocol);
            if (code != PcscLibrary.Success)
                throw PcscFault.From(code, reader);
            return new PcscChannel(this, _library, card, protocol, reader)
            {
                Atr = _library.ReadAtr(_context, reader),
                TakesExtendedLength = ReaderFeatures.TakesExtendedLength(_library, card),
            };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Blocks until a reader or a card comes or goes after <paramref name="known"/> was read, or until <see cref="Cancel"/>.</summary>
    /// <returns>False if it was cancelled.</returns>
    internal bool WaitForChange(ReaderState[] known, CancellationToken cancellationToken)
    {
        // A Cancel that comes just before the wait begins is lost, so no wait is long.
        while (!cancellationToken.IsCancellationRequested)
        {
            uint code = _library.GetStatusChange(_context, MaxWaitMilliseconds, known);
            if (code == PcscFault.Cancelled)
                return false;
            if (code == PcscLibrary.Success)
                return true;
            if (code != PcscFault.Timeout)
                throw PcscFault.From(code);
        }

        return false;
    }

    /// <summary>The states of the readers now, and of the pseudo reader that reports new ones: what <see cref="WaitForChange"/> begins from.</summary>
    internal ReaderState[] Snapshot()
    {
        ReaderState[] states = States([.. ListReaders(), ReaderState.AnyReader]);
        return [.. states.Select(state => state.Seen)];
    }

    /// <summary>Ends a wait of another thread.</summary>
    internal void Cancel()
    {
        if (Volatile.Read(ref _released) == 0)
            _library.Cancel(_context);
    }

    /// <summary>Ends the conversation.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
            _library.Release(_context);
    }

    // pcsc-lite says "no service" also of a service whose socket this user may not open.
    private static bool IsServiceClosedToUs()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Environment.GetEnvironmentVariable("PCSCLITE_CSOCK_NAME") ?? DefaultSocket));
            return false;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.AccessDenied;
        }
    }

    private ReaderState[] States(IReadOnlyList<string> readers)
    {
        ReaderState[] states = [.. readers.Select(reader => new ReaderState(reader, 0))];
        if (states.Length == 0)
            return states;
        uint code = _library.GetStatusChange(_context, 0, states);
        return code is PcscLibrary.Success or PcscFault.Timeout ? states : throw PcscFault.From(code);
    }
}
