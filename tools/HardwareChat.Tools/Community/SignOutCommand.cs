using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>sign-out: ends what a token's touches have begun, everywhere; the token stays.</summary>
internal static class SignOutCommand
{
    private static readonly Argument<string> Whom = TokenSubject.Argument();

    public static Command Create()
    {
        var command = new Command("sign-out", "End every session of a token, on every machine; the next one begins with a touch. For a machine that was left open.") { Whom };
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        ChatClient client = await opened.ConnectAsync(cancellation);
        TokenId[] tokens = TokenSubject.Meant(client.Registry, parsed.GetRequiredValue(Whom));
        TokenSubject.RequireOwnOrAdmin(client, tokens);
        string what = TokenSubject.Words(client.Registry, tokens);
        foreach (TokenId id in tokens.OrderBy(id => id == opened.Token))
        {
            opened.TouchIsFor($"to sign {TokenSubject.Short(id)} out");
            await client.SignOutAsync(id).WaitAsync(cancellation);
        }
        var report = new SignOutReport([.. tokens.Select(static id => id.ToString())]);
        opened.Screen.Result(report, ToolsJson.Default.SignOutReport, console => console.WriteLine($"Signed out: {what}."));
    }
}

/// <summary>What --json prints of a sign-out.</summary>
internal sealed record SignOutReport(IReadOnlyList<string> SignedOut);
