using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Yubico;
using Microsoft.Extensions.Logging.Abstractions;
using Yubico.Core.Iso7816;
using Yubico.Core.Logging;
using Yubico.PlatformInterop;

namespace HardwareChat.Tokens.Tests.Yubico;

/// <summary>What the SDK throws becomes what the token face promises.</summary>
public static class SdkFaultTests
{
    [Theory]
    [InlineData(0x80100069, CardFault.Removed)]
    [InlineData(0x8010000C, CardFault.Removed)]
    [InlineData(0x80100009, CardFault.Removed)]
    [InlineData(0x80100016, CardFault.Removed)]
    [InlineData(0x80100017, CardFault.Removed)]
    [InlineData(0x80100068, CardFault.Reset)]
    [InlineData(0x8010000B, CardFault.Busy)]
    [InlineData(0x8010001D, CardFault.ServiceNotRunning)]
    [InlineData(0x8010006A, CardFault.NotAuthorised)]
    [InlineData(0x80100066, CardFault.NotResponding)]
    [InlineData(0x80100001, CardFault.Other)]
    public static void Code_of_the_smart_card_service_names_the_fault(uint code, CardFault fault)
    {
        CardChannelException error = Assert.Throws<CardChannelException>(() => Translate(new SCardException("", code)));
        Assert.Equal((fault, code), (error.Fault, error.Code));
    }

    [Fact]
    public static void Refused_selection_is_a_card_without_piv()
    {
        PivNotFoundException error = Assert.Throws<PivNotFoundException>(() => Translate(new ApduException("") { SW = 0x6A82 }));
        Assert.Equal(0x6A82, error.Status.Value);
    }

    [Fact]
    public static void Missing_native_part_is_named()
        => Assert.Equal(CardFault.NotInstalled, Assert.Throws<CardChannelException>(() => Translate(new DllNotFoundException())).Fault);

    [Fact]
    public static void Answer_that_the_sdk_cannot_read_is_malformed_but_a_lost_card_stays_one()
    {
        Assert.Throws<MalformedAnswerException>(() => SdkFault.Read<int>("a number", () => throw new FormatException()));
        Assert.Throws<SCardException>(() => SdkFault.Read<int>("a number", () => throw new SCardException("", 0x80100069)));
    }

    [Fact]
    public static void Log_of_the_sdk_is_off_once_there_is_a_driver()
    {
        Assert.Equal("yubico", new YubicoTokenDriver().Name);
        Assert.Same(NullLoggerFactory.Instance, Log.Instance);
    }

    private static int Translate(Exception thrown) => SdkFault.Translate<int>("reader", () => throw thrown);
}
