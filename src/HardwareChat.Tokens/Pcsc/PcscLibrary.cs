using System.Runtime.InteropServices;
using System.Text;

namespace HardwareChat.Tokens.Pcsc;

/// <summary>The system's PC/SC library, with the differences between the three platforms handled in this file alone.</summary>
/// <remarks>
/// <code>
///                      Linux, pcsc-lite     macOS                 Windows
/// library              libpcsclite.so.1     PCSC.framework        winscard.dll
/// DWORD, LONG          8 bytes (long)       4                     4
/// context, handle      8 (long)             4                     pointer
/// SCARD_READERSTATE    natural alignment    packed                natural alignment
///   its ATR            33 bytes             33                    36
/// reader names         UTF-8                UTF-8                 UTF-16 (the W functions)
/// </code>
/// A DWORD or handle is passed as a native integer: it travels in a register, of which the callee reads the bytes it knows. One that
/// the callee writes goes to zeroed native storage, of which a 4-byte callee fills the low half; that is right on little-endian machines, and every
/// platform with 4-byte DWORDs is one. The result's low 32 bits are the code.
/// </remarks>
internal sealed unsafe class PcscLibrary
{
    public const uint Success = 0;

    private const nuint ScopeSystem = 2;
    private const nuint ShareShared = 2;
    private const nuint AnyProtocol = 3;

    private static readonly Lazy<PcscLibrary?> Loaded = new(Load);
    private static readonly bool IsWindows = OperatingSystem.IsWindows();
    private static readonly bool IsMacOs = OperatingSystem.IsMacOS();
    private static readonly int DwordSize = IsWindows || IsMacOs ? 4 : nint.Size;
    private static readonly int AtrRoom = IsWindows ? 36 : 33;

    private readonly delegate* unmanaged<nuint, nint, nint, nuint*, nint> _establish;
    private readonly delegate* unmanaged<nuint, nint> _release;
    private readonly delegate* unmanaged<nuint, nint> _isValid;
    private readonly delegate* unmanaged<nuint, byte*, byte*, nuint*, nint> _listReaders;
    private readonly delegate* unmanaged<nuint, nuint, byte*, nuint, nint> _getStatusChange;
    private readonly delegate* unmanaged<nuint, nint> _cancel;
    private readonly delegate* unmanaged<nuint, byte*, nuint, nuint, nuint*, nuint*, nint> _connect;
    private readonly delegate* unmanaged<nuint, nuint, nuint, nuint, nuint*, nint> _reconnect;
    private readonly delegate* unmanaged<nuint, nuint, nint> _disconnect;
    private readonly delegate* unmanaged<nuint, nint> _beginTransaction;
    private readonly delegate* unmanaged<nuint, nuint, nint> _endTransaction;
    private readonly delegate* unmanaged<nuint, byte*, byte*, nuint, byte*, byte*, nuint*, nint> _transmit;

