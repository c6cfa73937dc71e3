using System.Security.Cryptography;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tokens.Tests.Contract;

// PIN, PUK and management key.
public abstract partial class TokenContract
{
    private const int AdminObject = 0x5FFF00;
    private const int DerivationPasses = 10_000;

    [Fact]
    public async Task Pin_is_counted_blocked_and_unblocked()
    {
        await using IToken token = await OpenAsync();
        Assert.Equal(new PinState(false, 3, IfTold(true)), await token.GetPinStateAsync(Cancel));
        Assert.Equal(2, (await Assert.ThrowsAsync<PinIncorrectException>(() => token.VerifyPinAsync(_other, Cancel))).RetriesLeft);
        Assert.Equal(1, (await Assert.ThrowsAsync<PinIncorrectException>(() => token.VerifyPinAsync(_other, Cancel))).RetriesLeft);
        await Assert.ThrowsAsync<PinBlockedException>(() => token.VerifyPinAsync(_other, Cancel));
        Assert.Equal(PinKind.Pin, (await Assert.ThrowsAsync<PinBlockedException>(() => token.VerifyPinAsync(_pin, Cancel))).Kind);
        Assert.True((await token.GetPinStateAsync(Cancel)).IsBlocked);
        await token.UnblockPinAsync(_puk, _other, Cancel);
        await token.VerifyPinAsync(_other, Cancel);
        Assert.Equal(new PinState(true, Profile.HasMetadata ? 3 : null, IfTold(false)), await token.GetPinStateAsync(Cancel));
    }

