using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>Long commands and answers: whole where card and reader take extended length, in pieces where one of them does not.</summary>
public sealed class LongCommandTests : IDisposable
{
    private readonly SimulatedCard _card;

    public LongCommandTests()
    {
        using var root = SimulatedAttestationRoot.Create(TimeProvider.System.GetUtcNow());
        _card = SimulatedCard.Create(FirmwareProfile.Firmware57, 12345678, root, new AutomaticTouch());
    }

    public void Dispose() => _card.Dispose();

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void Certificates_and_long_messages_travel_by_either_way(bool extended, bool compress)
    {
        using var channel = new WatchedChannel(new SimulatedCardChannel(_card), extended);
        using PivCard card = PivCard.OpenOwned(channel);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bob", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.55555.1", RandomNumberGenerator.GetBytes(1500), critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(60));
        card.PutCertificate(PivSlot.Retired(3), certificate, Administration.FactoryDefault, compress);
        using X509Certificate2? read = card.GetCertificate(PivSlot.Retired(3));
        Assert.Equal(certificate.RawData, Assert.IsType<X509Certificate2>(read).RawData);

        PivPublicKey made = card.Generate(PivSlot.Authentication, PivAlgorithm.Ed25519, PinPolicy.Never, TouchPolicy.Never, Administration.FactoryDefault);
        byte[] message = RandomNumberGenerator.GetBytes(3000);
        Assert.True(made.Verify(message, card.SignMessage(PivSlot.Authentication, PivAlgorithm.Ed25519, message)));
        Assert.Equal(extended, channel.Extended > 0);
        Assert.Equal(!extended, channel.Chained > 0);
    }

    [Fact]
    public void Old_firmware_and_cards_that_do_not_say_so_get_no_extended_length()
    {
        ScriptedChannel neo = ScriptedChannel.YubiKey("030404", takesExtendedLength: true).On("00200080", "63C3").On("00CB3FFF055C035FC10500", "6A82");
        using PivCard card = PivCard.OpenOwned(neo, DeviceQuestion.AskForSerialOnly);
        Assert.Null(card.GetObject(0x5FC105));
        Assert.Equal(0, neo.Left);
    }

    [Fact]
    public void Card_that_refuses_extended_length_gets_pieces_from_then_on()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey("050403", takesExtendedLength: true)
            .On("00200080", "63C3").On("00CB3FFF0000055C035FC1050000", "6700").On("00CB3FFF055C035FC10500", "6A82")
            .On("00200080", "63C3").On("00CB3FFF055C035FC10A00", "6A82");
        using PivCard card = PivCard.OpenOwned(channel, DeviceQuestion.AskForSerialOnly);
        Assert.Null(card.GetObject(0x5FC105));
        Assert.Null(card.GetObject(0x5FC10A));
        Assert.Equal(0, channel.Left);
    }

    [Fact]
    public void Object_too_long_for_the_card_is_told_by_either_way_and_extended_length_goes_on()
    {
        using var channel = new WatchedChannel(new SimulatedCardChannel(_card), extended: true);
        using PivCard card = PivCard.OpenOwned(channel);
        PivException error = Assert.Throws<PivException>(() => card.PutObject(0x5FC105, new byte[5000], Administration.FactoryDefault));
        Assert.Contains("does not fit", error.Message, StringComparison.Ordinal);
        int before = channel.Extended;
        card.GetObject(0x5FC105);
        Assert.True(channel.Extended > before);
    }

    [Fact]
    public void Pin_is_not_sent_again_by_a_card_that_asks_for_another_length()
    {
        using Pin pin = Pin.Create("123456"u8);
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C3").On("0020008008", "6C05");
        using PivCard card = PivCard.OpenOwned(channel, DeviceQuestion.AskForSerialOnly);
        Assert.Throws<PivException>(() => card.VerifyPin(pin));
        Assert.Equal(0, channel.Left);
    }

    [Fact]
    public void Answer_in_endless_small_pieces_ends()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C3").On("00CB3FFF", "536101");
        for (int piece = 0; piece < 1100; piece++)
            channel.On("00C0000001", "006101");
        using PivCard card = PivCard.OpenOwned(channel, DeviceQuestion.AskForSerialOnly);
        Assert.Throws<MalformedAnswerException>(() => card.GetObject(0x5FC105));
        Assert.NotEqual(0, channel.Left);
    }

    [Theory]
    [InlineData("3BFD1300008131FE158073C021C057597562694B657940", true)] // YubiKey 5, USB
    [InlineData("3B8D80018073C021C057597562694B6579F9", true)] // YubiKey 5, NFC
    [InlineData("3BF81300008131FE15597562696B657934D4", false)] // YubiKey 4: no compact TLV
    [InlineData("3B85808073C0210000", false)] // capabilities without the bit
    [InlineData("3B84808073C021C0", false)] // cut short
    [InlineData("3BFF", false)]
    [InlineData("3B", false)]
    [InlineData("", false)]
    [InlineData("3BF1FFFFFFFFFFFFFFFF", false)]
    public void Answer_to_reset_tells_extended_length(string atr, bool expected) => Assert.Equal(expected, AnswerToReset.SaysExtendedLength(Convert.FromHexString(atr)));

    // Counts what goes by.
    private sealed class WatchedChannel(ICardChannel inner, bool extended) : ICardChannel
    {
        public int Extended { get; private set; }

        public int Chained { get; private set; }

        public string ReaderName => inner.ReaderName;

        public ReadOnlyMemory<byte> Atr => inner.Atr;

        public bool TakesExtendedLength => extended;

        public int Transmit(ReadOnlySpan<byte> command, Span<byte> response)
        {
            CommandApdu parsed = CommandApdu.Parse(command);
            Extended += parsed.IsExtended ? 1 : 0;
            Chained += parsed.IsChained ? 1 : 0;
            return inner.Transmit(command, response);
        }

        public IDisposable BeginTransaction() => inner.BeginTransaction();

        public void Reconnect() => inner.Reconnect();

        public void Dispose() => inner.Dispose();
    }
}
