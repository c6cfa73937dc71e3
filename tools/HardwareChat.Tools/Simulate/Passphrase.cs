using System.CommandLine;

namespace HardwareChat.Tools;

/// <summary>The pass phrase that may seal a simulated token's file.</summary>
internal static class Passphrase
{
    public static readonly SecretOption Option = new("passphrase", "the pass phrase of the simulated token's file", everywhere: true);

    /// <summary>A new pass phrase, typed twice or from an option.</summary>
    public static async Task<SecretLine> NewAsync(ParseResult parsed, Screen screen, string name, CancellationToken cancellation)
    {
        SecretLine first = Option.IsGiven(parsed)
            ? Option.Read(parsed, screen)
            : await AskTwiceAsync(screen, name, cancellation);
        if (first.Span.IsEmpty)
        {
            first.Dispose();
            throw new FailureException(ExitCode.Input, "passphrase-empty", "an empty pass phrase seals nothing.", "leave --seal out for a file without one");
        }
        return first;
    }

    /// <summary>The pass phrase of a sealed token, from an option or asked for.</summary>
    public static async Task<SecretLine> ReadAsync(ParseResult parsed, Screen screen, string name, CancellationToken cancellation)
    {
        if (Option.IsGiven(parsed))
            return Option.Read(parsed, screen);
        if (!Screen.HasPerson)
        {
            throw new FailureException(
                ExitCode.Input, "secret-missing", $"the simulated token {name} is sealed, and there is no terminal to ask for its pass phrase.", $"give it with {Option.Names}");
        }
        screen.Ask($"Pass phrase of the simulated token {name}: ");
        return await TerminalInput.ReadHiddenLineAsync(cancellation);
    }

    private static async Task<SecretLine> AskTwiceAsync(Screen screen, string name, CancellationToken cancellation)
    {
        if (!Screen.HasPerson)
            throw new FailureException(ExitCode.Input, "secret-missing", "there is no terminal to ask for a pass phrase.", $"give it with {Option.Names}");
        screen.Ask($"New pass phrase for the simulated token {name}: ");
        SecretLine first = await TerminalInput.ReadHiddenLineAsync(cancellation);
        screen.Ask("The same again: ");
        using SecretLine second = await TerminalInput.ReadHiddenLineAsync(cancellation);
        if (first.IsSameAs(second))
            return first;
        first.Dispose();
        throw new FailureException(ExitCode.Input, "not-the-same", "the two were not the same; nothing was done.");
    }
}
