using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>registry verify: every statement from the first, against the relay or in a file.</summary>
internal static class RegistryVerifyCommand
{
    private static readonly Argument<FileInfo?> ExportedFile = new("FILE") { Description = "What registry export wrote; without it, the relay's log is read anew.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Registry = new("--registry") { Description = "The id that the registry must have: of a file, it is the one thing that the file cannot prove.", HelpName = "ID" };

    public static Command Create()
    {
        var command = new Command("verify", "Verify every statement from the first: signatures, rules, attestations, the signed head. Exit code 3 if anything is not so.") { ExportedFile, Registry };
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(ExportedFile) is { } file)
        {
            RegistryExport export = await ExportFile.ReadAsync(file, cancellation);
            Say(parsed, new Screen(parsed), ExportFile.StateOf(export.Replay()), "in the file");
            if (parsed.GetValue(Registry) is null)
                new Screen(parsed).Note("Compare the id with one that you know, or give it with --registry.");
            return;
        }
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        ChatClient client = await opened.ConnectAsync(cancellation);
        RegistryReplay replay = await client.ReplayRegistryAsync().WaitAsync(cancellation);
        RegistryState state = ExportFile.StateOf(replay.Replica);
        if (!replay.Agrees)
            throw new FailureException(ExitCode.Refused, "registry-fork", "the relay shows another log than the one that this vault has read.", "trust nothing that this relay says, and ask another member to compare");
        Say(parsed, opened.Screen, state, "from the relay, and the same as this vault's");
    }

    private static void Say(ParseResult parsed, Screen screen, RegistryState state, string where)
    {
        string id = state.Id.ToString();
        if (parsed.GetValue(Registry) is { } wanted && !string.Equals(wanted, id, StringComparison.OrdinalIgnoreCase))
            throw new FailureException(ExitCode.Refused, "other-registry", $"it is another registry: {id}.");
        var report = new RegistryVerifyReport(id, state.Size, state.Root.ToString(), state.Users.Count);
        screen.Result(report, ToolsJson.Default.RegistryVerifyReport, console =>
        {
            Grid facts = Screen.Facts();
            facts.AddRow(Screen.Cells("registry", id));
            facts.AddRow(Screen.Cells("size", $"{state.Size}"));
            facts.AddRow(Screen.Cells("root", report.Root));
            console.Write(facts);
        });
        screen.Note($"Verified: {state.Size} statements {where}, {state.Users.Count} {(state.Users.Count == 1 ? "person" : "people")}.");
    }
}

/// <summary>What --json prints of a registry that verifies.</summary>
internal sealed record RegistryVerifyReport(string Registry, ulong Size, string Root, int People);
