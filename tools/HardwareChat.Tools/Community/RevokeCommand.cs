using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>revoke: a lost token, or all tokens of a person.</summary>
internal static class RevokeCommand
{
    private static readonly Argument<string> Whom = TokenSubject.Argument();
    private static readonly Option<string> Reason = new("--reason") { Description = "Why.", DefaultValueFactory = static _ => "lost" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Revoke without asking." };

    public static Command Create()
    {
        Reason.AcceptOnlyFromAmong("unspecified", "lost", "compromised", "superseded", "left");
        var command = new Command("revoke", "Revoke a token, or every token of a person; for good. Your own by another of yours, anybody's as an admin.") { Whom, Reason, Yes };
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        RevocationReason reason = Enum.Parse<RevocationReason>(parsed.GetRequiredValue(Reason), ignoreCase: true);
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        ChatClient client = await opened.ConnectAsync(cancellation);
        TokenId[] tokens = TokenSubject.Meant(client.Registry, parsed.GetRequiredValue(Whom));
        TokenSubject.RequireOwnOrAdmin(client, tokens);
        string what = TokenSubject.Words(client.Registry, tokens);
        string own = tokens.Contains(opened.Token) ? " One of them is the token that you use now." : "";
        await Question.AgreeAsync(opened.Screen, parsed.GetValue(Yes), $"This revokes {what}, for good.{own}", "--yes", cancellation);

        // The one in use last: it signs for the others.
        foreach (TokenId id in tokens.OrderBy(id => id == opened.Token))
        {
            opened.TouchIsFor($"to revoke {TokenSubject.Short(id)}");
            await client.RevokeAsync(id, reason).WaitAsync(cancellation);
        }
        var report = new RevokeReport([.. tokens.Select(static id => id.ToString())]);
        opened.Screen.Result(report, ToolsJson.Default.RevokeReport, console => console.WriteLine($"Revoked: {what}."));
    }
}

/// <summary>What --json prints of a revocation.</summary>
internal sealed record RevokeReport(IReadOnlyList<string> Revoked);
