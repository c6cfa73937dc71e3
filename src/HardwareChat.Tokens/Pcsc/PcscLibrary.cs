using System.Runtime.InteropServices;

namespace HardwareChat.Tokens.Pcsc;

/// <summary>The functions of the system's PC/SC library, or of whatever else exports them: the codes come back as they are.</summary>
/// <remarks>What differs by platform is in <see cref="PcscLayout"/>.</remarks>
internal sealed unsafe class PcscLibrary
{
    public const uint Success = 0;

    private const nuint ScopeSystem = 2;
    private const nuint ShareShared = 2;
    private const nuint AnyProtocol = 3;

    // A list of readers may grow between the question for its length and the question for it.
    private const int ListAttempts = 4;

    private static readonly Lazy<PcscLibrary?> Loaded = new(Load);

    private readonly PcscLayout _layout;
    private readonly delegate* unmanaged<nuint, nint, nint, nuint*, nint> _establish;
    private readonly delegate* unmanaged<nuint, nint> _release;
    private readonly delegate* unmanaged<nuint, byte*, byte*, nuint*, nint> _listReaders;
    private readonly delegate* unmanaged<nuint, nuint, byte*, nuint, nint> _getStatusChange;
    private readonly delegate* unmanaged<nuint, nint> _cancel;
    private readonly delegate* unmanaged<nuint, byte*, nuint, nuint, nuint*, nuint*, nint> _connect;
    private readonly delegate* unmanaged<nuint, nuint, nuint, nuint, nuint*, nint> _reconnect;
    private readonly delegate* unmanaged<nuint, nuint, nint> _disconnect;
    private readonly delegate* unmanaged<nuint, nint> _beginTransaction;
    private readonly delegate* unmanaged<nuint, nuint, nint> _endTransaction;
    private readonly delegate* unmanaged<nuint, byte*, byte*, nuint, byte*, byte*, nuint*, nint> _transmit;
    private readonly delegate* unmanaged<nuint, nuint, byte*, nuint, byte*, nuint, nuint*, nint> _control;

    /// <summary>A library.</summary>
    /// <param name="export">The address of a function by its name.</param>
    /// <param name="layout">How that library lays out its structures.</param>
    internal PcscLibrary(Func<string, nint> export, PcscLayout layout)
    {
        _layout = layout;
        string wide = layout.IsWide ? "W" : "";
        _establish = (delegate* unmanaged<nuint, nint, nint, nuint*, nint>)export("SCardEstablishContext");
        _release = (delegate* unmanaged<nuint, nint>)export("SCardReleaseContext");
        _listReaders = (delegate* unmanaged<nuint, byte*, byte*, nuint*, nint>)export("SCardListReaders" + wide);
        _getStatusChange = (delegate* unmanaged<nuint, nuint, byte*, nuint, nint>)export("SCardGetStatusChange" + wide);
        _cancel = (delegate* unmanaged<nuint, nint>)export("SCardCancel");
        _connect = (delegate* unmanaged<nuint, byte*, nuint, nuint, nuint*, nuint*, nint>)export("SCardConnect" + wide);
        _reconnect = (delegate* unmanaged<nuint, nuint, nuint, nuint, nuint*, nint>)export("SCardReconnect");
        _disconnect = (delegate* unmanaged<nuint, nuint, nint>)export("SCardDisconnect");
        _beginTransaction = (delegate* unmanaged<nuint, nint>)export("SCardBeginTransaction");
        _endTransaction = (delegate* unmanaged<nuint, nuint, nint>)export("SCardEndTransaction");
        _transmit = (delegate* unmanaged<nuint, byte*, byte*, nuint, byte*, byte*, nuint*, nint>)export("SCardTransmit");
        _control = (delegate* unmanaged<nuint, nuint, byte*, nuint, byte*, nuint, nuint*, nint>)export(layout.ControlFunction);
    }

    /// <summary>The library of this system.</summary>
    /// <exception cref="CardChannelException"><see cref="CardFault.NotInstalled"/>.</exception>
    public static PcscLibrary Instance => Loaded.Value ?? throw PcscFault.NotInstalled();

    public uint Establish(out nuint context)
    {
        nuint created = 0;
        uint code = Code(_establish(ScopeSystem, 0, 0, &created));
        context = created;
        return code;
    }

    public uint Release(nuint context) => Code(_release(context));

    public uint Cancel(nuint context) => Code(_cancel(context));

    public uint ListReaders(nuint context, out string[] readers)
    {
        readers = [];
        uint code = Success;
        for (int attempt = 0; attempt < ListAttempts; attempt++)
        {
            nuint length = 0;
            code = Code(_listReaders(context, null, null, &length));
            if (code != Success)
                return code;
            int unit = _layout.IsWide ? 2 : 1;
            byte[] names = new byte[checked((int)Low(length) * unit)];
            fixed (byte* names0 = names)
                code = Code(_listReaders(context, null, names0, &length));
            if (code == Success)
                readers = _layout.Names.GetString(names, 0, Math.Min(names.Length, checked((int)Low(length) * unit))).Split('\0', StringSplitOptions.RemoveEmptyEntries);
            if (code != PcscFault.InsufficientBuffer)
                break;
        }

        return code;
    }

