using System.CommandLine;
using HardwareChat.Tokens;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token pin change, unblock: the PIV PIN.</summary>
internal static class TokenPinCommand
{
    public static Command Create()
    {
        var change = new Command("change", "Change the PIV PIN.");
        PinQuestion.AddTo(change);
        PinQuestion.NewPin.AddTo(change);
        change.SetAction(ChangeAsync);
        var unblock = new Command("unblock", "Set a new PIV PIN by the PUK, where the PIN is blocked or forgotten.");
        PinQuestion.Puk.AddTo(unblock);
        PinQuestion.NewPin.AddTo(unblock);
        unblock.SetAction(UnblockAsync);
        return new Command("pin", "Change or unblock the PIV PIN.") { change, unblock };
    }

    private static async Task ChangeAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        using Pin current = await PinQuestion.VerifiedAsync(parsed, screen, token, cancellation);
        using Pin replacement = await PinQuestion.NewAsync(parsed, screen, PinQuestion.NewPin, $"New PIV PIN for {token.Spoken}", cancellation);
        await token.Face.ChangePinAsync(current, replacement, cancellation);
        screen.Result(new DoneReport(token.Name, "pin-changed"), ToolsJson.Default.DoneReport, console => console.WriteLine($"The PIV PIN of {token.Spoken} is changed."));
    }

    private static async Task UnblockAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        using Pin puk = await PinQuestion.ReadAsync(parsed, screen, PinQuestion.Puk, $"PUK of {token.Spoken}: ", cancellation);
        using Pin replacement = await PinQuestion.NewAsync(parsed, screen, PinQuestion.NewPin, $"New PIV PIN for {token.Spoken}", cancellation);
        await token.Face.UnblockPinAsync(puk, replacement, cancellation);
        screen.Result(new DoneReport(token.Name, "pin-unblocked"), ToolsJson.Default.DoneReport, console => console.WriteLine($"The PIV PIN of {token.Spoken} is new, and has all its tries."));
    }
}
