using System.Diagnostics;
using HardwareChat.Tokens.Tests.Pcsc;

namespace HardwareChat.Tokens.Tests;

/// <summary>Two of our processes and one card.</summary>
public sealed class CardLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-locks-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Second_process_waits_is_told_for_whom_and_goes_on_when_the_first_is_done()
    {
        string name = "reader of " + Path.GetRandomFileName();
        using Process first = await ProbeProgram.HoldLockAsync(name);
        var turn = new CardTurn(name, locked: true) { Patience = TimeSpan.FromMinutes(2) };
        var changes = new List<CardBusyEventArgs>();
        turn.Changed += change =>
        {
            changes.Add(change);
            first.StandardInput.Close();
        };
        using var channel = new ScriptedReader();
        using (turn.Take(channel))
            Assert.Equal(1, channel.Transactions);
        Assert.Equal(0, channel.Transactions);
        first.StandardInput.Close();
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal([CardBusyState.Waiting, CardBusyState.Free], changes.Select(change => change.State));
        Assert.Contains($"(process {first.Id})", changes[0].Holder, StringComparison.Ordinal);
        Assert.Equal(name, changes[0].Reader);
    }

    [Fact]
    public async Task Lock_of_a_process_that_was_killed_is_free()
    {
        string name = "reader of " + Path.GetRandomFileName();
        using Process first = await ProbeProgram.HoldLockAsync(name);
        CardChannelException held = Assert.Throws<CardHeldException>(() => CardLock.ForReader(name).Take());
        Assert.Equal(CardFault.Busy, held.Fault);
        first.Kill(entireProcessTree: true);
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        CardLock.ForReader(name).Take().Dispose();
    }

    [Fact]
    public void Two_turns_in_one_process_exclude_each_other_too()
    {
        using (new CardLock(_folder, "a").Take())
        {
            CardHeldException held = Assert.Throws<CardHeldException>(() => new CardLock(_folder, "a").Take());
            Assert.Equal("this program itself", held.Holder);
            new CardLock(_folder, "b").Take().Dispose();
        }

        new CardLock(_folder, "a").Take().Dispose();
    }

    [Fact]
    public void Names_that_a_reader_gives_itself_never_become_paths()
    {
        foreach (string name in new[] { "../../etc/passwd", "/dev/null", "a\0b", new string('x', 5000), "\u202Ereader" })
            CardLock.ForReader(name).Take().Dispose();
        Assert.All(Directory.GetFiles(CardLock.RuntimeFolder(), "reader-*"), path => Assert.Matches("^reader-[0-9a-f]{32}\\.(lock|holder)$", Path.GetFileName(path)));
    }

    [Fact]
    public void Folder_is_the_owners_alone_and_a_wider_one_is_narrowed()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix file modes");
            return;
        }

        string inside = Path.Combine(_folder, "made");
        new CardLock(inside, "a").Take().Dispose();
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(Owner, File.GetUnixFileMode(inside));
        File.SetUnixFileMode(inside, Owner | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        new CardLock(inside, "a").Take().Dispose();
        Assert.Equal(Owner, File.GetUnixFileMode(inside));
    }

    [Fact]
    public void Folder_that_is_a_link_or_a_file_is_refused_and_says_so()
    {
        string real = Directory.CreateDirectory(Path.Combine(_folder, "real")).FullName;
        string link = Path.Combine(_folder, "link");
        Directory.CreateSymbolicLink(link, real);
        AssertUnusable(link);
        Assert.Empty(Directory.GetFileSystemEntries(real));
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        AssertUnusable(file);

        static void AssertUnusable(string folder)
        {
            CardChannelException error = Assert.Throws<CardChannelException>(() => new CardLock(folder, "a").Take());
            Assert.Equal(CardFault.Other, error.Fault);
            Assert.Contains(folder, error.Message, StringComparison.Ordinal);
        }
    }

    private sealed class ScriptedReader : ICardChannel
    {
        public string ReaderName => "";

        public ReadOnlyMemory<byte> Atr => default;

        public bool TakesExtendedLength => false;

        public int Transactions { get; private set; }

        public int Transmit(ReadOnlySpan<byte> command, Span<byte> response) => throw new InvalidOperationException("nothing is to be sent");

        public void Reconnect() => throw new InvalidOperationException("nothing was reset");

        public IDisposable BeginTransaction()
        {
            Transactions++;
            return new Transaction(this);
        }

        public void Dispose()
        {
        }

        private sealed class Transaction(ScriptedReader reader) : IDisposable
        {
            public void Dispose() => reader.Transactions--;
        }
    }
}
