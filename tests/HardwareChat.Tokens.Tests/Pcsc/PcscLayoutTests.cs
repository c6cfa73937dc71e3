using System.Runtime.InteropServices;
using HardwareChat.Tokens.Pcsc;

namespace HardwareChat.Tokens.Tests.Pcsc;

/// <summary>The structures as the platforms' headers declare them, against the offsets that the driver reckons with.</summary>
/// <remarks>Pointers have the size that this machine gives them; all three platforms have 64-bit machines, and there the numbers below hold.</remarks>
public static class PcscLayoutTests
{
    [Fact]
    public static void Linux_structures_lie_as_pcsclite_h_says()
    {
        Assert.SkipUnless(nint.Size == 8, "the figures are those of 64-bit machines");
        AssertLayout<LinuxReaderState>(PcscLayout.Linux, state: 16, @event: 24, atrLength: 32, atr: 40, size: 80);
        Assert.Equal(16, PcscLayout.Linux.IoRequestSize);
        Assert.Equal(0x42000D48u, PcscLayout.Linux.FeatureRequestCode);
        Assert.Equal("libpcsclite.so.1", PcscLayout.Linux.LibraryName);
    }

    [Fact]
    public static void MacOs_structures_lie_as_the_framework_says()
    {
        Assert.SkipUnless(nint.Size == 8, "the figures are those of 64-bit machines");
        AssertLayout<MacOsReaderState>(PcscLayout.MacOs, state: 16, @event: 20, atrLength: 24, atr: 28, size: 61);
        Assert.Equal(8, PcscLayout.MacOs.IoRequestSize);
        Assert.Equal("SCardControl132", PcscLayout.MacOs.ControlFunction);
    }

    [Fact]
    public static void Windows_structures_lie_as_winscard_h_says()
    {
        Assert.SkipUnless(nint.Size == 8, "the figures are those of 64-bit machines");
        AssertLayout<WindowsReaderState>(PcscLayout.Windows, state: 16, @event: 20, atrLength: 24, atr: 28, size: 64);
        Assert.Equal(8, PcscLayout.Windows.IoRequestSize);
        Assert.Equal(0x00313520u, PcscLayout.Windows.FeatureRequestCode);
        Assert.Equal("r\0\0\0"u8, PcscLayout.Windows.Encode("r"));
    }

    [Fact]
    public static void Machines_of_32_bits_have_shorter_pointers_and_the_same_rules()
    {
        PcscLayout linux = PcscLayout.Linux with { PointerSize = 4, DwordSize = 4 };
        Assert.Equal((8, 12, 16, 20, 56), Figures(linux));
        PcscLayout windows = PcscLayout.Windows with { PointerSize = 4 };
        Assert.Equal((8, 12, 16, 20, 56), Figures(windows));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public static void Numbers_are_written_and_read_in_their_width(int size)
    {
        PcscLayout layout = PcscLayout.Linux with { DwordSize = size };
        byte[] place = [.. Enumerable.Repeat((byte)0xEE, 16)];
        layout.WriteDword(place, 0x80100066);
        Assert.Equal(0x80100066u, layout.ReadDword(place));
        Assert.All(place[size..], untouched => Assert.Equal(0xEE, untouched));
    }

    private static void AssertLayout<T>(PcscLayout layout, int state, int @event, int atrLength, int atr, int size)
        where T : struct
    {
        Assert.Equal((state, @event, atrLength, atr, size), Figures(layout));
        Assert.Equal(
            (state, @event, atrLength, atr, size),
            (OffsetOf("dwCurrentState"), OffsetOf("dwEventState"), OffsetOf("cbAtr"), OffsetOf("rgbAtr"), Marshal.SizeOf<T>()));

        static int OffsetOf(string field) => Marshal.OffsetOf<T>(field).ToInt32();
    }

    private static (int State, int Event, int AtrLength, int Atr, int Size) Figures(PcscLayout layout)
        => (layout.CurrentStateOffset, layout.EventStateOffset, layout.AtrLengthOffset, layout.AtrOffset, layout.ReaderStateSize);

#pragma warning disable CS0649, CS0169, IDE0044, IDE0051, IDE1006, CA1823 // declared for their layout, under the headers' names
    // pcsclite.h: unsigned long is DWORD; MAX_ATR_SIZE is 33.
    [StructLayout(LayoutKind.Sequential)]
    private struct LinuxReaderState
    {
        public nint szReader;
        public nint pvUserData;
        public nuint dwCurrentState;
        public nuint dwEventState;
        public nuint cbAtr;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 33)]
        public byte[] rgbAtr;
    }

    // PCSC/pcsclite.h of macOS: #pragma pack(1); uint32_t is DWORD.
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct MacOsReaderState
    {
        public nint szReader;
        public nint pvUserData;
        public uint dwCurrentState;
        public uint dwEventState;
        public uint cbAtr;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 33)]
        public byte[] rgbAtr;
    }

    // winscard.h: DWORD has 4 bytes, rgbAtr 36.
    [StructLayout(LayoutKind.Sequential)]
    private struct WindowsReaderState
    {
        public nint szReader;
        public nint pvUserData;
        public uint dwCurrentState;
        public uint dwEventState;
        public uint cbAtr;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 36)]
        public byte[] rgbAtr;
    }
#pragma warning restore CS0649, CS0169, IDE0044, IDE0051, IDE1006, CA1823
}
