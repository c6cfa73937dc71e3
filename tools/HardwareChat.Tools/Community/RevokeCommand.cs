using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>revoke: a lost token, or all tokens of a person.</summary>
internal static class RevokeCommand
{
    private const int ShortestId = 8;

    private static readonly Argument<string> Whom = new("HANDLE|TOKEN") { Description = "A person, for all tokens of theirs, or the first 8 or more digits of a token's id." };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why.", DefaultValueFactory = static _ => "lost" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Revoke without asking." };

    public static Command Create()
    {
        Reason.AcceptOnlyFromAmong("unspecified", "lost", "compromised", "superseded");
        var command = new Command("revoke", "Revoke a token, or every token of a person; for good.") { Whom, Reason, Yes };
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string whom = parsed.GetRequiredValue(Whom);
        RevocationReason reason = Enum.Parse<RevocationReason>(parsed.GetRequiredValue(Reason), ignoreCase: true);
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        ChatClient client = await opened.ConnectAsync(cancellation);
        TokenId[] tokens = Meant(client.Registry, whom);
        string what = string.Join(" and ", tokens.Select(id => $"{id.ToString()[..ShortestId]}, a token of {client.Registry.Token(id)!.Handle}"));
        string own = tokens.Contains(opened.Token) ? " One of them is the token that you use now." : "";
        await Question.AgreeAsync(opened.Screen, parsed.GetValue(Yes), $"This revokes {what}, for good.{own}", "--yes", cancellation);
        foreach (TokenId id in tokens)
        {
            opened.TouchIsFor($"to revoke {id.ToString()[..ShortestId]}");
            await client.RevokeAsync(id, reason).WaitAsync(cancellation);
        }
        var report = new RevokeReport([.. tokens.Select(static id => id.ToString())]);
        opened.Screen.Result(report, ToolsJson.Default.RevokeReport, console => console.WriteLine($"Revoked: {what}."));
    }

    private static TokenId[] Meant(RegistryState state, string whom)
    {
        RegistryUser? user = Handle.TryParse(whom, out Handle handle) ? state.User(handle) : null;
        TokenId[] meant = user is not null
            ? [.. user.Tokens]
            : whom.Length < ShortestId ? [] : [.. state.Tokens.Keys.Where(id => id.ToString().StartsWith(whom, StringComparison.OrdinalIgnoreCase))];
        TokenId[] good = [.. meant.Where(id => state.Token(id)?.RevokedAt is null)];
        if (meant.Length == 0)
            throw new FailureException(ExitCode.Input, "not-found", $"the registry knows no person and no token \"{PrintableText.Of(whom)}\".", "hwchat-tools registry show names those there are");
        if (good.Length == 0)
            throw new FailureException(ExitCode.Refused, "already-revoked", "that is revoked already.");
        return user is null && good.Length > 1
            ? throw new FailureException(ExitCode.Input, "token-ambiguous", "more than one token's id begins so; give more digits.")
            : good;
    }
}

/// <summary>What --json prints of a revocation.</summary>
internal sealed record RevokeReport(IReadOnlyList<string> Revoked);
