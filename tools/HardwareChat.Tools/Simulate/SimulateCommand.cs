using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tools;

/// <summary>simulate: the verbs for simulated tokens, which live as files in a folder of the user's.</summary>
internal static class SimulateCommand
{
    public const string Warning = "a simulated token is a file: whoever can read it has its keys, and no production policy accepts it.";

    public static Command Create() => new("simulate", "Make and handle simulated tokens, for tests and for trying things out.")
    {
        SimulateCreateCommand.Create(),
        SimulateListCommand.Create(),
        SimulateShowCommand.Create(),
        SimulateTouchCommand.Create(),
        SimulateResetCommand.Create(),
        SimulateServeCommand.Create(),
    };

    public static SimulatedCardStore OpenStore() => new(SimulatedCardStore.DefaultFolder);

    /// <summary>The argument NAME of a simulated token that is there.</summary>
    public static Argument<string> ExistingName()
    {
        var name = new Argument<string>("NAME") { Description = "The simulated token's name." };
        name.Validators.Add(result => ValidateName(result.GetValueOrDefault<string>(), result.AddError));
        name.CompletionSources.Add(_ => Names());
        return name;
    }

    /// <summary>The argument NAME of a simulated token to be.</summary>
    public static Argument<string> NewName()
    {
        var name = new Argument<string>("NAME") { Description = "A name for it: 1 to 32 of a-z, 0-9, '-' and '_'." };
        name.Validators.Add(result => ValidateName(result.GetValueOrDefault<string>(), result.AddError));
        return name;
    }

    /// <summary>The names of the simulated tokens; none where there is no folder of them, or it cannot be read.</summary>
    public static IReadOnlyList<string> Names()
    {
        try
        {
            return Directory.Exists(SimulatedCardStore.DefaultFolder) ? OpenStore().Names() : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Each simulated token; one whose file cannot be read, with why.</summary>
    public static IReadOnlyList<SimulatedTokenReport> All() => [.. Names().Select(Describe)];

    private static SimulatedTokenReport Describe(string name)
    {
        try
        {
            return SimulatedTokenReport.Of(OpenStore().Describe(name));
        }
        catch (Exception unreadable) when (unreadable is SimulatedCardException or IOException or UnauthorizedAccessException)
        {
            return new SimulatedTokenReport("sim:" + name, name, null, null, null, FailureWords.Of(unreadable, false).Message);
        }
    }

    private static void ValidateName(string? name, Action<string> refuse)
    {
        if (!TokenChoice.IsName(name))
            refuse("A simulated token's name is 1 to 32 of a-z, 0-9, '-' and '_'.");
    }
}
