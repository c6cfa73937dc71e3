namespace HardwareChat.Wire.Tests.Codec;

public static class TlsBufferTests
{
    [Fact]
    public static void Growth_keeps_what_was_written()
    {
        using var buffer = new TlsBuffer(1);
        var writer = new TlsWriter(buffer);
        for (int i = 0; i < 5000; i++)
            writer.WriteUInt16((ushort)i);

        var reader = new TlsReader(buffer.WrittenSpan);
        for (int i = 0; i < 5000; i++)
            Assert.Equal(i, reader.ReadUInt16());
        reader.ThrowIfNotEmpty();
    }

    [Fact]
    public static void Memory_is_zeroed_when_it_is_given_back()
    {
        var buffer = new TlsBuffer(16);
        new TlsWriter(buffer).WriteFixed("a secret"u8);
        ReadOnlyMemory<byte> view = buffer.WrittenMemory;
        Assert.Equal("a secret"u8.ToArray(), view.ToArray());
        buffer.Dispose();
        Assert.Equal(new byte[8], view.ToArray());
    }

    [Fact]
    public static void Memory_is_zeroed_when_it_is_cleared()
    {
        using var buffer = new TlsBuffer(16);
        new TlsWriter(buffer).WriteFixed("a secret"u8);
        ReadOnlyMemory<byte> view = buffer.WrittenMemory;
        buffer.Clear();
        Assert.Equal(new byte[8], view.ToArray());
        Assert.True(buffer.WrittenSpan.IsEmpty);
    }

    [Fact]
    public static void Writing_after_dispose_is_the_callers_mistake()
    {
        var buffer = new TlsBuffer();
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new TlsWriter(buffer).WriteUInt8(1));
    }

    [Fact]
    public static void Advance_beyond_the_memory_is_the_callers_mistake()
    {
        using var buffer = new TlsBuffer(16);
        int room = buffer.GetSpan().Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(room + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
    }
}
