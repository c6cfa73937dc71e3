using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HardwareChat.Tokens.Pcsc;

namespace HardwareChat.Tokens.Tests.Pcsc;

/// <summary>A PC/SC library in this process, laid out as any platform's: native functions that do and answer what a test says.</summary>
/// <remarks>For what no machine can be brought to do: other platforms' structures, and each code that a service can give. One at a time, on one thread.</remarks>
internal sealed unsafe class NativeLibraryDouble
{
    [ThreadStatic]
    private static NativeLibraryDouble? _current;

    private readonly PcscLayout _layout;

    public NativeLibraryDouble(PcscLayout layout)
    {
        _layout = layout;
        _current = this;
        Library = new PcscLibrary(Export, layout);
    }

    public PcscLibrary Library { get; }

    /// <summary>What each function answers; success if it is not named.</summary>
    public Dictionary<string, uint> Codes { get; } = [];

    public List<string> Readers { get; } = [];

    public List<string> Exported { get; } = [];

    /// <summary>Reader names as the library got them in the last question for states.</summary>
    public List<string> Asked { get; } = [];

    public uint EventState { get; set; }

    public byte[] Atr { get; set; } = [];

    /// <summary>The control codes asked for, and the answer to each.</summary>
    public Dictionary<uint, byte[]> Controls { get; } = [];

    /// <summary>How often the list of readers grows between its length and itself.</summary>
    public int Growths { get; set; }

    private nint Export(string name)
    {
        Exported.Add(name);
        return name.TrimEnd('W') switch
        {
            "SCardListReaders" => (nint)(delegate* unmanaged[Cdecl]<nuint, byte*, byte*, nuint*, nint>)&ListReaders,
            "SCardGetStatusChange" => (nint)(delegate* unmanaged[Cdecl]<nuint, nuint, byte*, nuint, nint>)&GetStatusChange,
            "SCardControl" or "SCardControl132" => (nint)(delegate* unmanaged[Cdecl]<nuint, nuint, byte*, nuint, byte*, nuint, nuint*, nint>)&Control,
            "SCardEstablishContext" => (nint)(delegate* unmanaged[Cdecl]<nuint, nint, nint, nuint*, nint>)&Establish,
            "SCardConnect" => (nint)(delegate* unmanaged[Cdecl]<nuint, byte*, nuint, nuint, nuint*, nuint*, nint>)&Connect,
            "SCardTransmit" => (nint)(delegate* unmanaged[Cdecl]<nuint, byte*, byte*, nuint, byte*, byte*, nuint*, nint>)&Transmit,
            _ => (nint)(delegate* unmanaged[Cdecl]<nuint, nuint, nint>)&Done,
        };
    }

    private static nint Code(string function) => unchecked((nint)(int)_current!.Codes.GetValueOrDefault(function));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Done(nuint handle, nuint disposition) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Establish(nuint scope, nint reserved, nint alsoReserved, nuint* context)
    {
        _current!.WriteDword(context, 7);
        return Code("SCardEstablishContext");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Connect(nuint context, byte* reader, nuint share, nuint protocols, nuint* card, nuint* protocol)
    {
        _current!.WriteDword(card, 9);
        _current.WriteDword(protocol, 2);
        return Code("SCardConnect");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Transmit(nuint card, byte* request, byte* command, nuint length, byte* pci, byte* response, nuint* received)
    {
        NativeLibraryDouble me = _current!;
        PcscLayout layout = me._layout;
        var header = new ReadOnlySpan<byte>(request, layout.IoRequestSize);
        bool wellFormed = layout.ReadDword(header) == 2 && layout.ReadDword(header[layout.DwordSize..]) == layout.IoRequestSize;
        response[0] = wellFormed ? (byte)0x90 : (byte)0x6F;
        response[1] = 0x00;
        me.WriteDword(received, 2);
        return Code("SCardTransmit");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint ListReaders(nuint context, byte* groups, byte* names, nuint* length)
    {
        NativeLibraryDouble me = _current!;
        byte[] all = me._layout.Names.GetBytes(string.Concat(me.Readers.Select(reader => reader + '\0')) + '\0');
        int unit = me._layout.IsWide ? 2 : 1;
        if (names is null && me.Growths > 0)
        {
            me.Growths--;
            me.Readers.Add("one more");
        }
        else if (names is not null && (int)*length * unit < all.Length)
        {
            return unchecked((int)0x80100008);
        }
        else if (names is not null)
        {
            all.CopyTo(new Span<byte>(names, all.Length));
        }

        me.WriteDword(length, (uint)(all.Length / unit));
        return Code("SCardListReaders");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint GetStatusChange(nuint context, nuint milliseconds, byte* states, nuint count)
    {
        NativeLibraryDouble me = _current!;
        PcscLayout layout = me._layout;
        for (int i = 0; i < (int)count; i++)
        {
            var state = new Span<byte>(states + (i * layout.ReaderStateSize), layout.ReaderStateSize);
            nint name = MemoryMarshal.Read<nint>(state);
            me.Asked.Add((layout.IsWide ? Marshal.PtrToStringUni(name) : Marshal.PtrToStringUTF8(name))!);
            layout.WriteDword(state[layout.EventStateOffset..], me.EventState + layout.ReadDword(state[layout.CurrentStateOffset..]));
            layout.WriteDword(state[layout.AtrLengthOffset..], (uint)me.Atr.Length);
            me.Atr.AsSpan(0, Math.Min(me.Atr.Length, layout.AtrRoom)).CopyTo(state[layout.AtrOffset..]);
        }

        return Code("SCardGetStatusChange");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Control(nuint card, nuint code, byte* input, nuint inputLength, byte* output, nuint outputLength, nuint* returned)
    {
        if (!_current!.Controls.TryGetValue((uint)code, out byte[]? answer))
            return unchecked((int)0x80100016);
        answer.CopyTo(new Span<byte>(output, (int)outputLength));
        _current.WriteDword(returned, (uint)answer.Length);
        return 0;
    }

    // As the platform's own code would: in its own width, whatever is beside it.
    private void WriteDword(nuint* place, uint value) => _layout.WriteDword(new Span<byte>(place, _layout.DwordSize), value);
}
