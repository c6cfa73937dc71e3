using System.CommandLine;
using HardwareChat.Tokens.Simulator;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>simulate list: every simulated token of this user.</summary>
internal static class SimulateListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "List the simulated tokens.");
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult parsed)
    {
        var screen = new Screen(parsed);
        var list = new SimulatedTokenList(SimulatedCardStore.DefaultFolder, SimulateCommand.All());
        screen.Result(list, ToolsJson.Default.SimulatedTokenList, console =>
        {
            if (list.Tokens.Count == 0)
            {
                screen.Note("There are no simulated tokens. Make one: hwchat-tools simulate create alice");
                return;
            }
            Table table = Screen.Table("Token", "Serial", "Firmware", "File");
            foreach (SimulatedTokenReport token in list.Tokens)
                table.AddRow(Screen.Cells(token.Token, $"{token.Serial}", token.Firmware ?? "", token.Problem ?? (token.IsSealed == true ? "sealed" : "not sealed")));
            console.Write(table);
        });
    }
}
