namespace HardwareChat.Terminal.Conversation;

/// <summary>The keys of the full screen, for help and for docs/TERMINAL.md.</summary>
internal static class KeyTable
{
    /// <summary>Keys, and what they do.</summary>
    public static IReadOnlyList<(string Keys, string Does)> All { get; } =
    [
        ("Enter", "sends what is written, or does the command"),
        ("Alt-Enter, Ctrl-J", "begins a new line in what is written"),
        ("Tab", "completes a command, a handle or a room"),
        ("Up, Down", "move in what is written, then through what was written before"),
        ("Ctrl-A, Ctrl-E, Ctrl-U, Ctrl-K, Ctrl-W", "to the line's beginning, its end; remove to its beginning, to its end, the word before"),
        ("PgUp, PgDn, End", "look further up, down, at the newest"),
        ("Ctrl-P, Ctrl-N, Alt-1 to Alt-9", "the room above, below, of that number"),
        ("Alt-A", "the next room with something unread"),
        ("Ctrl-F", "finds words in the open room, or a message by its #N; Enter or Up for older, Down for newer"),
        ("Esc", "gives up a touch or a PIN, closes what a command has answered, ends finding"),
        ("Ctrl-C", "gives up what is asked, or takes away what is written"),
        ("Ctrl-L", "draws the screen anew"),
        ("Ctrl-Z", "stops the program; fg goes on"),
        ("Ctrl-D", "ends the program, when nothing is written"),
    ];

    /// <summary>The keys as lines of help.</summary>
    public static IReadOnlyList<string> HelpLines() => [.. All.Select(static key => $"{key.Keys}: {key.Does}")];
}
