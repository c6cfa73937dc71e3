using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Tests.Contract;

// The way to the card fails: pulled out, reset, held by another.
public abstract partial class TokenContract
{
    private static readonly TimeSpan LittlePatience = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan MuchPatience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Card_pulled_out_is_told_as_removed_and_the_token_can_be_closed()
    {
        IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Always);
        await RemoveAsync();
        Assert.Equal(CardFault.Removed, (await Assert.ThrowsAsync<CardChannelException>(() => SignAsync(token, _pin))).Fault);
        Assert.Equal(CardFault.Removed, (await Assert.ThrowsAsync<CardChannelException>(() => token.GetPinStateAsync(Cancel))).Fault);
        Assert.Empty(Touches);
        await token.DisposeAsync();
    }

    [Fact]
    public async Task Card_pulled_out_while_it_waits_for_the_touch_takes_the_prompt_away()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Always);
        Touch.IsPatient = true;
        Task removal = Task.CompletedTask;
        Touch.Meanwhile = () => removal = Task.Run(Card.Remove, Cancel);
        CardChannelException error = await Assert.ThrowsAsync<CardChannelException>(() => SignAsync(token, _pin));
        await removal;

        // A reader that has not noticed yet gives no answer, which is the same to the person.
        Assert.Contains(error.Fault, new[] { CardFault.Removed, CardFault.NotResponding });
        Assert.Equal([TouchState.Wanted, TouchState.Abandoned], Touches);
    }

    [Fact]
    public async Task Card_reset_by_another_program_is_taken_up_again_and_the_pin_is_known_to_be_forgotten()
    {
        await using IToken token = await OpenAsync();
        PivPublicKey key = await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Always);
        await token.VerifyPinAsync(_pin, Cancel);
        await ResetByAnotherAsync();
        Assert.True((await Assert.ThrowsAsync<PinRequiredException>(() => SignAsync(token, null))).WasForgotten);
        Assert.Empty(Touches);
        byte[] signature = await SignAsync(token, _pin);
        Assert.True(key.Verify("message"u8, signature));
    }

    [Fact]
    public async Task Cached_touch_is_not_counted_on_after_a_reset()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Cached);
        await SignAsync(token, _pin);
        await ResetByAnotherAsync();
        await SignAsync(token, _pin);
        Assert.Equal([TouchState.Wanted, TouchState.Touched, TouchState.Wanted, TouchState.Touched], Touches);
        Assert.Equal(2, Touch.Asked);
    }

    [Fact]
    public async Task Busy_card_is_waited_for_and_the_wait_is_told()
    {
        await using IToken token = await OpenAsync(MuchPatience);
        var states = new List<CardBusyState>();
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.BusyChanged += (_, change) =>
        {
            states.Add(change.State);
            waits.TrySetResult();
        };
        Task<PinState> state;
        await using (await HoldByAnotherAsync())
        {
            state = token.GetPinStateAsync(Cancel);
            await waits.Task.WaitAsync(Cancel);
            Assert.False(state.IsCompleted);
        }

        Assert.Equal(3, (await state).RetriesLeft);
        Assert.Equal([CardBusyState.Waiting, CardBusyState.Free], states);
    }

    [Fact]
    public async Task Card_that_stays_busy_is_given_up_and_free_afterwards()
    {
        await using IToken token = await OpenAsync(LittlePatience);
        var states = new List<CardBusyState>();
        token.BusyChanged += (_, change) => states.Add(change.State);
        await using (await HoldByAnotherAsync())
        {
            CardChannelException error = await Assert.ThrowsAsync<CardChannelException>(() => token.VerifyPinAsync(_pin, Cancel));
            Assert.Equal(CardFault.Busy, error.Fault);
            Assert.Contains("in use by", error.Message, StringComparison.Ordinal);
            Assert.NotEmpty(error.Hint);
        }

        await token.VerifyPinAsync(_pin, Cancel);
        Assert.Equal([CardBusyState.Waiting, CardBusyState.GivenUp], states.Take(2));
        await using (await HoldByAnotherAsync())
            Assert.NotNull(token.Info.Serial); // a wait that was given up holds nothing: another program gets the card
    }

    [Fact]
    public async Task Wait_for_a_busy_card_ends_at_once_by_cancellation()
    {
        await using IToken token = await OpenAsync(MuchPatience);
        using var cancelled = new CancellationTokenSource();
        var states = new List<CardBusyState>();
        token.BusyChanged += (_, change) =>
        {
            states.Add(change.State);
            cancelled.Cancel();
        };
        await using (await HoldByAnotherAsync())
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => token.VerifyPinAsync(_pin, cancelled.Token));
        Assert.Equal([CardBusyState.Waiting, CardBusyState.GivenUp], states);
        Assert.Equal(3, (await token.GetPinStateAsync(Cancel)).RetriesLeft);
    }

    [Fact]
    public async Task Busy_card_is_waited_for_while_it_is_opened_too()
    {
        var states = new List<CardBusyState>();
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<IToken> opening;
        await using (await HoldByAnotherAsync())
        {
            opening = OpenTokenAsync(MuchPatience, (_, change) =>
            {
                states.Add(change.State);
                waits.TrySetResult();
            });
            await waits.Task.WaitAsync(Cancel);
        }

        await using IToken token = await opening;
        Assert.Equal(Serial, token.Info.Serial);
        Assert.Equal(CardBusyState.Waiting, states[0]);
        Assert.Equal(CardBusyState.Free, states[^1]);
    }
}
