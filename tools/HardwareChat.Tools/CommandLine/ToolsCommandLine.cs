using System.CommandLine;
using System.CommandLine.Invocation;

namespace HardwareChat.Tools;

/// <summary>The tree of verbs, and the one place where a run's failure becomes words and an exit code.</summary>
internal static class ToolsCommandLine
{
    /// <summary>Runs the command line and returns the process's exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Root().Parse(args);
        var screen = new Screen(parsed.GetValue(CommonOptions.Json));
        using var interruption = new Interruption();
        try
        {
            if (parsed.Action is ParseErrorAction)
                throw NotUnderstood(parsed);
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                interruption.Token);
        }
        catch (Exception thrown)
        {
            FailureException failure = FailureWords.Of(thrown, interruption.Token.IsCancellationRequested);
            Tell(screen, failure, thrown);
            return (int)failure.Exit;
        }
    }

    private static void Tell(Screen screen, FailureException failure, Exception thrown)
    {
        try
        {
            screen.Failure(failure);
            if (failure.Exit == ExitCode.Defect && Environment.GetEnvironmentVariable("HWCHAT_DEBUG") == "1")
                Console.Error.WriteLine(thrown);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // Where nothing can be printed the exit code tells.
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand($"""
            Tokens, real and simulated: set up, look at, sign with, verify. Communities: found, invite, enrol, add tokens, revoke, verify.

            Start with: hwchat-tools simulate create alice; hwchat-tools token init --token sim:alice

            {ExitCodes.Help}
            """);
        root.Add(CommonOptions.Json);
        root.Add(TokenCommand.Create());
        root.Add(SimulateCommand.Create());
        root.Add(RegistryCommand.Create());
        root.Add(InviteCommand.Create());
        root.Add(EnrolCommand.Create());
        root.Add(AddTokenCommand.Create());
        root.Add(RevokeCommand.Create());
        root.Add(SignOutCommand.Create());
        root.Add(RoleCommand.Create());
        root.Add(PolicyCommand.Create());
        root.Add(RelayCommand.Create());
        root.Add(CompletionCommand.Create());
        return root;
    }

    private static FailureException NotUnderstood(ParseResult parsed)
    {
        string path = string.Join(' ', Path(parsed.CommandResult.Command));
        // The most telling error stands last: a misspelt verb is also a missing verb.
        string message = PrintableText.Of(parsed.Errors[^1].Message.ReplaceLineEndings(" "));
        return new FailureException(ExitCode.Usage, "usage", message, $"{path} --help");
    }

    private static IEnumerable<string> Path(Command command)
        => command.Parents.OfType<Command>().SelectMany(Path).Append(command is RootCommand ? "hwchat-tools" : command.Name);
}
