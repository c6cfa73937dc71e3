using System.CommandLine;
using System.Runtime.InteropServices;
using HardwareChat.Terminal.Demo;

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
        using var interruption = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = Register(PosixSignal.SIGINT, interruption);
        using PosixSignalRegistration terminate = Register(PosixSignal.SIGTERM, interruption);
        using PosixSignalRegistration hangUp = Register(PosixSignal.SIGHUP, interruption);
        try
        {
            var root = new RootCommand("HardwareChat: a group chat in which a person is a hardware token.") { DemoCommand.Create() };
            return await root.Parse(args).InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested)
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

    // The first signal asks, so that terminal and files are left in order; the second ends the process as the system does.
    private static PosixSignalRegistration Register(PosixSignal signal, CancellationTokenSource interruption)
        => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = !interruption.IsCancellationRequested;
            interruption.Cancel();
        });
}
