using CsCheck;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Tests.Codec;

public static class BerTlvTests
{
    [Fact]
    public static void Objects_round_trip()
        => Gen.Select(Gen.OneOf(Gen.Const(0x04), Gen.Const(0x53), Gen.Const(0x7F49), Gen.Const(0x5FC105)), Gen.Byte.Array[0, 70_000]).Sample(
            (tag, value) =>
            {
                var reader = new BerTlvReader(BerTlvWriter.Encode(tag, value));
                bool same = reader.ReadValue(tag).SequenceEqual(value);
                reader.ThrowIfNotEmpty();
                return same;
            },
            iter: 200);

    [Theory]
    [InlineData(0x7F, "0402AABB")]
    [InlineData(0x04, "0403AABB")] // length past the end
    [InlineData(0x04, "0480AABB0000")] // indefinite form
    [InlineData(0x04, "0484FFFFFFFF")] // length of four bytes
    [InlineData(0x04, "0482FF")] // length cut short
    [InlineData(0x5FFFFF, "5FFFFFFF00")] // tag of four bytes
    [InlineData(0x04, "")]
    public static void Lying_lengths_are_refused(int tag, string hex)
        => Assert.Throws<DecodeException>(() => new BerTlvReader(Convert.FromHexString(hex)).ReadValue(tag).Length);

    [Fact]
    public static void Error_inside_a_nested_object_gives_the_outermost_offset()
    {
        byte[] input = Convert.FromHexString("7C0482050102");
        DecodeException error = Assert.Throws<DecodeException>(() =>
        {
            var outer = new BerTlvReader(input);
            return outer.ReadNested(0x7C).ReadValue(0x82).Length;
        });
        Assert.Equal(3, error.Offset);
    }

    [Fact]
    public static void Search_finds_a_later_object_and_says_when_there_is_none()
    {
        var reader = new BerTlvReader(Convert.FromHexString("0101AA0201BB"));
        Assert.True(reader.TryFind(2, out ReadOnlySpan<byte> value));
        Assert.Equal(0xBB, value[0]);
        Assert.False(reader.TryFind(3, out _));
    }
}
