using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>What the driver does when the card, or the way to it, fails.</summary>
public sealed class CardFaultTests : IDisposable
{
    private const string Digest = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string EcSignature = "7C0A820830060201010201029000";
    private const string MetadataOnceAlways = "010111" + "02020202" + "030101" + "0443" + "8641" + "04" + Digest + Digest + "9000";

    private readonly Pin _pin = Pin.Create("123456"u8);

    public void Dispose() => _pin.Dispose();

    [Fact]
    public void Card_removed_in_mid_flow_is_reported_as_removed_and_the_transaction_ends()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C3").On("00200080", "9000").Fault("0087119A", CardFault.Removed);
        using PivCard card = Open(channel);
        CardChannelException error = Assert.Throws<CardChannelException>(() => card.Sign(PivSlot.Authentication, PivAlgorithm.EccP256, Convert.FromHexString(Digest), _pin));
        Assert.Equal(CardFault.Removed, error.Fault);
        Assert.Equal(0, channel.OpenTransactions);
        Assert.Equal(0, channel.Left);
    }

    [Fact]
    public void Card_reset_by_another_program_is_selected_again_and_the_pin_is_known_to_be_forgotten()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey()
            .On("00200080", "63C3").On("00200080", "9000") // VerifyPin
            .On("00A40400", "61114F0600001000010079074F05A0000003089000").On("00FD0000", "0504039000").On("00F80000", "000000019000") // reset: the same card
            .On("0087119A", "6982")
            .On("00200080", "63C3").On("00F70080", "010111" + "050100" + "060203039000") // the PIN state
            .On("00F7009A", MetadataOnceAlways);
        using PivCard card = Open(channel);
        card.VerifyPin(_pin);
        channel.TransactionFault = CardFault.Reset;
        PinRequiredException error = Assert.Throws<PinRequiredException>(() => card.Sign(PivSlot.Authentication, PivAlgorithm.EccP256, Convert.FromHexString(Digest)));
        Assert.True(error.WasForgotten);
        Assert.Equal(1, channel.Reconnections);
        Assert.Equal(0, channel.Left);
    }

    [Fact]
    public void Reset_seen_by_the_first_command_of_a_transaction_is_survived()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey()
            .Fault("00200080", CardFault.Reset).On("00A40400", "9000").On("00FD0000", "0504039000").On("00F80000", "000000019000")
            .On("0020008008313233343536FFFF", "9000");
        using PivCard card = Open(channel);
        card.VerifyPin(_pin);
        Assert.Equal(1, channel.Reconnections);
        Assert.Equal(0, channel.Left);
    }

    [Fact]
    public void Card_held_by_another_program_is_busy_and_nothing_was_sent()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey();
        using PivCard card = PivCard.OpenOwned(channel, DeviceQuestion.AskForSerialOnly, new CardTurn { Patience = TimeSpan.Zero }, TimeProvider.System);
        channel.TransactionFault = CardFault.Busy;
        Assert.Equal(CardFault.Busy, Assert.Throws<CardChannelException>(() => card.VerifyPin(_pin)).Fault);
        Assert.Equal(0, channel.OpenTransactions);
    }

    [Fact]
    public void Refusal_after_a_right_pin_is_a_touch_that_did_not_come()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C3").On("0020008008", "9000").On("0087119A", "6982");
        using PivCard card = Open(channel);
        TouchTimedOutException error = Assert.Throws<TouchTimedOutException>(
            () => card.Sign(PivSlot.Authentication, PivAlgorithm.EccP256, Convert.FromHexString(Digest), _pin));
        Assert.Equal(PivSlot.Authentication, error.Slot);
    }

    [Fact]
    public void Refusal_without_a_pin_asks_the_card_whether_the_pin_or_the_touch_is_missing()
    {
        ScriptedChannel verified = ScriptedChannel.YubiKey().On("00200080", "9000").On("0087119A", "6982")
            .On("00200080", "9000").On("00F70080", "050100060203039000").On("00F7009A", MetadataOnceAlways);
        using PivCard card = Open(verified);
        Assert.Throws<TouchTimedOutException>(() => card.Sign(PivSlot.Authentication, PivAlgorithm.EccP256, Convert.FromHexString(Digest)));
        Assert.Equal(0, verified.Left);

        ScriptedChannel unverified = ScriptedChannel.YubiKey().On("00200080", "63C3").On("0087119A", "6982")
            .On("00200080", "63C3").On("00F70080", "050100060203039000").On("00F7009A", MetadataOnceAlways);
        using PivCard other = Open(unverified);
        PinRequiredException error = Assert.Throws<PinRequiredException>(() => other.Sign(PivSlot.Authentication, PivAlgorithm.EccP256, Convert.FromHexString(Digest)));
        Assert.False(error.WasForgotten);
    }

    [Fact]
    public void Wrong_pin_says_how_many_tries_are_left_and_blocked_says_so_in_mid_flow()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C2").On("0020008008", "63C1").On("00200080", "63C1").On("0020008008", "6983");
        using PivCard card = Open(channel);
        PinIncorrectException wrong = Assert.Throws<PinIncorrectException>(() => card.VerifyPin(_pin));
        Assert.Equal(1, wrong.RetriesLeft);
        Assert.Contains("1 try is left", wrong.Message, StringComparison.Ordinal);
        PinBlockedException blocked = Assert.Throws<PinBlockedException>(
            () => card.Sign(PivSlot.Authentication, PivAlgorithm.EccP256, Convert.FromHexString(Digest), _pin));
        Assert.Contains("PUK", blocked.Hint, StringComparison.Ordinal);
        Assert.Equal(0, channel.Left);
    }

    [Theory]
    [InlineData("")]
    [InlineData("90")]
    public void Answer_shorter_than_a_status_word_is_malformed(string answer) => AssertMalformedSignature(answer);

    [Theory]
    [InlineData("9000")] // nothing
    [InlineData("7C0A82089000")] // length past the end
    [InlineData("7C0382050130060201019000")] // inner length past the outer
    [InlineData("7C84FFFFFFFF82009000")]
    [InlineData("7C0281009000")] // another object
    [InlineData("7C0282009000")] // no signature
    [InlineData("7C0A8208300602010102010200009000")] // trailing bytes
    public void Answer_with_lying_length_bytes_is_malformed(string answer) => AssertMalformedSignature(answer);

    [Fact]
    public void Response_in_pieces_is_put_together()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C3").On("0087119A", "7C0A82086104").On("00C0000004", "300602016104").On("00C0000004", "010201029000");
        using PivCard card = Open(channel);
        Assert.Equal("3006020101020102", Convert.ToHexString(card.Sign(PivSlot.Authentication, PivAlgorithm.EccP256, Convert.FromHexString(Digest))));
        Assert.Equal(0, channel.Left);
    }

    [Fact]
    public void Promise_of_more_that_is_never_kept_ends()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C3").On("0087119A", "6110").On("00C0000010", "6110");
        using PivCard card = Open(channel);
        Assert.Throws<MalformedAnswerException>(() => card.Sign(PivSlot.Authentication, PivAlgorithm.EccP256, Convert.FromHexString(Digest)));
    }

    [Fact]
    public void Wrong_length_is_corrected_once_and_only_once()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C3").On("0087119A", "6C0C").On("0087119A", EcSignature);
        using PivCard card = Open(channel);
        Assert.Equal(8, card.Sign(PivSlot.Authentication, PivAlgorithm.EccP256, Convert.FromHexString(Digest)).Length);

        ScriptedChannel stubborn = ScriptedChannel.YubiKey().On("00200080", "63C3").On("0087119A", "6C0C").On("0087119A", "6C0D");
        using PivCard other = Open(stubborn);
        PivException error = Assert.Throws<PivException>(() => other.Sign(PivSlot.Authentication, PivAlgorithm.EccP256, Convert.FromHexString(Digest)));
        Assert.Equal(new StatusWord(0x6C0D), error.Status);
    }

    [Fact]
    public void Long_message_goes_out_in_a_chain_and_a_refusal_breaks_it_off()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey("050704").On("00200080", "63C3").On("1087E09AFF", "6883");
        using PivCard card = Open(channel);
        PivException error = Assert.Throws<PivException>(() => card.Sign(PivSlot.Authentication, PivAlgorithm.Ed25519, new byte[300]));
        Assert.Equal(StatusWord.LastCommandOfChainExpected, error.Status);
        Assert.Equal(0, channel.Left);
    }

    [Fact]
    public void Card_without_piv_is_refused_and_its_channel_closed()
    {
        ScriptedChannel channel = new ScriptedChannel().On("00200080", "6D00").On("00A40400", "6A82");
        Assert.Throws<PivMissingException>(() => PivCard.OpenOwned(channel, DeviceQuestion.AskForSerialOnly));
        Assert.True(channel.IsDisposed);
        Assert.Equal(0, channel.OpenTransactions);
    }

    [Fact]
    public void Feature_that_the_firmware_lacks_is_named_and_not_tried()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C3");
        using PivCard card = Open(channel);
        FirmwareTooOldException error = Assert.Throws<FirmwareTooOldException>(() => card.MoveKey(PivSlot.Authentication, PivSlot.Retired(1), Administration.FactoryDefault));
        Assert.Equal("5.7.0", error.Required.ToString());
        Assert.Contains("5.4.3", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, channel.Left);
    }

    [Fact]
    public void Card_that_cannot_prove_the_management_key_is_not_trusted()
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C3")
            .On("0087039B047C028000", "7C0A800801020304050607089000")
            .On("0087039B", "7C0A820800000000000000009000");
        using PivCard card = Open(channel);
        using ManagementKey key = ManagementKey.FactoryDefault(PivAlgorithm.TripleDes);
        Assert.Throws<ManagementKeyUnprovenException>(() => card.Authenticate(key));
        Assert.Equal(0, channel.Left);
    }

    private static PivCard Open(ScriptedChannel channel) => PivCard.OpenOwned(channel, DeviceQuestion.AskForSerialOnly);

    private static void AssertMalformedSignature(string answer)
    {
        ScriptedChannel channel = ScriptedChannel.YubiKey().On("00200080", "63C3").On("0087119A", answer);
        using PivCard card = Open(channel);
        Assert.Throws<MalformedAnswerException>(() => card.SignMessage(PivSlot.Authentication, PivAlgorithm.EccP256, "message"u8));
        Assert.Equal(0, channel.OpenTransactions);
    }
}
