using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;

namespace HardwareChat.Tools;

// A relay's disk is the relay's: only its own program knows the store of its release, and nothing of it can be asked over the
// network, where an admin has no more rights than a member. So these verbs run hwchat-relay on the machine where its data is.

/// <summary>The verbs that hwchat-relay has itself.</summary>
internal static class RelayProgram
{
    private const string Name = "hwchat-relay";

    // hwchat-relay --help lists its own.
    private const int ItsUsage = 2;

    private static readonly Option<FileInfo?> Program = new("--relay-program") { Description = $"The program {Name}; if not given, the one beside this program, or in PATH.", HelpName = "FILE" };

    public static Command Create(string verb, string description)
    {
        var arguments = new Argument<string[]>("ARGUMENTS") { Description = $"What {Name} {verb} takes, after --: {Name} {verb} --help", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(verb, $"{description} Runs \"{Name} {verb}\", on the machine that holds the data.") { arguments, Program };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, verb, parsed.GetValue(arguments) ?? [], cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string verb, string[] arguments, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        if (screen.Json)
            throw new FailureException(ExitCode.Usage, "usage", $"{Name} {verb} prints no JSON.");
        string program = parsed.GetValue(Program)?.FullName ?? Beside() ?? Name;
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, [verb, .. arguments]))!;
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode switch
            {
                0 => (int)ExitCode.Done,
                ItsUsage => (int)ExitCode.Usage,
                _ => (int)ExitCode.Input,
            };
        }
        catch (Win32Exception missing)
        {
            throw new FailureException(
                ExitCode.Input, "not-found", $"the program {PrintableText.Of(program)} is not here.", missing, $"run this on the relay's machine, or name the program with {Program.Name} FILE");
        }
    }

    private static string? Beside()
    {
        string beside = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? Name + ".exe" : Name);
        return File.Exists(beside) ? beside : null;
    }
}
