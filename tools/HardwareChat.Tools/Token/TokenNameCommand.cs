using System.CommandLine;
using HardwareChat.Client;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token name SERIAL NICKNAME: what this user calls a token. The token itself is not asked and not changed.</summary>
internal static class TokenNameCommand
{
    private static readonly Argument<uint> Serial = new("SERIAL") { Description = "The token's serial number; it need not be plugged in.", CustomParser = Numbers.Serial };
    private static readonly Argument<string?> Nickname = new("NICKNAME") { Description = "Its name from now on: 1 to 32 of a-z, 0-9, '-' and '_'.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> Forget = new("--forget") { Description = "Take its name away." };

    public static Command Create()
    {
        Nickname.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && !TokenChoice.IsName(name))
                result.AddError("A token's name is 1 to 32 of a-z, 0-9, '-' and '_'.");
        });
        var command = new Command("name", "Give a token a name, for prompts, lists, and --token name:NICKNAME.") { Serial, Nickname, Forget };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Nickname) is null != result.GetValue(Forget))
                result.AddError("Give a NICKNAME, or --forget.");
        });
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult parsed)
    {
        var screen = new Screen(parsed);
        uint serial = parsed.GetRequiredValue(Serial);
        string? name = parsed.GetValue(Nickname);
        if (!Nicknames.HavePlace)
            throw new FailureException(ExitCode.Input, "not-found", "there is no home directory to keep the tokens' names in.", "set HOME, or XDG_CONFIG_HOME");
        if (!Nicknames.TrySet(serial, name))
        {
            throw new FailureException(
                ExitCode.Input, "already-there", $"another token is called {name}: serial {Nicknames.SerialOf(name!)}.", "take another name, or take that one away: hwchat-tools token name SERIAL --forget");
        }
        screen.Result(new NameReport(serial, name), ToolsJson.Default.NameReport, console => console.WriteLine(
            name is null ? $"The token with serial {serial} has no name now." : $"The token with serial {serial} is called {name}."));
    }
}