    private PcscLibrary(nint library)
    {
        string wide = IsWindows ? "W" : "";
        _establish = (delegate* unmanaged<nuint, nint, nint, nuint*, nint>)NativeLibrary.GetExport(library, "SCardEstablishContext");
        _release = (delegate* unmanaged<nuint, nint>)NativeLibrary.GetExport(library, "SCardReleaseContext");
        _isValid = (delegate* unmanaged<nuint, nint>)NativeLibrary.GetExport(library, "SCardIsValidContext");
        _listReaders = (delegate* unmanaged<nuint, byte*, byte*, nuint*, nint>)NativeLibrary.GetExport(library, "SCardListReaders" + wide);
        _getStatusChange = (delegate* unmanaged<nuint, nuint, byte*, nuint, nint>)NativeLibrary.GetExport(library, "SCardGetStatusChange" + wide);
        _cancel = (delegate* unmanaged<nuint, nint>)NativeLibrary.GetExport(library, "SCardCancel");
        _connect = (delegate* unmanaged<nuint, byte*, nuint, nuint, nuint*, nuint*, nint>)NativeLibrary.GetExport(library, "SCardConnect" + wide);
        _reconnect = (delegate* unmanaged<nuint, nuint, nuint, nuint, nuint*, nint>)NativeLibrary.GetExport(library, "SCardReconnect");
        _disconnect = (delegate* unmanaged<nuint, nuint, nint>)NativeLibrary.GetExport(library, "SCardDisconnect");
        _beginTransaction = (delegate* unmanaged<nuint, nint>)NativeLibrary.GetExport(library, "SCardBeginTransaction");
        _endTransaction = (delegate* unmanaged<nuint, nuint, nint>)NativeLibrary.GetExport(library, "SCardEndTransaction");
        _transmit = (delegate* unmanaged<nuint, byte*, byte*, nuint, byte*, byte*, nuint*, nint>)NativeLibrary.GetExport(
            library, "SCardTransmit");
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

    public uint IsValid(nuint context) => Code(_isValid(context));

    public uint Cancel(nuint context) => Code(_cancel(context));

    public uint ListReaders(nuint context, out string[] readers)
    {
        readers = [];
        nuint length = 0;
        uint code = Code(_listReaders(context, null, null, &length));
        if (code != Success)
            return code;
        byte[] names = new byte[checked((int)length * (IsWindows ? 2 : 1))];
        fixed (byte* names0 = names)
            code = Code(_listReaders(context, null, names0, &length));
        if (code == Success)
            readers = (IsWindows ? Encoding.Unicode : Encoding.UTF8).GetString(names).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return code;
    }

    /// <summary>Waits until one of the readers is in another state than given, and updates the states.</summary>
    /// <param name="context">The context; another thread may <see cref="Cancel"/> it.</param>
    /// <param name="milliseconds">How long to wait; 0 asks for the states now.</param>
    /// <param name="readers">Names and last known states.</param>
    public uint GetStatusChange(nuint context, uint milliseconds, Span<ReaderState> readers)
    {
        int pointers = 2 * nint.Size;
        int size = pointers + (3 * DwordSize) + AtrRoom;
        if (!IsMacOs)
            size = (size + nint.Size - 1) / nint.Size * nint.Size;
        byte[] states = GC.AllocateArray<byte>(Math.Max(1, size * readers.Length), pinned: true);
        nint[] names = new nint[readers.Length];
        try
        {
            for (int i = 0; i < readers.Length; i++)
            {
                names[i] = IsWindows ? Marshal.StringToHGlobalUni(readers[i].Name) : Marshal.StringToCoTaskMemUTF8(readers[i].Name);
                Span<byte> state = states.AsSpan(i * size, size);
                WriteNative(state, names[i]);
                WriteDword(state[pointers..], readers[i].State);
            }

            uint code;
            fixed (byte* states0 = states)
                code = Code(_getStatusChange(context, milliseconds, states0, (nuint)readers.Length));
            for (int i = 0; i < readers.Length && code == Success; i++)
            {
                ReadOnlySpan<byte> state = states.AsSpan((i * size) + pointers, size - pointers);
                int length = (int)Math.Min(ReadDword(state[(2 * DwordSize)..]), (uint)AtrRoom);
                readers[i] = readers[i] with { State = ReadDword(state[DwordSize..]), Atr = state.Slice(3 * DwordSize, length).ToArray() };
            }

            return code;
        }
        finally
        {
            foreach (nint name in names)
            {
                if (IsWindows)
                    Marshal.FreeHGlobal(name);
                else
                    Marshal.FreeCoTaskMem(name);
            }
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
        byte[] name = (IsWindows ? Encoding.Unicode : Encoding.UTF8).GetBytes(reader + '\0');
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
        Span<byte> request = stackalloc byte[2 * DwordSize];
        WriteDword(request, protocol);
        WriteDword(request[DwordSize..], (uint)request.Length);
        nuint length = (nuint)response.Length;
        uint code;
        fixed (byte* request0 = request, command0 = command, response0 = response)
            code = Code(_transmit(card, request0, command0, (nuint)command.Length, null, response0, &length));
        received = code == Success ? checked((int)Low(length)) : 0;
        return code;
    }

    private static PcscLibrary? Load()
    {
        string name = IsWindows ? "winscard.dll" : IsMacOs ? "/System/Library/Frameworks/PCSC.framework/PCSC" : "libpcsclite.so.1";
        return NativeLibrary.TryLoad(name, out nint library) ? new PcscLibrary(library) : null;
    }

    private static uint Code(nint result) => unchecked((uint)result);

    private static uint Low(nuint value) => unchecked((uint)value);

    private static void WriteNative(Span<byte> destination, nint value) => MemoryMarshal.Write(destination, in value);

    private static void WriteDword(Span<byte> destination, uint value)
    {
        if (DwordSize == sizeof(uint))
        {
            MemoryMarshal.Write(destination, in value);
            return;
        }

        ulong wide = value;
        MemoryMarshal.Write(destination, in wide);
    }

    private static uint ReadDword(ReadOnlySpan<byte> source)
        => DwordSize == sizeof(uint) ? MemoryMarshal.Read<uint>(source) : unchecked((uint)MemoryMarshal.Read<ulong>(source));
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
