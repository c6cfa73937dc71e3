using System.CommandLine;
using HardwareChat.Protocol;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>registry show: who is who.</summary>
internal static class RegistryShowCommand
{
    public static Command Create()
    {
        var command = new Command("show", "Show who is who, from your vault and without a connection, after verifying every statement anew.");
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        RegistryState state = opened.ReadRegistry();
        var people = state.Users.Values.OrderBy(static user => user.Handle).Select(user => new PersonReport(
            user.Handle.ToString(),
            user.Role.ToString().ToLowerInvariant(),
            [.. user.Tokens.Select(id => new PersonTokenReport(id.ToString(), state.Token(id)?.RevokedAt is not null))],
            user.Role == Role.Bot ? [.. user.Roles[^1].Rooms.Select(static room => room.ToString())] : null)).ToList();
        var report = new RegistryReport(state.Id.ToString(), state.Size, state.Root.ToString(), people);
        opened.Screen.Result(report, ToolsJson.Default.RegistryReport, console =>
        {
            Table table = Screen.Table("Handle", "Role", "Token", "State");
            foreach (PersonReport person in people)
            {
                foreach (PersonTokenReport token in person.Tokens)
                    table.AddRow(Screen.Cells(person.Handle, person.Role, token.TokenId, token.Revoked ? "revoked" : "good"));
            }
            console.Write(table);
        });
        opened.Screen.Note($"Verified: {state.Size} statements of the registry {state.Id}, as far as this vault has read.");
    }
}

/// <summary>What --json prints of the registry.</summary>
internal sealed record RegistryReport(string Registry, ulong Size, string Root, IReadOnlyList<PersonReport> People);

/// <summary>A person of the registry; the rooms are a bot's.</summary>
internal sealed record PersonReport(string Handle, string Role, IReadOnlyList<PersonTokenReport> Tokens, IReadOnlyList<string>? Rooms);

/// <summary>A token of a person.</summary>
internal sealed record PersonTokenReport(string TokenId, bool Revoked);
