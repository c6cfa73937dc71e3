using System.CommandLine;
using System.CommandLine.Parsing;
using HardwareChat.Client.Text;
using HardwareChat.Terminal.Demo;
using HardwareChat.Terminal.Json;
using HardwareChat.Terminal.Profiles;
using HardwareChat.Terminal.Programs;
using HardwareChat.Terminal.Verbs;

namespace HardwareChat.Terminal;

/// <summary>The tree of verbs, and the one place where what nobody foresaw becomes an "error:" line and an exit code.</summary>
internal static class TerminalCommandLine
{

    /// <summary>The tree of verbs.</summary>
    public static RootCommand Create(Interruption interruption)
    {
        var root = new RootCommand("HardwareChat: a group chat in which a person is a hardware token.");
        foreach (Command verb in (Command[])
            [DemoCommand.Create(interruption), SendVerb.Create(interruption), ReadVerb.Create(interruption), .. ShowVerbs.Create(interruption), JoinVerb.Create(interruption), FileVerb.Create(interruption), JsonVerb.Create(interruption)])
            root.Add(verb);
        ChatCommand.AddTo(root, interruption);
        return root;
    }

    /// <summary>Runs the command line and returns the process's exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        using var interruption = new Interruption();
        try
        {
            ParseResult parsed = Create(interruption).Parse(args);
            if (parsed.Errors is [var error, ..])
            {
                await Console.Error.WriteLineAsync($"error: {HarmlessText.Line(error.Message)}\nhint: hwchat {string.Concat(Path(parsed.CommandResult))}--help");
                return ExitCode.Usage;
            }
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("error: interrupted; nothing more was done.");
            return ExitCode.Interrupted;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
            return ExitCode.Input;
        }
        catch (Exception unforeseen)
        {
            await Console.Error.WriteLineAsync($"error: this is a defect of hwchat ({unforeseen.GetType().Name}).\nhint: run it again with HWCHAT_DEBUG=1, and send what it prints as CONTRIBUTING.md says; it prints no secrets");
            if (Environment.GetEnvironmentVariable("HWCHAT_DEBUG") == "1")
                await Console.Error.WriteLineAsync(unforeseen.ToString());
            return ExitCode.Defect;
        }
    }

    private static IEnumerable<string> Path(CommandResult result)
        => result.Parent is CommandResult above ? [.. Path(above), $"{result.Command.Name} "] : [];
}
