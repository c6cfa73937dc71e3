using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Tests;

public static class PinTests
{
    [Theory]
    [InlineData("12345", false)]
    [InlineData("123456", true)]
    [InlineData("12345678", true)]
    [InlineData("123456789", false)]
    public static void Pin_has_six_to_eight_bytes(string text, bool fits)
    {
        bool made = Pin.TryCreate(System.Text.Encoding.ASCII.GetBytes(text), out Pin? pin);
        Assert.Equal(fits, made);
        pin?.Dispose();
    }

    [Fact]
    public static void Byte_that_the_card_pads_with_is_refused()
        => Assert.False(Pin.TryCreate([1, 2, 3, 4, 5, 0xFF], out _));

    [Fact]
    public static void Secrets_show_nothing_and_are_gone_after_disposal()
    {
        var pin = Pin.Create("987654"u8);
        Assert.DoesNotContain("987", pin.ToString(), StringComparison.Ordinal);
        var secret = new TokenSecret([1, 2, 3]);
        Assert.Equal("(secret)", secret.ToString());
        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => secret.Span.Length);
        pin.Dispose();
        using var other = Pin.Create("987654"u8);
        Assert.Throws<ObjectDisposedException>(() => pin.Matches(other));
    }

    [Fact]
    public static void Terminal_line_is_read_with_corrections_and_can_be_left()
    {
        using Pin expected = Pin.Create("123456"u8);
        using Pin? typed = PinEntry.FromTerminal(Keys("12349\b56\r"));
        Assert.True(expected.Matches(Assert.IsType<Pin>(typed)));
        Assert.Null(PinEntry.FromTerminal(Keys("123\r")));
        Assert.Throws<OperationCanceledException>(() => PinEntry.FromTerminal(Keys("123456\u001b")));
    }

    [Fact]
    public static void Stream_gives_its_first_line_and_keeps_the_rest()
    {
        using var stream = new MemoryStream("123456\r\nnext"u8.ToArray());
        using Pin? pin = PinEntry.FromStream(stream);
        using Pin expected = Pin.Create("123456"u8);
        Assert.True(expected.Matches(Assert.IsType<Pin>(pin)));
        Assert.Equal("next", new StreamReader(stream).ReadToEnd());
    }

    [Theory]
    [InlineData("123456\nrest", true)]
    [InlineData("123456", true)]
    [InlineData("12\n345678", false)]
    [InlineData("", false)]
    public static void Descriptor_gives_its_first_line_and_stays_open(string content, bool fits)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "descriptors are handles there");
        string path = Path.GetTempFileName();
        File.WriteAllText(path, content);
        using (FileStream file = File.OpenRead(path))
        {
            int descriptor = file.SafeFileHandle.DangerousGetHandle().ToInt32();
            using Pin? pin = PinEntry.FromDescriptor(descriptor);
            Assert.Equal(fits, pin is not null);
            using Pin expected = Pin.Create("123456"u8);
            Assert.Equal(fits, pin?.Matches(expected) ?? false);
            Assert.False(file.SafeFileHandle.IsClosed);
            Assert.Equal(content.Length, RandomAccess.GetLength(file.SafeFileHandle));
        }

        File.Delete(path);
    }

    [Fact]
    public static void Descriptor_of_a_pipe_gives_one_line_after_the_other()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "descriptors are handles there");
        using var writer = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        writer.Write("123456\n654321\n"u8);
        int descriptor = writer.ClientSafePipeHandle.DangerousGetHandle().ToInt32();
        using Pin first = Pin.Create("123456"u8), second = Pin.Create("654321"u8);
        using Pin? one = PinEntry.FromDescriptor(descriptor);
        using Pin? two = PinEntry.FromDescriptor(descriptor);
        Assert.True(one?.Matches(first));
        Assert.True(two?.Matches(second));
    }

    [Fact]
    public static void Descriptor_that_is_not_open_is_an_error()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "descriptors are handles there");
        Assert.ThrowsAny<IOException>(() => PinEntry.FromDescriptor(99_999));
        Assert.Throws<ArgumentOutOfRangeException>(() => PinEntry.FromDescriptor(-1));
    }

    [Fact]
    public static void Environment_variable_is_read_only_with_a_warning()
    {
        const string Name = "HARDWARECHAT_TEST_PIN";
        var warnings = new List<string>();
        Assert.Null(PinEntry.FromEnvironment(Name, warnings.Add));
        Environment.SetEnvironmentVariable(Name, "123456");
        using Pin? pin = PinEntry.FromEnvironment(Name, warnings.Add);
        Environment.SetEnvironmentVariable(Name, null);
        Assert.NotNull(pin);
        Assert.Contains(Name, Assert.Single(warnings), StringComparison.Ordinal);
        Assert.DoesNotContain("123456", warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public static void Management_key_of_the_wrong_size_is_refused()
        => Assert.Throws<ArgumentException>(() => new ManagementKey(PivAlgorithm.Aes256, new byte[24]));

    private static Func<ConsoleKeyInfo> Keys(string typed)
    {
        int next = 0;
        return () =>
        {
            char character = typed[next++];
            ConsoleKey key = character switch { '\r' => ConsoleKey.Enter, '\b' => ConsoleKey.Backspace, '\u001b' => ConsoleKey.Escape, _ => ConsoleKey.None };
            return new ConsoleKeyInfo(character, key, false, false, false);
        };
    }
}
