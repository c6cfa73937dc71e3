using System.CommandLine;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tools;

/// <summary>Replaces the PIN and PUK that every token leaves the factory with.</summary>
internal static class FactoryCodes
{
    private static ReadOnlySpan<byte> FactoryPin => "123456"u8;

    private static ReadOnlySpan<byte> FactoryPuk => "12345678"u8;

    /// <summary>Has the PIN given; where it is the factory's, sets a new one, and a new PUK.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="screen">Where the questions are shown.</param>
    /// <param name="token">The token.</param>
    /// <param name="fromFactory">Whether the person has said that both are the factory's.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <returns>The PIN that holds now, verified, which the caller disposes; and what was changed.</returns>
    public static async Task<(Pin Pin, bool PinChanged, bool PukChanged)> ReplaceAsync(
        ParseResult parsed, Screen screen, OpenedToken token, bool fromFactory, CancellationToken cancellation)
    {
        using Pin factoryPin = Pin.Create(FactoryPin);
        using Pin factoryPuk = Pin.Create(FactoryPuk);
        PinState state = await token.Face.GetPinStateAsync(cancellation);
        if (state.IsDefault == true && !fromFactory)
            screen.Note("The PIN is still the factory's, 123456. Give it, then choose one of your own.");
        Pin current = fromFactory ? await SayFactoryPinAsync(token, state, cancellation) : await PinQuestion.VerifiedAsync(parsed, screen, token, cancellation);
        if (!current.Matches(factoryPin))
            return (current, false, false);

        using (current)
        {
            Pin pin = await PinQuestion.NewAsync(parsed, screen, PinQuestion.NewPin, $"New PIV PIN for {token.Spoken}", cancellation);
            try
            {
                if (pin.Matches(factoryPin))
                    throw new FailureException(ExitCode.Input, "pin-malformed", "this is the factory's PIN; everybody knows it. Nothing was changed.");
                using Pin puk = fromFactory
                    ? Pin.Create(FactoryPuk)
                    : await PinQuestion.ReadAsync(parsed, screen, PinQuestion.Puk, "Current PUK (the factory's is 12345678): ", cancellation);
                using Pin newPuk = await PinQuestion.NewAsync(parsed, screen, PinQuestion.NewPuk, "New PUK, which unblocks the PIN; write it down", cancellation);
                if (newPuk.Matches(factoryPuk))
                    throw new FailureException(ExitCode.Input, "pin-malformed", "this is the factory's PUK; everybody knows it. Nothing was changed.");
                await token.Face.ChangePukAsync(puk, newPuk, cancellation);
                await token.Face.ChangePinAsync(current, pin, cancellation);
                await token.Face.VerifyPinAsync(pin, cancellation);
                screen.Note("PIN and PUK are changed.");
                return (pin, true, true);
            }
            catch
            {
                pin.Dispose();
                throw;
            }
        }
    }

    // The person has said so on the command line. Where the token says otherwise it is believed, and no try is lost.
    private static async Task<Pin> SayFactoryPinAsync(OpenedToken token, PinState state, CancellationToken cancellation)
    {
        if (state.IsDefault == false)
            throw new FailureException(ExitCode.PinWrong, "pin-not-factory", "the token says that its PIN is not the factory's; no try was used.", "leave --from-factory out");
        Pin pin = Pin.Create(FactoryPin);
        try
        {
            await token.Face.VerifyPinAsync(pin, cancellation);
            return pin;
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }
}
