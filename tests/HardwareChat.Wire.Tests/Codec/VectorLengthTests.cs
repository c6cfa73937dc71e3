namespace HardwareChat.Wire.Tests.Codec;

// RFC 9420 §2.1.2
public static class VectorLengthTests
{
    public static TheoryData<int, string> Boundaries => new()
    {
        { 0, "00" },
        { 1, "01" },
        { 37, "25" },
        { 63, "3F" },
        { 64, "4040" },
        { 15293, "7BBD" },
        { 16383, "7FFF" },
        { 16384, "80004000" },
        { 494_878_333, "9D7F3E7D" },
        { VectorLength.Max, "BFFFFFFF" },
    };

    [Theory]
    [MemberData(nameof(Boundaries))]
    public static void Length_is_written_in_its_shortest_form(int length, string hex)
    {
        using var buffer = new TlsBuffer();
        new TlsWriter(buffer).WriteLength(length);
        Assert.Equal(hex, Convert.ToHexString(buffer.WrittenSpan));
        Assert.Equal(hex.Length / 2, VectorLength.EncodedSize(length));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(16383)]
    [InlineData(16384)]
    [InlineData(70000)]
    public static void Vector_of_each_size_class_is_read_back(int length)
    {
        byte[] content = new byte[length];
        Array.Fill(content, (byte)0xA5);
        using var buffer = new TlsBuffer();
        new TlsWriter(buffer).WriteOpaque(content);

        var reader = new TlsReader(buffer.WrittenSpan);
        Assert.Equal(content, reader.ReadOpaque(length).ToArray());
        reader.ThrowIfNotEmpty();
    }

    [Theory]
    [InlineData("4000")] // 0 in two bytes
    [InlineData("403F")] // 63 in two bytes
    [InlineData("80000000")] // 0 in four bytes
    [InlineData("8000003F")] // 63 in four bytes
    [InlineData("80000040")] // 64 in four bytes
    [InlineData("80003FFF")] // 16383 in four bytes
    public static void Length_that_is_longer_than_its_shortest_form_is_refused(string hex)
    {
        DecodeException refusal = Refusal(Convert.FromHexString(hex), VectorLength.Max);
        Assert.Equal(0, refusal.Offset);
        Assert.Contains("shortest", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("C0")]
    [InlineData("FF")]
    [InlineData("C000000000000000")] // the 8-byte form of QUIC
    [InlineData("FFFFFFFFFFFFFFFF")]
    public static void Length_with_prefix_11_is_refused(string hex)
        => Assert.Contains("prefix 11", Refusal(Convert.FromHexString(hex), VectorLength.Max).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("40")]
    [InlineData("80")]
    [InlineData("8000")]
    [InlineData("800040")]
    public static void Length_that_is_cut_off_is_refused(string hex)
        => Assert.Contains("too early", Refusal(Convert.FromHexString(hex), VectorLength.Max).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("01")]
    [InlineData("3F00")]
    [InlineData("4040AABB")]
    [InlineData("BFFFFFFF00")]
    public static void Length_that_runs_past_the_input_is_refused_before_anything_is_allocated(string hex)
    {
        byte[] input = Convert.FromHexString(hex);
        long before = GC.GetAllocatedBytesForCurrentThread();
        DecodeException refusal = Refusal(input, VectorLength.Max);
        Assert.Contains("past the end", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
    }

    [Fact]
    public static void Length_at_the_limit_is_read_and_one_above_it_is_refused()
    {
        byte[] input = [3, 1, 2, 3];
        Assert.Equal(3, new TlsReader(input).ReadLength(3));
        Assert.Contains("limit of 2", Refusal(input, 2).Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void Length_without_an_encoding_is_the_callers_mistake()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => VectorLength.EncodedSize(VectorLength.Max + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => VectorLength.EncodedSize(-1));
    }

    private static DecodeException Refusal(byte[] input, int limit)
        => Assert.Throws<DecodeException>(() => { new TlsReader(input).ReadLength(limit); });
}
