namespace HardwareChat.Terminal.Conversation;

/// <summary>The commands of both faces: run, explained, completed and documented from this one table.</summary>
internal static class CommandTable
{
    /// <summary>The commands, in the order in which help lists them.</summary>
    public static IReadOnlyList<SlashCommand> All { get; } =
    [
        new("help", "[COMMAND]", "Lists the commands, or explains one.", Help),
        new("keys", "", "Lists the keys of the full screen.", Keys),
        .. RoomCommands.All,
        .. MessageCommands.All,
        .. FileCommands.All,
        .. PeopleCommands.All,
        .. DeskCommands.All,
    ];

    /// <summary>The command of that name; null if there is none.</summary>
    public static SlashCommand? Find(string name) => All.FirstOrDefault(command => command.Name == name || command.Alias == name);

    /// <summary>The commands as lines of help.</summary>
    public static IReadOnlyList<string> HelpLines() =>
    [
        .. All.Select(static command => $"{command.Usage}: {command.Help}"),
        "What does not begin with / is said in the open room; // at the beginning says a /. N is the number of a message, as #12 or 12.",
    ];

    /// <summary>Does what a person has typed: a command, or a message.</summary>
    /// <exception cref="CommandException">It cannot be done as it was written.</exception>
    public static Task RunAsync(Desk desk, string typed)
    {
        string text = typed.Trim();
        if (text.Length == 0)
            return Task.CompletedTask;
        if (!text.StartsWith('/') || text.StartsWith("//", StringComparison.Ordinal))
            return desk.SayAsync(text.StartsWith('/') ? text[1..] : text, null);
        var rest = new CommandText(text[1..]);
        string name = rest.Word() ?? "";
        return Find(name) is { } command
            ? command.Run(desk, rest)
            : throw new CommandException($"there is no command /{Client.Text.HarmlessText.Line(name, 30)}; /help lists those there are");
    }

    private static Task Keys(Desk desk, CommandText text)
    {
        desk.Tell(KeyTable.HelpLines());
        return Task.CompletedTask;
    }

    private static Task Help(Desk desk, CommandText text)
    {
        if (text.Word() is not { } name)
            desk.Tell(HelpLines());
        else if (Find(name.TrimStart('/')) is { } command)
            desk.Tell($"{command.Usage}: {command.Help}{(command.Alias is { } alias ? $" Also: /{alias}." : "")}");
        else
            throw new CommandException($"there is no command /{Client.Text.HarmlessText.Line(name, 30)}; /help lists those there are");
        return Task.CompletedTask;
    }
}
