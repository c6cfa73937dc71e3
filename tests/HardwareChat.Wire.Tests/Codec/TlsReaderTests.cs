namespace HardwareChat.Wire.Tests.Codec;

public static class TlsReaderTests
{
    // RFC 8446 §3.3
    [Fact]
    public static void Integers_are_big_endian()
    {
        var reader = new TlsReader(Convert.FromHexString("01" + "0203" + "04050607" + "08090A0B0C0D0E0F"));
        Assert.Equal(0x01, reader.ReadUInt8());
        Assert.Equal(0x0203, reader.ReadUInt16());
        Assert.Equal(0x04050607u, reader.ReadUInt32());
        Assert.Equal(0x08090A0B0C0D0E0Ful, reader.ReadUInt64());
        Assert.True(reader.IsEmpty);
        Assert.Equal(15, reader.Offset);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public static void Integer_that_is_one_byte_short_is_refused_and_nothing_is_read(int size)
    {
        byte[] input = new byte[size - 1];
        DecodeException refusal = Assert.Throws<DecodeException>(() =>
        {
            var reader = new TlsReader(input);
            try
            {
                _ = size switch
                {
                    1 => reader.ReadUInt8(),
                    2 => reader.ReadUInt16(),
                    4 => reader.ReadUInt32(),
                    _ => reader.ReadUInt64(),
                };
            }
            finally
            {
                Assert.Equal(0, reader.Position);
            }
        });
        Assert.Equal(0, refusal.Offset);
    }

    // RFC 9420 §2.1.1
    [Fact]
    public static void Optional_is_one_octet_that_is_0_or_1()
    {
        var reader = new TlsReader([0, 1]);
        Assert.False(reader.ReadOptional());
        Assert.True(reader.ReadOptional());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(255)]
    public static void Optional_with_another_presence_octet_is_refused(byte presence)
    {
        DecodeException refusal = Assert.Throws<DecodeException>(() => { new TlsReader([presence]).ReadOptional(); });
        Assert.Equal(0, refusal.Offset);
    }

    [Fact]
    public static void Trailing_bytes_are_refused_with_their_offset()
    {
        DecodeException refusal = Assert.Throws<DecodeException>(() =>
        {
            var reader = new TlsReader([1, 2, 3]);
            reader.ReadUInt8();
            reader.ThrowIfNotEmpty();
        });
        Assert.Equal(1, refusal.Offset);
    }

    [Fact]
    public static void Nested_reader_sees_its_vector_only_and_reports_offsets_of_the_whole_input()
    {
        byte[] input = [0xFF, 4, 2, 7, 8, 9, 0xEE];
        DecodeException refusal = Assert.Throws<DecodeException>(() =>
        {
            var reader = new TlsReader(input);
            reader.ReadUInt8();
            TlsReader outer = reader.ReadVector(4);
            TlsReader inner = outer.ReadVector(2);
            Assert.Equal(0x0708, inner.ReadUInt16());
            Assert.Equal(9, outer.ReadUInt8());
            outer.ThrowIfNotEmpty();
            Assert.Equal(0xEE, reader.ReadUInt8());
            reader.ThrowIfNotEmpty();
            inner.ReadUInt8();
        });
        Assert.Equal(5, refusal.Offset);
    }

    [Fact]
    public static void Inner_vector_that_is_longer_than_its_outer_vector_is_refused()
    {
        byte[] input = [2, 3, 1, 1, 1];
        Assert.Throws<DecodeException>(() =>
        {
            TlsReader outer = new TlsReader(input).ReadVector(16);
            outer.ReadOpaque(16);
        });
    }

    [Fact]
    public static void Since_gives_the_bytes_that_were_read_from_the_mark()
    {
        var reader = new TlsReader([9, 1, 2, 3, 4]);
        reader.ReadUInt8();
        int mark = reader.Position;
        reader.ReadUInt16();
        Assert.Equal([1, 2], reader.Since(mark).ToArray());
        Assert.Equal([3, 4], reader.Rest.ToArray());
    }

    [Fact]
    public static void Negative_sizes_are_the_callers_mistake()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => { new TlsReader([1]).ReadFixed(-1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { new TlsReader([1]).ReadOpaque(-1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { new TlsReader([1]).Since(1); });
    }
}
