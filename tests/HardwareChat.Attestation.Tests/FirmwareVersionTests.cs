namespace HardwareChat.Attestation.Tests;

public static class FirmwareVersionTests
{
    [Theory]
    [InlineData("5.7", "5.7.0")]
    [InlineData("5.2.4", "5.2.4")]
    public static void Text_is_read(string text, string expected)
    {
        Assert.True(FirmwareVersion.TryParse(text, out FirmwareVersion version));
        Assert.Equal(expected, version.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5.7.0.1")]
    [InlineData("5.256")]
    [InlineData("5.-1")]
    public static void Other_text_is_not(string? text) => Assert.False(FirmwareVersion.TryParse(text, out _));

    [Fact]
    public static void Versions_are_ordered_by_their_numbers()
    {
        Assert.True(new FirmwareVersion(5, 10, 0) > new FirmwareVersion(5, 7, 4));
        Assert.True(new FirmwareVersion(5, 7, 4).IsAtLeast(5, 7));
        Assert.False(new FirmwareVersion(4, 9, 9).IsAtLeast(5, 0));
        Assert.True(new FirmwareVersion(5, 7, 0) >= new FirmwareVersion(5, 7, 0));
        Assert.True(new FirmwareVersion(4, 3, 1) < new FirmwareVersion(5, 2, 4));
        Assert.True(new FirmwareVersion(4, 3, 1) <= new FirmwareVersion(4, 3, 1));
    }
}
