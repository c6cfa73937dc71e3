using System.CommandLine;
using System.Runtime.CompilerServices;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Tests.Conversation;

/// <summary>docs/TERMINAL.md says what the tables say.</summary>
public static class DocumentTests
{
    [Fact]
    public static void Commands_and_keys_of_the_document_are_those_of_the_program()
    {
        using var interruption = new Interruption();
        string[] rows = [.. File.ReadAllLines(Path.Combine(Root(), "docs", "TERMINAL.md")).Where(static line => line.StartsWith('|') && !line.StartsWith("|-", StringComparison.Ordinal))];

        string[] wanted =
        [
            "| command | does |",
            .. CommandTable.All.Select(static command => $"| `{command.Usage.Replace("|", "\\|", StringComparison.Ordinal)}` | {command.Help}{(command.Alias is { } alias ? $" Also `/{alias}`." : "")} |"),
            "| keys | do |",
            .. KeyTable.All.Select(static key => $"| {key.Keys} | {key.Does} |"),
            "| verb | does |",
            .. Verbs(TerminalCommandLine.Create(interruption), "").Select(static verb => $"| `{verb.Usage}` | {verb.Help} |"),
            "| exit code | means |",
            .. ExitCode.All.Select(static code => $"| {code.Code} | {code.Meaning} |"),
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

    private static IEnumerable<(string Usage, string? Help)> Verbs(Command above, string path) => above.Subcommands.SelectMany(verb => verb.Subcommands.Count > 0
        ? Verbs(verb, $"{path}{verb.Name} ")
        : [($"{path}{verb.Name}{string.Concat(verb.Arguments.Select(static argument => argument.Arity.MinimumNumberOfValues == 0 || argument.HasDefaultValue ? $" [{argument.Name}]" : $" {argument.Name}"))}", verb.Description)]);

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));
}
