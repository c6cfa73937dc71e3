using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Tests.Simulator;

/// <summary>Cards in files.</summary>
public sealed class SimulatedCardStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-sim-").FullName;
    private readonly SimulatedCardStore _store;

    public SimulatedCardStoreTests() => _store = new SimulatedCardStore(_folder);

    [Theory]
    [InlineData("")]
    [InlineData("correct horse")]
    public void Keys_and_counters_survive_a_restart(string passphrase)
    {
        byte[] phrase = System.Text.Encoding.UTF8.GetBytes(passphrase);
        _store.Create("alice", FirmwareProfile.Firmware57, 42, phrase);
        string generated;
        using (var card = new CardUnderTest(_store.Open("alice", new AutomaticTouch(), phrase)))
        {
            card.AuthenticateManagement();
            generated = card.Send("0047009A05AC038001E000");
            card.Send("0047009C05AC0380010700");
            card.Send("00DB3FFF095C035FC10553020102");
            Assert.Equal("63C2", card.Send(CardUnderTest.WrongPin));
        }

        using var again = new CardUnderTest(_store.Open("alice", new AutomaticTouch(), phrase));

        Assert.Equal("63C2", again.Send("00200080"));
        Assert.Equal("530201029000", again.Send("00CB3FFF055C035FC10500"));
        Assert.Contains(generated[10..^4], again.Send("00F7009A00"), StringComparison.Ordinal);
        Assert.StartsWith("010107", again.Send("00F7009C00"), StringComparison.Ordinal);
        Assert.EndsWith("9000", again.Send(0xF9, 0x9A, 0, []), StringComparison.Ordinal);
        Assert.Equal(passphrase.Length > 0, _store.Describe(_store.Names().Single()).IsSealed);
    }

    [Fact]
    public void Every_changed_byte_of_a_plain_file_is_noticed()
    {
        _store.Create("alice", FirmwareProfile.Firmware54, 42, []);
        string path = Path.Combine(_folder, "alice.card");
        byte[] good = File.ReadAllBytes(path);
        for (int at = 0; at < good.Length; at += 7)
        {
            byte[] bad = [.. good];
            bad[at] ^= 0x10;
            File.WriteAllBytes(path, bad);
            Assert.Equal(SimulatedCardFault.Corrupt, FaultOfOpening([]));
        }
        File.WriteAllBytes(path, good[..^1]);
        Assert.Equal(SimulatedCardFault.Corrupt, FaultOfOpening([]));
    }

    [Fact]
    public void Sealed_card_wants_its_pass_phrase_and_holds_no_pin_in_the_clear()
    {
        _store.Create("alice", FirmwareProfile.Firmware54, 42, "correct horse"u8);

        Assert.Equal(SimulatedCardFault.PassphraseMissing, FaultOfOpening([]));
        Assert.Equal(SimulatedCardFault.PassphraseWrong, FaultOfOpening("wrong horse"u8));
        Assert.True(File.ReadAllBytes(Path.Combine(_folder, "alice.card")).AsSpan().IndexOf("123456"u8) < 0);
    }

    [Fact]
    public void Card_has_one_owner_and_one_name_and_a_file_for_its_owner_alone()
    {
        _store.Create("alice", FirmwareProfile.Firmware54, 42, []);
        Assert.Equal(SimulatedCardFault.Exists, Assert.Throws<SimulatedCardException>(() => _store.Create("alice", FirmwareProfile.Firmware54, 1, [])).Fault);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "alice.card")));

        using (SimulatedCard card = _store.Open("alice", new AutomaticTouch()))
            Assert.Equal(SimulatedCardFault.InUse, FaultOfOpening([]));

        _store.Delete("alice");
        Assert.Equal(SimulatedCardFault.NotFound, FaultOfOpening([]));
        Assert.Throws<ArgumentException>(() => _store.Describe("../alice"));
    }

    [Fact]
    public async Task Touch_comes_from_elsewhere_through_the_socket()
    {
        _store.Create("alice", FirmwareProfile.Firmware57, 42, []);
        var button = new TouchButton();
        var wanted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        button.Wanted += _ => wanted.TrySetResult();
        await using TouchSocket listening = _store.ListenForTouches("alice", button);
        using var card = new CardUnderTest(_store.Open("alice", button));
        card.AuthenticateManagement();
        card.Send("0047009A0BAC09800111AA0101AB010200");

        Assert.False(await _store.TouchAsync("alice", TestContext.Current.CancellationToken));
        Task<string> signing = Task.Run(() => card.Send("0087119A267C2482008120" + new string('7', 64) + "00"), TestContext.Current.CancellationToken);
        await wanted.Task;
        while (!await _store.TouchAsync("alice", TestContext.Current.CancellationToken))
            await Task.Yield();
        Assert.EndsWith("9000", await signing, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private SimulatedCardFault FaultOfOpening(ReadOnlySpan<byte> passphrase)
    {
        try
        {
            _store.Open("alice", new AutomaticTouch(), passphrase).Dispose();
        }
        catch (SimulatedCardException failure)
        {
            return failure.Fault;
        }
        throw new InvalidOperationException("the card opened");
    }
}
