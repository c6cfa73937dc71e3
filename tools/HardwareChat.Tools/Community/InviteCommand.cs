using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Client.Verification;
using HardwareChat.Protocol;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>invite: a link for one person, signed by an admin's 9C.</summary>
internal static class InviteCommand
{
    private static readonly Argument<string> Invited = new("HANDLE") { Description = "Whom it is for." };
    private static readonly Option<int> Days = new("--days") { Description = "How many days it is good.", DefaultValueFactory = static _ => 7 };

    public static Command Create()
    {
        Days.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 365)
                result.AddError("--days takes 1 to 365.");
        });
        var command = new Command("invite", "Invite a person: prints a link and its QR code, for that person alone.") { Invited, Days };
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Handle handle = CommunityOptions.HandleOf(parsed.GetRequiredValue(Invited));
        int days = parsed.GetValue(Days);
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        ChatClient client = await opened.ConnectAsync(cancellation);
        if (client.Registry.User(handle) is not null)
            throw new FailureException(ExitCode.Refused, "handle-taken", $"{handle} is in the community already.", "an invite is for a new person");
        RequireInviter(client);
        opened.TouchIsFor($"to invite {handle}");
        using InviteLink invite = await client.InviteAsync(handle, TimeSpan.FromDays(days)).WaitAsync(cancellation);
        string link = invite.ToLink();
        opened.Screen.Result(new InviteReport(handle.ToString(), link, days), ToolsJson.Default.InviteReport, console =>
        {
            console.WriteLine(link);
            if (Console.IsOutputRedirected)
                return;
            foreach (string line in TerminalQr.Lines(invite.ToQr()))
                console.WriteLine(line);
        });
        opened.Screen.Note($"For {handle} alone, once, within {days} days. Whoever reads it can enrol as {handle}: send it where nobody else reads.");
    }

    // Before a touch is wasted on what every member would refuse; the statement itself wants 9C, which admins have.
    private static void RequireInviter(ChatClient client)
    {
        if (client.Handle is { } own && !client.Registry.Admins.Contains(own))
            throw new FailureException(ExitCode.Refused, "not-admin", $"{own} is no admin of this community.", $"ask one: {string.Join(", ", client.Registry.Admins.Order())}");
    }
}

/// <summary>What --json prints of an invite. The link is a secret.</summary>
internal sealed record InviteReport(string Handle, string Link, int Days);
