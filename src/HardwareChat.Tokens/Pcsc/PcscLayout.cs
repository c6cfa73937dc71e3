using System.Runtime.InteropServices;
using System.Text;

namespace HardwareChat.Tokens.Pcsc;

/// <summary>How wide PC/SC's numbers are and how its structures lie in memory, which differs by platform.</summary>
/// <remarks>
/// <code>
///                      Linux, pcsc-lite     macOS                 Windows
/// library              libpcsclite.so.1     PCSC.framework        winscard.dll
/// DWORD, LONG          8 bytes (long)       4                     4
/// context, handle      8 (long)             4                     pointer
/// SCARD_READERSTATE    natural alignment    packed                natural alignment
///   its ATR            33 bytes             33                    36
/// reader names         UTF-8                UTF-8                 UTF-16 (the W functions)
/// control codes        0x42000000 + n       0x42000000 + n        0x00310000 + 4 n
/// </code>
/// A DWORD or handle is passed as a native integer: it travels in a register, of which the callee reads the bytes it knows. One that
/// the callee writes goes to zeroed native storage, of which a 4-byte callee fills the low half; that is right on little-endian machines, and every
/// platform with 4-byte DWORDs is one. The result's low 32 bits are the code.
/// </remarks>
/// <param name="LibraryName">What the loader is asked for.</param>
/// <param name="PointerSize">Bytes of a pointer.</param>
/// <param name="DwordSize">Bytes of a DWORD.</param>
/// <param name="AtrRoom">Bytes of the ATR in SCARD_READERSTATE.</param>
/// <param name="IsPacked">Whether structures have no padding.</param>
/// <param name="IsWide">Whether names are UTF-16 and functions that take them end in W.</param>
internal sealed record PcscLayout(string LibraryName, int PointerSize, int DwordSize, int AtrRoom, bool IsPacked, bool IsWide)
{
    private const uint GetFeatureRequest = 3400;

    public static PcscLayout Linux { get; } = new("libpcsclite.so.1", nint.Size, nint.Size, 33, IsPacked: false, IsWide: false);

    public static PcscLayout MacOs { get; } = new("/System/Library/Frameworks/PCSC.framework/PCSC", nint.Size, 4, 33, IsPacked: true, IsWide: false);

    public static PcscLayout Windows { get; } = new("winscard.dll", nint.Size, 4, 36, IsPacked: false, IsWide: true);

    /// <summary>This system's.</summary>
    public static PcscLayout Current { get; } = OperatingSystem.IsWindows() ? Windows : OperatingSystem.IsMacOS() ? MacOs : Linux;

    // SCARD_READERSTATE { LPCSTR szReader; LPVOID pvUserData; DWORD dwCurrentState; DWORD dwEventState; DWORD cbAtr; BYTE rgbAtr[]; }

    /// <summary>Of dwCurrentState in SCARD_READERSTATE; szReader is at 0.</summary>
    public int CurrentStateOffset => 2 * PointerSize;

    /// <summary>Of dwEventState.</summary>
    public int EventStateOffset => CurrentStateOffset + DwordSize;

    /// <summary>Of cbAtr.</summary>
    public int AtrLengthOffset => EventStateOffset + DwordSize;

    /// <summary>Of rgbAtr.</summary>
    public int AtrOffset => AtrLengthOffset + DwordSize;

    /// <summary>Bytes from one SCARD_READERSTATE to the next.</summary>
    public int ReaderStateSize => IsPacked ? AtrOffset + AtrRoom : (AtrOffset + AtrRoom + PointerSize - 1) / PointerSize * PointerSize;

    /// <summary>Bytes of SCARD_IO_REQUEST { DWORD dwProtocol; DWORD cbPciLength; }.</summary>
    public int IoRequestSize => 2 * DwordSize;

    /// <summary>The control code that asks a reader for its features (PC/SC Part 10 §2.2).</summary>
    public uint FeatureRequestCode => IsWide ? (0x31u << 16) | (GetFeatureRequest << 2) : 0x42000000u + GetFeatureRequest;

    /// <summary>The function that asks a reader; macOS keeps an older one, of another form, under the plain name.</summary>
    public string ControlFunction => IsPacked ? "SCardControl132" : "SCardControl";

    /// <summary>How names are written.</summary>
    public Encoding Names => IsWide ? Encoding.Unicode : Encoding.UTF8;

    /// <summary>A name as the library takes it, with its end.</summary>
    public byte[] Encode(string name) => Names.GetBytes(name + '\0');

    public void WriteDword(Span<byte> destination, uint value)
    {
        if (DwordSize == sizeof(uint))
        {
            MemoryMarshal.Write(destination, in value);
            return;
        }

        ulong wide = value;
        MemoryMarshal.Write(destination, in wide);
    }

    public uint ReadDword(ReadOnlySpan<byte> source)
        => DwordSize == sizeof(uint) ? MemoryMarshal.Read<uint>(source) : unchecked((uint)MemoryMarshal.Read<ulong>(source));
}
