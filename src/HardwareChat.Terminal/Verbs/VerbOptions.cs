using System.CommandLine;
using HardwareChat.Terminal.Profiles;

namespace HardwareChat.Terminal.Verbs;

/// <summary>What the verbs have in common on the command line.</summary>
internal static class VerbOptions
{
    /// <summary>--json</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Print the result as JSON mode does: docs/JSON.md." };

    /// <summary>--offline</summary>
    public static readonly Option<bool> Offline = new("--offline") { Description = "Do not connect: show what the vault has." };

    /// <summary>ROOM</summary>
    public static readonly Argument<string> Room = new("ROOM") { Description = "A room: its title, or the beginning of its title or name." };

    /// <summary>A verb with the options that all have.</summary>
    public static Command Create(string name, string description, params Symbol[] own)
    {
        var command = new Command(name, description);
        foreach (Symbol symbol in own)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }
        command.Add(Json);
        ProfileOptions.AddTo(command);
        return command;
    }
}
