using System.CommandLine;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token management-key: a management key that nobody else knows. The keys in the slots stay.</summary>
internal static class TokenManagementKeyCommand
{
    public static Command Create()
    {
        var command = new Command("management-key", "Change the management key: to a random one, kept in the token behind the PIN, or to one that you keep.");
        PinQuestion.AddTo(command);
        ManagementKeyChoice.Current.AddTo(command);
        ManagementKeyChoice.New.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        using Pin pin = await PinQuestion.VerifiedAsync(parsed, screen, token, cancellation);
        ManagementKeyMetadata metadata = await token.Face.GetManagementKeyMetadataAsync(cancellation);
        (Administration right, ManagementKey? current) = await ManagementKeyChoice.OpenAsync(parsed, screen, token, metadata, pin, cancellation);
        using ManagementKey? currentOwned = current;
        string now = "given";
        if (ManagementKeyChoice.New.IsGiven(parsed))
        {
            (right, now) = await ManagementKeyChoice.ChangeAsync(parsed, screen, token, metadata, right, pin, cancellation);
            using ManagementKey? replacement = right.Key;
        }
        else
        {
            await token.Face.ProtectManagementKeyAsync(pin, right, cancellation);
            now = "behind the PIN";
        }
        screen.Result(new DoneReport(token.Name, "management-key-changed"), ToolsJson.Default.DoneReport, console => console.WriteLine(
            now == "given" ? $"The management key of {token.Spoken} is the one given." : $"The management key of {token.Spoken} is random, and kept in the token behind the PIN."));
    }
}
