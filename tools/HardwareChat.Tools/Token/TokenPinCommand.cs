using System.CommandLine;
using HardwareChat.Tokens;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token pin change, unblock, change-puk: the PIV PIN, and the PUK that unblocks it.</summary>
internal static class TokenPinCommand
{
    public static Command Create()
    {
        var change = new Command("change", "Change the PIV PIN.");
        PinQuestion.AddTo(change);
        PinQuestion.NewPin.AddTo(change);
        change.SetAction(ChangeAsync);
        var unblock = new Command("unblock", "Set a new PIV PIN by the PUK, where the PIN is blocked or forgotten.");
        PinQuestion.AddPukTo(unblock);
        PinQuestion.NewPin.AddTo(unblock);
        unblock.SetAction(UnblockAsync);
        var changePuk = new Command("change-puk", "Change the PUK, which unblocks the PIN.");
        PinQuestion.AddPukTo(changePuk);
        PinQuestion.NewPuk.AddTo(changePuk);
        changePuk.SetAction(ChangePukAsync);
        return new Command("pin", "Change or unblock the PIV PIN; change the PUK.") { change, unblock, changePuk };
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
        using Pin puk = await PinQuestion.PukAsync(parsed, screen, token, cancellation);
        using Pin replacement = await PinQuestion.NewAsync(parsed, screen, PinQuestion.NewPin, $"New PIV PIN for {token.Spoken}", cancellation);
        await token.Face.UnblockPinAsync(puk, replacement, cancellation);
        screen.Result(new DoneReport(token.Name, "pin-unblocked"), ToolsJson.Default.DoneReport, console => console.WriteLine($"The PIV PIN of {token.Spoken} is new, and has all its tries."));
    }

    private static async Task ChangePukAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        using Pin current = await PinQuestion.PukAsync(parsed, screen, token, cancellation);
        using Pin replacement = await PinQuestion.NewAsync(parsed, screen, PinQuestion.NewPuk, $"New PUK for {token.Spoken}; write it down", cancellation);
        await token.Face.ChangePukAsync(current, replacement, cancellation);
        screen.Result(new DoneReport(token.Name, "puk-changed"), ToolsJson.Default.DoneReport, console => console.WriteLine($"The PUK of {token.Spoken} is changed."));
    }
}
