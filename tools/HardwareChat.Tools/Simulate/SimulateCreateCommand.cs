using System.CommandLine;
using HardwareChat.Tokens.Simulator;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>simulate create NAME: a new simulated token, as it would come from a factory.</summary>
internal static class SimulateCreateCommand
{
    private static readonly Option<string> Firmware = new("--firmware")
    {
        Description = "What it can do: a YubiKey's firmware.",
        DefaultValueFactory = _ => FirmwareProfile.All[^1].Name,
    };

    private static readonly Option<uint?> Serial = new("--serial") { Description = "Its serial number; a random one if not given.", HelpName = "N", CustomParser = argument => Numbers.Serial(argument) };

    private static readonly Option<bool> Seal = new("--seal") { Description = "Ask for a pass phrase that seals the file." };

    public static Command Create()
    {
        Argument<string> name = SimulateCommand.NewName();
        Firmware.AcceptOnlyFromAmong([.. FirmwareProfile.All.Select(profile => profile.Name)]);
        var command = new Command("create", "Make a simulated token.") { name, Firmware, Serial, Seal };
        Passphrase.Option.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(parsed, parsed.GetRequiredValue(name), cancellation));
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, string name, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        using SecretLine? passphrase = parsed.GetValue(Seal) || Passphrase.Option.IsGiven(parsed)
            ? await Passphrase.NewAsync(parsed, screen, name, cancellation)
            : null;
        SimulatedCardStore store = SimulateCommand.OpenStore();
        uint serial = parsed.GetValue(Serial) ?? SimulatedCardStore.NewSerial();
        store.Create(name, FirmwareProfile.Named(parsed.GetRequiredValue(Firmware)), serial, passphrase is null ? [] : passphrase.Span);
        if (passphrase is null)
            screen.Warning(SimulateCommand.Warning);
        SimulatedTokenReport report = SimulatedTokenReport.Of(store.Describe(name));
        screen.Result(report, ToolsJson.Default.SimulatedTokenReport, console => console.WriteLine($"{report.Token} is there: serial {report.Serial}, firmware {report.Firmware}, PIN 123456, PUK 12345678."));
        if (!screen.Json)
            screen.Note($"Next: hwchat-tools token init --token {report.Token}");
    }
}
