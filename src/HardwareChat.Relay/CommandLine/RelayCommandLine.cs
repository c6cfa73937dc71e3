using System.CommandLine;
using System.CommandLine.Invocation;
using System.Net.Sockets;

namespace HardwareChat.Relay;

/// <summary>The command line of <c>hwchat-relay</c>, and the one place where a failure becomes words and an exit code.</summary>
internal static class RelayCommandLine
{
    private const int Usage = 2;
    private const int Configuration = 3;
    private const int Store = 4;
    private const int Failed = 1;
    private const string DebugVariable = "HWCHAT_DEBUG";

    /// <summary>Runs one command to its exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Root().Parse(args);
        try
        {
            if (parsed.Action is ParseErrorAction)
                return Fail(Usage, parsed.Errors[^1].Message.ReplaceLineEndings(" "), "hwchat-relay --help");
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (ConfigurationException e)
        {
            return Fail(Configuration, e.Message, e.Hint);
        }
        catch (StoreException e)
        {
            return Fail(Store, e.Message, e.Hint ?? "hwchat-relay verify FILE examines a store or a backup; docs/OPERATIONS.md says what to do when one is damaged");
        }
        catch (InvalidDataException e)
        {
            return Fail(Failed, e.Message, "the identity file is the relay's name for good: give it mode 600, or put it back from a backup");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            string cause = e.GetBaseException().Message;
            string message = cause == e.Message ? cause : $"{cause} ({e.Message})";
            return Fail(Failed, message.ReplaceLineEndings(" "), "is another relay running with the same port or data folder, and may this user write there?");
        }
#pragma warning disable CA1031 // The one place where what nobody foresaw becomes words and an exit code.
        catch (Exception unforeseen)
#pragma warning restore CA1031
        {
            int code = Fail(Failed, $"this is a defect of hwchat-relay ({unforeseen.GetType().Name})", $"run it again with {DebugVariable}=1, and send what it prints as CONTRIBUTING.md says");
            if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
                await Console.Error.WriteLineAsync(unforeseen.ToString());
            return code;
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("""
            The relay of a HardwareChat community: lets enrolled tokens in, orders and keeps ciphertext.

            Without a command it runs, until SIGTERM or Ctrl-C. Configuration: --config FILE (JSON), HWCHAT_RELAY_* variables, flags;
            docs/OPERATIONS.md lists every key.

            Exit codes: 0 done, 1 failed, 2 usage, 3 configuration, 4 store, 5 its cluster goes on without it (start it again).
            """);
        RunCommand.AddTo(root);
        root.Add(CheckConfigCommand.Create());
        root.Add(BackupCommand.Create());
        root.Add(VerifyCommand.Create());
        root.Add(RestoreCommand.Create());
        root.Add(UsageCommand.Create());
        root.Add(VacuumCommand.Create());
        return root;
    }

    private static int Fail(int code, string message, string hint)
    {
        Console.Error.WriteLine($"error: {message}");
        Console.Error.WriteLine($"hint: {hint}");
        return code;
    }
}
