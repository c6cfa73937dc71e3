using HardwareChat.Tokens.Pcsc;

namespace HardwareChat.Tokens.Tests.Pcsc;

/// <summary>The calls of each platform, against a library that reads and writes that platform's structures; and each code that one can give.</summary>
public static class PcscLibraryTests
{
    public static readonly TheoryData<string> Platforms = [nameof(PcscLayout.Linux), nameof(PcscLayout.MacOs), nameof(PcscLayout.Windows)];

    [Theory]
    [MemberData(nameof(Platforms))]
    public static void Readers_and_their_states_are_read_in_the_platforms_layout(string platform)
    {
        PcscLayout layout = LayoutOf(platform);
        var native = new NativeLibraryDouble(layout) { EventState = 0x00050020, Atr = Convert.FromHexString("3BFD1300008131FE15") };
        native.Readers.AddRange(["Reader ü 00 00", "B"]);
        using PcscContext context = PcscContext.Establish(native.Library);
        Assert.Equal(["Reader ü 00 00", "B"], context.ListReaders());
        Assert.Equal(["Reader ü 00 00", "B"], context.ListReadersWithCards());
        Assert.Equal(["Reader ü 00 00", "B"], native.Asked);
        ReaderState[] states = [new("Reader ü 00 00", 0x10), new("B", 0x20)];
        Assert.Equal(0u, native.Library.GetStatusChange(1, 0, states));
        Assert.Equal([0x00050030u, 0x00050040u], states.Select(state => state.State));
        Assert.All(states, state => Assert.Equal(native.Atr, state.Atr.ToArray()));
        Assert.Contains(layout.IsWide ? "SCardConnectW" : "SCardConnect", native.Exported);
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public static void Commands_carry_the_protocol_in_the_platforms_layout(string platform)
    {
        var native = new NativeLibraryDouble(LayoutOf(platform));
        Assert.Equal(0u, native.Library.Connect(7, "reader", out nuint card, out uint protocol));
        Assert.Equal((9u, 2u), ((uint)card, protocol));
        byte[] response = new byte[10];
        Assert.Equal(0u, native.Library.Transmit(card, protocol, [0, 0xFD, 0, 0], response, out int received));
        Assert.Equal("9000", Convert.ToHexString(response, 0, received));
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public static void Answer_to_reset_longer_than_its_place_is_cut(string platform)
    {
        PcscLayout layout = LayoutOf(platform);
        var native = new NativeLibraryDouble(layout) { Atr = new byte[200] };
        Assert.Equal(layout.AtrRoom, native.Library.ReadAtr(7, "reader").Length);
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(9, 0)]
    public static void List_that_grows_while_it_is_asked_for_is_asked_for_again_but_not_for_ever(int growths, int expected)
    {
        var native = new NativeLibraryDouble(PcscLayout.Linux) { Growths = growths };
        native.Readers.Add("reader");
        uint code = native.Library.ListReaders(7, out string[] readers);
        Assert.Equal(expected, readers.Length);
        Assert.Equal(expected == 0 ? PcscFault.InsufficientBuffer : 0u, code);
    }

    [Theory]
    [InlineData(0x8010001Du, CardFault.ServiceNotRunning)]
    [InlineData(0x8010001Eu, CardFault.ServiceNotRunning)]
    [InlineData(0x8010006Au, CardFault.NotAuthorised)]
    [InlineData(0x80100027u, CardFault.NotAuthorised)]
    [InlineData(0x80100013u, CardFault.NotAuthorised)]
    [InlineData(0x8010002Eu, CardFault.NoReader)]
    [InlineData(0x8010000Cu, CardFault.NoCard)]
    [InlineData(0x80100009u, CardFault.Removed)]
    [InlineData(0x80100017u, CardFault.Removed)]
    [InlineData(0x80100069u, CardFault.Removed)]
    [InlineData(0x80100068u, CardFault.Reset)]
    [InlineData(0x80100067u, CardFault.Reset)]
    [InlineData(0x80100016u, CardFault.Reset)]
    [InlineData(0x80100066u, CardFault.NotResponding)]
    [InlineData(0x80100015u, CardFault.NotResponding)]
    [InlineData(0x8010002Fu, CardFault.NotResponding)]
    [InlineData(0x8010000Bu, CardFault.Busy)]
    [InlineData(0x80100006u, CardFault.Other)]
    public static void Each_code_is_a_fault_with_its_own_words_and_a_hint(uint code, CardFault fault)
    {
        var native = new NativeLibraryDouble(PcscLayout.Linux);
        native.Codes["SCardConnect"] = code;
        CardChannelException error = Assert.Throws<CardChannelException>(() => PcscContext.Establish(native.Library).Connect("reader"));
        Assert.Equal((fault, code), (error.Fault, error.Code));
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Hint);
    }

    [Fact]
    public static void Reader_name_in_a_message_steers_no_terminal()
    {
        CardChannelException error = PcscFault.From(0x8010000C, "evil\u001b[2J\u202E\u200B\n" + new string('x', 500));
        Assert.DoesNotContain(error.Message, letter => char.IsControl(letter) || letter is '\u202E' or '\u200B');
        Assert.InRange(error.Message.Length, 1, 200);
    }

    [Theory]
    [InlineData("", "", true)] // it does not say
    [InlineData("120442000DCC", "0A0400000000", false)] // short only
    [InlineData("120442000DCC", "0A0400000100", true)]
    [InlineData("06044200000112044200" + "0DCC", "010400000001" + "0A0400000000", false)] // behind others
    [InlineData("120442000DCC", "0AFF00", true)] // a lying length
    [InlineData("1203420000", "", true)]
    [InlineData("12", "", true)]
    public static void Reader_says_whether_it_carries_extended_length(string features, string properties, bool expected)
    {
        var native = new NativeLibraryDouble(PcscLayout.Linux);
        if (features.Length > 0)
            native.Controls[PcscLayout.Linux.FeatureRequestCode] = Convert.FromHexString(features);
        if (properties.Length > 0)
            native.Controls[0x42000DCC] = Convert.FromHexString(properties);
        using PcscChannel channel = PcscContext.Establish(native.Library).Connect("reader");
        Assert.Equal(expected, channel.TakesExtendedLength);
    }

    private static PcscLayout LayoutOf(string platform) => platform switch
    {
        nameof(PcscLayout.Linux) => PcscLayout.Linux,
        nameof(PcscLayout.MacOs) => PcscLayout.MacOs,
        _ => PcscLayout.Windows,
    };
}
