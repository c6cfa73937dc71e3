using CsCheck;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Tests.Codec;

public static class ApduTests
{
    [Theory]
    [InlineData("00A40400", 0, 0, false)] // case 1
    [InlineData("00FD000000", 0, 256, false)] // case 2 short
    [InlineData("00FD000003", 0, 3, false)]
    [InlineData("00FD0000000000", 0, 65536, true)] // case 2 extended
    [InlineData("00A4040002AABB", 2, 0, false)] // case 3 short
    [InlineData("00A40400000002AABB", 2, 0, true)] // case 3 extended
    [InlineData("00A4040002AABB10", 2, 16, false)] // case 4 short
    [InlineData("00A40400000002AABB0100", 2, 256, true)] // case 4 extended
    public static void Every_case_reads_and_writes_back(string hex, int data, int expected, bool extended)
    {
        CommandApdu command = CommandApdu.Parse(Convert.FromHexString(hex));
        Assert.Equal(data, command.Data.Length);
        Assert.Equal(expected, command.Expected);
        Assert.Equal(extended, command.IsExtended);
        Assert.Equal(hex, Convert.ToHexString(command.ToArray()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00A404")]
    [InlineData("00A4040003AABB")]
    [InlineData("00A4040001AABBCC")]
    [InlineData("00A404000000")]
    [InlineData("00A40400000000AA")]
    [InlineData("00A40400000002AABBCC")]
    [InlineData("00A404000000020102030405")]
    public static void Lengths_that_do_not_fit_are_refused(string hex)
        => Assert.Throws<DecodeException>(() => CommandApdu.Parse(Convert.FromHexString(hex)).Expected);

    [Fact]
    public static void Commands_round_trip()
        => Gen.Select(Gen.Byte.Array[4], Gen.Byte.Array[0, 600], Gen.Int[0, 65_536], Gen.Bool).Sample((header, data, expected, extended) =>
        {
            var command = new CommandApdu(header[0], header[1], header[2], header[3], data, expected, extended);
            CommandApdu again = CommandApdu.Parse(command.ToArray());
            return again.Data.SequenceEqual(data) && again.Expected == expected && again.Cla == header[0] && again.P2 == header[3]
                && again.IsExtended == command.IsExtended;
        });

    [Theory]
    [InlineData("")]
    [InlineData("90")]
    public static void Response_without_a_status_word_is_refused(string hex)
        => Assert.Throws<DecodeException>(() => ResponseApdu.Parse(Convert.FromHexString(hex)).Status);

    [Fact]
    public static void Status_words_say_what_they_carry()
    {
        Assert.Equal(3, new StatusWord(0x63C3).RetriesLeft);
        Assert.Equal(0, StatusWord.AuthenticationMethodBlocked.RetriesLeft);
        Assert.Null(StatusWord.Success.RetriesLeft);
        Assert.Equal(256, new StatusWord(0x6100).BytesWaiting);
        Assert.Equal(5, new StatusWord(0x6C05).ExpectedLength);
        Assert.Equal("6A82", StatusWord.FileNotFound.ToString());
    }
}
