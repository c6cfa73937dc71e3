using System.CommandLine;
using System.Globalization;
using HardwareChat.Tokens.Piv;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token reset: PIV on the token as from the factory. Asks for the serial number, so that nobody resets the wrong one.</summary>
internal static class TokenResetCommand
{
    private static readonly Option<string?> Serial = new("--serial") { Description = "Agree by naming the token's serial number here instead of typing it back.", HelpName = "N" };

    public static Command Create()
    {
        var command = new Command("reset", "Make PIV on a token as new. Every PIV key and certificate on it is gone; FIDO, OpenPGP and OTP stay.") { Serial };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        var dying = new List<string>();
        foreach (PivSlot slot in (PivSlot[])[PivSlot.Authentication, PivSlot.Signature, PivSlot.KeyManagement, PivSlot.CardAuthentication])
        {
            try
            {
                if (await token.Face.GetMetadataAsync(slot, cancellation) is not null)
                    dying.Add(slot.ToString());
            }
            catch (FirmwareTooOldException)
            {
                dying.Add($"{slot}, if there is one");
            }
        }
        string keys = dying.Count == 0 ? "It holds no keys in the usual slots." : $"What dies: the keys in {string.Join(", ", dying)}; rooms and vaults that only they open stay shut.";
        string word = token.Info.Serial is { } serial ? serial.ToString(CultureInfo.InvariantCulture) : "reset";
        await Question.TypeBackAsync(
            screen,
            parsed.GetValue(Serial),
            word,
            $"This resets PIV on {token.Spoken}. {keys}\nType {(word == "reset" ? "\"reset\"" : "its serial number")} to go on: ",
            "--serial N",
            cancellation);
        await token.Face.ResetAsync(cancellation);
        screen.Result(new DoneReport(token.Name, "reset"), ToolsJson.Default.DoneReport, console => console.WriteLine($"PIV on {token.Spoken} is as new: PIN 123456, PUK 12345678."));
    }
}
