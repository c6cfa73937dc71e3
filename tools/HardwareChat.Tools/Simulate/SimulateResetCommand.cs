using System.CommandLine;
using HardwareChat.Tokens.Simulator;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>simulate reset NAME: puts a new token of the same name, serial and firmware in its place, or nothing.</summary>
internal static class SimulateResetCommand
{
    private static readonly Option<bool> Delete = new("--delete") { Description = "Put nothing in its place." };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask." };

    public static Command Create()
    {
        Argument<string> name = SimulateCommand.ExistingName();
        var command = new Command("reset", "Make a simulated token as new: all its keys are gone. Works with a blocked PUK or a forgotten pass phrase too.") { name, Delete, Yes };
        Passphrase.Option.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(parsed, parsed.GetRequiredValue(name), cancellation));
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, string name, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        SimulatedCardStore store = SimulateCommand.OpenStore();
        SimulatedCardDescription? card = Describe(store, name);
        string which = card is null ? $"sim:{name}, whose file is damaged," : $"sim:{name} (serial {card.Serial})";
        await Question.AgreeAsync(screen, parsed.GetValue(Yes), $"All keys of {which} will be gone.", "--yes", cancellation);
        using SecretLine? passphrase = card is { IsSealed: true } && !parsed.GetValue(Delete) ? await Passphrase.NewAsync(parsed, screen, name, cancellation) : null;
        // Of a damaged file nothing is believed: another serial number, the newest firmware.
        card ??= new SimulatedCardDescription(name, FirmwareProfile.All[^1], SimulatedCardStore.NewSerial(), false);
        store.Delete(name);
        if (!parsed.GetValue(Delete))
            store.Create(name, card.Profile, card.Serial, passphrase is null ? [] : passphrase.Span);
        screen.Result(SimulatedTokenReport.Of(card), ToolsJson.Default.SimulatedTokenReport, console => console.WriteLine(
            parsed.GetValue(Delete) ? $"sim:{name} is gone." : $"sim:{name} is as new: serial {card.Serial}, PIN 123456, PUK 12345678."));
    }

    private static SimulatedCardDescription? Describe(SimulatedCardStore store, string name)
    {
        try
        {
            return store.Describe(name);
        }
        catch (SimulatedCardException damaged) when (damaged.Fault == SimulatedCardFault.Corrupt)
        {
            return null;
        }
    }
}