    /// <summary>Waits until one of the readers is in another state than given, and updates the states.</summary>
    /// <param name="context">The context; another thread may <see cref="Cancel"/> it.</param>
    /// <param name="milliseconds">How long to wait; 0 asks for the states now.</param>
    /// <param name="readers">Names and last known states.</param>
    public uint GetStatusChange(nuint context, uint milliseconds, Span<ReaderState> readers)
    {
        int size = _layout.ReaderStateSize;
        byte[] states = new byte[Math.Max(1, size * readers.Length)];
        var names = new GCHandle[readers.Length];
        try
        {
            for (int i = 0; i < readers.Length; i++)
            {
                names[i] = GCHandle.Alloc(_layout.Encode(readers[i].Name), GCHandleType.Pinned);
                Span<byte> state = states.AsSpan(i * size, size);
                nint name = names[i].AddrOfPinnedObject();
                MemoryMarshal.Write(state, in name);
                _layout.WriteDword(state[_layout.CurrentStateOffset..], readers[i].State);
            }

            uint code;
            fixed (byte* states0 = states)
                code = Code(_getStatusChange(context, milliseconds, states0, (nuint)readers.Length));
            for (int i = 0; i < readers.Length && code == Success; i++)
            {
                ReadOnlySpan<byte> state = states.AsSpan(i * size, size);
                int length = (int)Math.Min(_layout.ReadDword(state[_layout.AtrLengthOffset..]), (uint)_layout.AtrRoom);
                readers[i] = readers[i] with
                {
                    State = _layout.ReadDword(state[_layout.EventStateOffset..]),
                    Atr = state.Slice(_layout.AtrOffset, length).ToArray(),
                };
            }

            return code;
        }
        finally
        {
            foreach (GCHandle name in names.Where(name => name.IsAllocated))
                name.Free();
        }
    }

    /// <summary>The answer to reset of the card in a reader; empty if it has gone meanwhile.</summary>
    public ReadOnlyMemory<byte> ReadAtr(nuint context, string reader)
    {
        ReaderState[] states = [new ReaderState(reader, 0)];
        return GetStatusChange(context, 0, states) == Success ? states[0].Atr : default;
    }

    public uint Connect(nuint context, string reader, out nuint card, out uint protocol)
    {
        byte[] name = _layout.Encode(reader);
        nuint handle = 0, active = 0;
        uint code;
        fixed (byte* name0 = name)
            code = Code(_connect(context, name0, ShareShared, AnyProtocol, &handle, &active));
        card = handle;
        protocol = Low(active);
        return code;
    }

    public uint Reconnect(nuint card, out uint protocol)
    {
        nuint active = 0;
        uint code = Code(_reconnect(card, ShareShared, AnyProtocol, 0, &active));
        protocol = Low(active);
        return code;
    }

    public uint Disconnect(nuint card) => Code(_disconnect(card, 0));

    public uint BeginTransaction(nuint card) => Code(_beginTransaction(card));

    public uint EndTransaction(nuint card) => Code(_endTransaction(card, 0));

    public uint Transmit(nuint card, uint protocol, ReadOnlySpan<byte> command, Span<byte> response, out int received)
    {
        // SCARD_IO_REQUEST { DWORD dwProtocol; DWORD cbPciLength; }
        Span<byte> request = stackalloc byte[_layout.IoRequestSize];
        _layout.WriteDword(request, protocol);
        _layout.WriteDword(request[_layout.DwordSize..], (uint)request.Length);
        nuint length = (nuint)response.Length;
        uint code;
        fixed (byte* request0 = request, command0 = command, response0 = response)
            code = Code(_transmit(card, request0, command0, (nuint)command.Length, null, response0, &length));
        received = code == Success ? checked((int)Low(length)) : 0;
        return code;
    }

    /// <summary>Asks the reader itself, beside the card.</summary>
    public uint Control(nuint card, uint controlCode, Span<byte> response, out int received)
    {
        nuint returned = 0;
        uint code;
        fixed (byte* response0 = response)
            code = Code(_control(card, controlCode, null, 0, response0, (nuint)response.Length, &returned));
        received = code == Success ? checked((int)Low(returned)) : 0;
        return code;
    }

    /// <summary>Asks the reader for its features (PC/SC Part 10 §2.2).</summary>
    public uint Features(nuint card, Span<byte> response, out int received) => Control(card, _layout.FeatureRequestCode, response, out received);

    private static PcscLibrary? Load()
        => NativeLibrary.TryLoad(PcscLayout.Current.LibraryName, out nint library)
            ? new PcscLibrary(name => NativeLibrary.GetExport(library, name), PcscLayout.Current)
            : null;

    private static uint Code(nint result) => unchecked((uint)result);

    private static uint Low(nuint value) => unchecked((uint)value);
}

/// <summary>A reader's name and its state: SCARD_STATE_ bits below, a counter of events above.</summary>
internal readonly record struct ReaderState(string Name, uint State)
{
    /// <summary>The name under which pcsc-lite, macOS and Windows report that readers come and go.</summary>
    public const string AnyReader = @"\\?PnP?\Notification";

    /// <summary>The answer to reset of the card in it; empty without one.</summary>
    public ReadOnlyMemory<byte> Atr { get; init; }

    private const uint ChangedBit = 0x0002;
    private const uint PresentBit = 0x0020;
    private const uint MuteBit = 0x0200;

    /// <summary>Whether a card that answers is in the reader.</summary>
    public bool HoldsCard => (State & PresentBit) != 0 && (State & MuteBit) == 0;

    /// <summary>As the next wait must be given it.</summary>
    public ReaderState Seen => this with { State = State & ~ChangedBit };
}
