using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Tokens;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token list: the tokens in the readers, and the simulated ones.</summary>
internal static class TokenListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "List the tokens that are plugged in, and the simulated ones.");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        var tokens = new List<TokenReport>();
        FailureException? trouble = null;
        try
        {
            tokens.AddRange((await TokenDrivers.ListAsync(screen, TokenDrivers.Of(parsed), cancellation)).Select(TokenReport.Of));
        }
        catch (CardChannelException unreachable)
        {
            trouble = FailureWords.Of(unreachable, false);
        }
        tokens.AddRange(SimulateCommand.All().Select(Of));
        if (trouble is not null && tokens.Count == 0)
            throw trouble;
        if (trouble is not null)
            screen.Warning(trouble.Message + " \"token doctor\" says more.");
        screen.Result(new TokenListReport(tokens, trouble?.Message), ToolsJson.Default.TokenListReport, console =>
        {
            if (tokens.Count == 0)
            {
                screen.Note("There is no token. Plug one in, or make a simulated one: hwchat-tools simulate create alice");
                return;
            }
            Table table = Screen.Table("Token", "Name", "Serial", "Firmware", "Where");
            foreach (TokenReport token in tokens)
                table.AddRow(Screen.Cells(token.Token, token.Nickname ?? "", $"{token.Serial}", token.Firmware ?? "", token.Problem ?? token.Reader ?? "simulated"));
            console.Write(table);
        });
    }

    private static TokenReport Of(SimulatedTokenReport token)
        => new(token.Token, true, Nicknames.Of(token.Serial), token.Serial, token.Firmware, null, null, null, token.Problem);
}
