using CsCheck;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client.Tests.Content;

public static class ContentPaddingTests
{
    [Theory]
    [InlineData(0, 256)]
    [InlineData(1, 256)]
    [InlineData(256, 256)]
    [InlineData(257, 512)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 4352)]
    [InlineData(9999, 10240)]
    [InlineData(63488, 63488)]
    [InlineData(63489, 65536)]
    [InlineData(1L << 31, 1L << 31)]
    [InlineData((1L << 31) + 1, (1L << 31) + (1L << 26))]
    public static void Sizes_come_in_the_classes_of_the_design(long length, long size) => Assert.Equal(size, SizeClass.Of(length));

    [Fact]
    public static void A_class_holds_its_length_is_a_class_itself_and_adds_at_most_an_eighth()
        => Gen.Long[0, 1L << 40].Sample(length =>
        {
            long size = SizeClass.Of(length);
            Assert.True(size >= length);
            Assert.Equal(size, SizeClass.Of(size));
            Assert.True(size - length <= Math.Max(SizeClass.Step, length / 8));
        });

    [Fact]
    public static void Padded_content_is_read_as_it_was_and_only_with_its_own_padding()
        => Gen.Byte.Array[0, 6000].Sample(
            content =>
            {
                byte[] padded = ContentPadding.Pad(content);
                Assert.Equal(content, ContentPadding.Unpad(padded).ToArray());
                Assert.Throws<DecodeException>(() => ContentPadding.Unpad((byte[])[.. padded, .. new byte[SizeClass.Step]]));
                Assert.Throws<DecodeException>(() => ContentPadding.Unpad(padded.AsMemory(0, padded.Length - 1)));
                if (content.Length + sizeof(uint) < padded.Length)
                {
                    padded[^1] = 1;
                    Assert.Throws<DecodeException>(() => ContentPadding.Unpad(padded));
                }
            },
            iter: 300);

    [Fact]
    public static void Largest_content_leaves_room_for_its_framing()
    {
        Assert.Equal(ContentLimits.PaddedBytes, ContentPadding.Pad(new byte[ContentPadding.ContentBytes]).Length);
        Assert.True(ContentLimits.PaddedBytes + 1024 <= ProtocolLimits.ApplicationMessageBytes);
        Assert.Throws<ArgumentException>(() => ContentPadding.Pad(new byte[ContentPadding.ContentBytes + 1]));
    }

    [Fact]
    public static void Fuzzed_padding_ends_in_content_or_a_refusal()
        => Gen.Byte.Array[0, 600].Sample(bytes =>
        {
            try
            {
                ContentPadding.Fuzz(bytes);
            }
            catch (DecodeException refusal)
            {
                Assert.InRange(refusal.Offset, 0, bytes.Length);
            }
        });
}
