using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Tests.Contract;

// Touches and cancellation.
public abstract partial class TokenContract
{
    [Fact]
    public async Task Touch_that_does_not_come_is_told_and_the_next_one_may()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Always);
        Touch.IsWithheld = true;
        TouchTimedOutException late = await Assert.ThrowsAsync<TouchTimedOutException>(() => SignAsync(token, _pin));
        Assert.Equal(PivSlot.Authentication, late.Slot);
        await token.VerifyPinAsync(_pin, Cancel);
        await Assert.ThrowsAsync<TouchTimedOutException>(() => SignAsync(token, null));
        Touch.IsWithheld = false;
        await SignAsync(token, null);
        Assert.Equal([TouchState.Wanted, TouchState.TimedOut, TouchState.Wanted, TouchState.TimedOut, TouchState.Wanted, TouchState.Touched], Touches);
    }

    [Fact]
    public async Task Cached_touch_is_asked_for_once_in_fifteen_seconds()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Cached);
        await token.VerifyPinAsync(_pin, Cancel);
        await SignAsync(token, null);
        await SignAsync(token, null);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await SignAsync(token, null);
        Assert.Equal([TouchState.Wanted, TouchState.Touched], Touches);
        Assert.Equal(1, Touch.Asked);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await SignAsync(token, null);
        Assert.Equal([TouchState.Wanted, TouchState.Touched, TouchState.Wanted, TouchState.Touched], Touches);
        Assert.Equal(2, Touch.Asked);
    }

    [Fact]
    public async Task Key_without_touch_policy_raises_no_prompt()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Never);
        await SignAsync(token, _pin);
        Assert.Empty(Touches);
    }

    [Fact]
    public async Task Policy_of_a_key_made_anew_counts_at_once()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Never);
        await SignAsync(token, _pin);
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Always);
        await SignAsync(token, _pin);
        Assert.Equal([TouchState.Wanted, TouchState.Touched], Touches);
    }

    [Fact]
    public async Task Operation_cancelled_before_its_turn_never_begins()
    {
        await using IToken token = await OpenAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        int before = Card.Faults.CommandsReceived;
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => token.VerifyPinAsync(_other, cancelled.Token));
        Assert.Equal(cancelled.Token, error.CancellationToken);
        Assert.Equal(before, Card.Faults.CommandsReceived);
        Assert.Equal(3, (await token.GetPinStateAsync(Cancel)).RetriesLeft);
    }

    [Fact]
    public async Task Operation_cancelled_during_its_touch_ends_with_the_card_and_the_token_is_fit_for_the_next()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Always);
        using var cancelled = new CancellationTokenSource();
        Touch.Meanwhile = cancelled.Cancel;
        Task<byte[]> cut = token.SignAsync(PivSlot.Authentication, PivAlgorithm.EccP256, "message"u8.ToArray(), _pin, cancelled.Token);
        Task<PinState> next = token.GetPinStateAsync(Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut);
        Assert.True(cut.IsCanceled);
        Assert.Equal([TouchState.Wanted, TouchState.Touched], Touches);
        Assert.True((await next).IsVerified);
        Touch.Meanwhile = null;
        await SignAsync(token, null);
    }

    [Fact]
    public async Task Closed_token_takes_no_more_operations()
    {
        IToken token = await OpenAsync();
        await token.DisposeAsync();
        await token.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => token.GetPinStateAsync(Cancel));
        await using IToken again = await OpenAsync();
        Assert.Equal(3, (await again.GetPinStateAsync(Cancel)).RetriesLeft);
    }
}
