using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>add-token: another token of the same person, which opens the vault too.</summary>
internal static class AddTokenCommand
{
    private static readonly Option<string?> NewToken = new("--new-token")
    {
        Description = "The token to add, plugged in beside the one that opens the vault.",
        HelpName = "serial:N|name:NICKNAME|reader:TEXT|sim:NAME",
        Required = true,
    };

    public static Command Create()
    {
        TokenOptions.TakeChoice(NewToken);
        var command = new Command("add-token", "Add a token of yours: a touch of the one that you have, a touch of the new one. Then each of them is you, and opens your vault.") { NewToken };
        PinQuestion.NewTokenPin.AddTo(command);
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        TokenChoice choice = TokenDrivers.Chosen(parsed, NewToken)!;
        await using OpenedToken added = await TokenDrivers.OpenAsync(parsed, opened.Screen, choice, cancellation);
        await NewMember.RequireKeysAsync(added, asAdmin: false, cancellation);
        TokenPapers papers = await TokenPapers.ReadAsync(added.Face, cancellation);
        TokenId id = papers.Enrolment.TokenId;
        if (id == opened.Token)
            throw new FailureException(ExitCode.Input, "same-token", "that is the token that opens the vault already.", "--new-token names the other one");
        ChatClient client = await opened.ConnectAsync(cancellation);
        if (client.Registry.User(client.Handle!.Value)?.Role == Role.Bot)
            CommunityOptions.RequireAdmin(client);
        using var face = new CommunityFace(parsed, opened.Screen, added, PinQuestion.NewTokenPin);
        await using var broker = new TokenBroker(added.Face, face);
        opened.TouchIsFor("to let another token be you");
        added.Purpose = $"to become a token of {client.Handle}";
        await client.AddTokenAsync(papers, broker, added.Name).WaitAsync(cancellation);
        var report = new AddTokenReport(client.Handle.ToString()!, id.ToString());
        opened.Screen.Result(report, ToolsJson.Default.AddTokenReport, console => console.WriteLine($"{added.Name} is a token of {report.Handle} now, and opens the vault."));
        opened.Screen.Note($"Keep the two apart. If one is lost: hwchat-tools revoke {TokenSubject.Short(id)} --token {opened.TokenName}, with the one that you have.");
    }
}

/// <summary>What --json prints of an added token.</summary>
internal sealed record AddTokenReport(string Handle, string TokenId);
