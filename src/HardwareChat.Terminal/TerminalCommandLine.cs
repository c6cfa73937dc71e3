using System.CommandLine;
using HardwareChat.Terminal.Demo;
using HardwareChat.Terminal.Profiles;

namespace HardwareChat.Terminal;

/// <summary>The tree of verbs, and the one place where what nobody foresaw becomes an "error:" line and an exit code.</summary>
internal static class TerminalCommandLine
{
    private const int Defect = 1;
    private const int InputFailed = 4;
    private const int Interrupted = 130;

    /// <summary>Runs the command line and returns the process's exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        using var interruption = new Interruption();
        try
        {
            var root = new RootCommand("HardwareChat: a group chat in which a person is a hardware token.") { DemoCommand.Create(interruption) };
            ChatCommand.AddTo(root, interruption);
            return await root.Parse(args).InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("error: interrupted; nothing more was done.");
            return Interrupted;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
            return InputFailed;
        }
        catch (Exception unforeseen)
        {
            await Console.Error.WriteLineAsync($"error: this is a defect of hwchat ({unforeseen.GetType().Name}).\nhint: run it again with HWCHAT_DEBUG=1, and send what it prints as CONTRIBUTING.md says; it prints no secrets");
            if (Environment.GetEnvironmentVariable("HWCHAT_DEBUG") == "1")
                await Console.Error.WriteLineAsync(unforeseen.ToString());
            return Defect;
        }
    }
}