    [Fact]
    public async Task Pin_blocked_in_mid_flow_is_told_as_blocked_and_no_touch_is_asked_for()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Always);
        await Assert.ThrowsAsync<PinIncorrectException>(() => SignAsync(token, _other));
        await Assert.ThrowsAsync<PinIncorrectException>(() => SignAsync(token, _other));
        await Assert.ThrowsAsync<PinBlockedException>(() => SignAsync(token, _other));
        PinBlockedException blocked = await Assert.ThrowsAsync<PinBlockedException>(() => SignAsync(token, null));
        Assert.Contains("PUK", blocked.Hint, StringComparison.Ordinal);
        Assert.Empty(Touches);
        Assert.Equal(0, Touch.Asked);
    }

    [Theory]
    [InlineData(PinPolicy.Once, false)]
    [InlineData(PinPolicy.Always, true)]
    public async Task Missing_pin_is_asked_for_before_any_touch(PinPolicy policy, bool verifiedBefore)
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, pin: policy, touch: TouchPolicy.Always);
        if (verifiedBefore)
            await token.VerifyPinAsync(_pin, Cancel);
        Assert.False((await Assert.ThrowsAsync<PinRequiredException>(() => SignAsync(token, null))).WasForgotten);
        Assert.Empty(Touches);
        Assert.Equal(0, Touch.Asked);
        await SignAsync(token, _pin);
    }

    [Fact]
    public async Task Pin_given_once_serves_until_the_end_of_the_session()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication);
        await token.VerifyPinAsync(_pin, Cancel);
        await SignAsync(token, null);
        await SignAsync(token, null);
        Assert.True((await token.GetPinStateAsync(Cancel)).IsVerified);
    }

    [Fact]
    public async Task Puk_is_changed_counted_and_blocked()
    {
        await using IToken token = await OpenAsync();
        using Pin replacement = Pin.Create("87654321"u8);
        Assert.Equal(Profile.HasMetadata ? new PukState(3, true) : PukState.Unknown, await token.GetPukStateAsync(Cancel));
        await token.ChangePukAsync(_puk, replacement, Cancel);
        Assert.Equal(Profile.HasMetadata ? new PukState(3, false) : PukState.Unknown, await token.GetPukStateAsync(Cancel));
        PinIncorrectException wrong = await Assert.ThrowsAsync<PinIncorrectException>(() => token.ChangePukAsync(_puk, _other, Cancel));
        Assert.Equal((PinKind.Puk, 2), (wrong.Kind, wrong.RetriesLeft));
        await token.UnblockPinAsync(replacement, _other, Cancel);
        await token.VerifyPinAsync(_other, Cancel);
        for (int tries = 2; tries > 0; tries--)
            Assert.Equal(tries, (await Assert.ThrowsAsync<PinIncorrectException>(() => token.UnblockPinAsync(_puk, _pin, Cancel))).RetriesLeft);
        Assert.Equal(PinKind.Puk, (await Assert.ThrowsAsync<PinBlockedException>(() => token.UnblockPinAsync(_puk, _pin, Cancel))).Kind);
        await token.VerifyPinAsync(_other, Cancel);
    }

    [Fact]
    public async Task Number_of_tries_is_set_and_the_codes_are_the_factorys_again()
    {
        await using IToken token = await OpenAsync();
        await token.ChangePinAsync(_pin, _other, Cancel);
        await token.SetRetriesAsync(5, 4, _other, Administration.FactoryDefault, Cancel);
        Assert.Equal(new PinState(false, 5, IfTold(true)), await token.GetPinStateAsync(Cancel));
        Assert.Equal(4, (await Assert.ThrowsAsync<PinIncorrectException>(() => token.VerifyPinAsync(_other, Cancel))).RetriesLeft);
        await token.VerifyPinAsync(_pin, Cancel);
        Assert.Equal(3, (await Assert.ThrowsAsync<PinIncorrectException>(() => token.UnblockPinAsync(_other, _pin, Cancel))).RetriesLeft);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => token.SetRetriesAsync(0, 3, _pin, Administration.FactoryDefault, Cancel));
    }

    [Fact]
    public async Task Management_key_is_described_replaced_and_the_old_one_refused_by_name()
    {
        await using IToken token = await OpenAsync();
        PivAlgorithm factory = Profile.HasCurve25519 ? PivAlgorithm.Aes192 : PivAlgorithm.TripleDes;
        Assert.Equal(
            new ManagementKeyMetadata(factory, Profile.HasMetadata ? TouchPolicy.Never : TouchPolicy.Default, IfTold(true), IsStored: false),
            await token.GetManagementKeyMetadataAsync(Cancel));
        using var kept = new ManagementKey(PivAlgorithm.Aes256, RandomNumberGenerator.GetBytes(32));
        if (!await HasAsync(Profile.HasAesManagementKey, "AES management keys", () => token.ChangeManagementKeyAsync(kept, Administration.FactoryDefault, Cancel)))
            return;
        await token.ChangeManagementKeyAsync(kept, Administration.FactoryDefault, Cancel);
        Assert.Equal(PivAlgorithm.Aes256, (await token.GetManagementKeyMetadataAsync(Cancel)).Algorithm);
        using var old = ManagementKey.FactoryDefault(factory);
        ManagementKeyIncorrectException wrong = await Assert.ThrowsAsync<ManagementKeyIncorrectException>(
            () => token.GenerateAsync(PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.With(old), Cancel));
        Assert.Equal((factory, PivAlgorithm.Aes256), (wrong.Given, wrong.Expected));
        await Assert.ThrowsAsync<ManagementKeyIncorrectException>(() => GenerateAsync(token, PivSlot.Authentication));
        await token.GenerateAsync(PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.With(kept), Cancel);
    }

    [Fact]
    public async Task Management_key_can_be_kept_by_the_card_behind_its_pin()
    {
        await using IToken token = await OpenAsync();
        await Assert.ThrowsAsync<ManagementKeyNotStoredException>(() => UseStoredAsync(token));
        await token.ProtectManagementKeyAsync(_pin, Administration.FactoryDefault, Cancel);
        Assert.True((await token.GetManagementKeyMetadataAsync(Cancel)).IsStored);
        await Assert.ThrowsAsync<ManagementKeyIncorrectException>(() => GenerateAsync(token, PivSlot.Authentication));
        await UseStoredAsync(token);
        using var kept = ManagementKey.FactoryDefault(Profile.HasCurve25519 ? PivAlgorithm.Aes192 : PivAlgorithm.TripleDes);
        await token.ChangeManagementKeyAsync(kept, Administration.StoredBehind(_pin), Cancel);
        Assert.False((await token.GetManagementKeyMetadataAsync(Cancel)).IsStored);
        await GenerateAsync(token, PivSlot.Authentication);
    }

    [Fact]
    public async Task Management_key_derived_from_the_pin_in_the_old_way_still_opens_the_card()
    {
        byte[] salt = RandomNumberGenerator.GetBytes(16);
#pragma warning disable CA5379 // the derivation that old tokens were set up with
        byte[] derived = Rfc2898DeriveBytes.Pbkdf2("123456"u8, salt, DerivationPasses, HashAlgorithmName.SHA1, 24);
#pragma warning restore CA5379
        using (PivCard card = PivCard.OpenOwned(new SimulatedCardChannel(Card)))
        {
            using var key = new ManagementKey(Profile.HasCurve25519 ? PivAlgorithm.Aes192 : PivAlgorithm.TripleDes, derived);
            card.PutObject(AdminObject, BerTlvWriter.Encode(0x80, [.. BerTlvWriter.Encode(0x81, [0]), .. BerTlvWriter.Encode(0x82, salt)]), Administration.FactoryDefault);
            using IDisposable transaction = card.BeginTransaction();
            card.Authenticate(Administration.FactoryDefault);
            card.SetManagementKey(key);
        }

        await using IToken token = await OpenAsync();
        Assert.True((await token.GetManagementKeyMetadataAsync(Cancel)).IsStored);
        await UseStoredAsync(token);
    }

    [Fact]
    public async Task Management_key_that_wants_a_touch_is_prompted_for_and_its_time_out_told_apart_from_a_wrong_key()
    {
        // SET MANAGEMENT KEY with P2 = FE asks for a touch at each use (firmware 4 and later).
        PivAlgorithm algorithm = Profile.HasCurve25519 ? PivAlgorithm.Aes192 : PivAlgorithm.TripleDes;
        using (PivCard card = PivCard.OpenOwned(new SimulatedCardChannel(Card)))
        using (card.BeginTransaction())
        {
            card.Authenticate(Administration.FactoryDefault);
            byte[] command = [0x00, 0xFF, 0xFF, 0xFE, 27, (byte)algorithm, 0x9B, 24, .. ManagementKey.FactoryDefault(algorithm).Span];
            Assert.Equal([0x90, 0x00], Card.Transmit(command));
        }

        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication);
        Assert.Equal(1, Touch.Asked);
        if (!Profile.HasMetadata)
        {
            Assert.Empty(Touches); // this firmware does not tell the policy of its management key
            return;
        }

        Assert.Equal([TouchState.Wanted, TouchState.Touched], Touches);
        Touch.IsWithheld = true;
        TouchTimedOutException late = await Assert.ThrowsAsync<TouchTimedOutException>(() => GenerateAsync(token, PivSlot.Authentication));
        Assert.Equal(PivSlot.Management, late.Slot);
        using var wrong = new ManagementKey(algorithm, RandomNumberGenerator.GetBytes(24));
        await Assert.ThrowsAsync<ManagementKeyIncorrectException>(
            () => token.GenerateAsync(PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.With(wrong), Cancel));
        Assert.Equal([TouchState.Wanted, TouchState.TimedOut, TouchState.Wanted, TouchState.Abandoned], Touches.Skip(2));
    }

    private Task<PivPublicKey> UseStoredAsync(IToken token)
        => token.GenerateAsync(PivSlot.Retired(2), PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.StoredBehind(_pin), Cancel);

    private bool? IfTold(bool value) => Profile.HasMetadata ? value : null;
}
