using System.Runtime.CompilerServices;
using HardwareChat.Terminal.Conversation;

namespace HardwareChat.Terminal.Tests.Conversation;

/// <summary>docs/TERMINAL.md says what the tables say.</summary>
public static class DocumentTests
{
    [Fact]
    public static void Commands_and_keys_of_the_document_are_those_of_the_program()
    {
        string[] rows = [.. File.ReadAllLines(Path.Combine(Root(), "docs", "TERMINAL.md")).Where(static line => line.StartsWith('|') && !line.StartsWith("|-", StringComparison.Ordinal))];

        string[] wanted =
        [
            "| command | does |",
            .. CommandTable.All.Select(static command => $"| `{command.Usage.Replace("|", "\\|", StringComparison.Ordinal)}` | {command.Help}{(command.Alias is { } alias ? $" Also `/{alias}`." : "")} |"),
            "| keys | do |",
            .. KeyTable.All.Select(static key => $"| {key.Keys} | {key.Does} |"),
        ];
        Assert.Equal(wanted, rows);
    }

    [Fact]
    public static void Names_of_commands_are_unique_and_help_is_one_sentence_or_more()
    {
        string[] names = [.. CommandTable.All.Select(static command => command.Name), .. CommandTable.All.Select(static command => command.Alias).OfType<string>()];

        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(CommandTable.All, static command => Assert.EndsWith(".", command.Help, StringComparison.Ordinal));
    }

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));
}
