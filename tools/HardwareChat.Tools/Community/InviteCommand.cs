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
    private const int LongestDays = 30;

    private static readonly Option<string> RoleOption = new("--role") { Description = "What they will be: a member, or a bot, which is a program.", DefaultValueFactory = static _ => "member" };
    private static readonly Option<int> Days = new("--days") { Description = "How many days it is good.", DefaultValueFactory = static _ => 7 };

    public static Command Create()
    {
        Days.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > LongestDays)
                result.AddError($"--days takes 1 to {LongestDays}.");
        });
        var command = new Command("invite", "Invite a person: prints a link and its QR code, for that person alone.") { Invited, Days, RoleOption };
        RoleOption.AcceptOnlyFromAmong("member", "bot");
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Handle handle = CommunityOptions.HandleOf(parsed.GetRequiredValue(Invited));
        int days = parsed.GetValue(Days);
        Role role = Enum.Parse<Role>(parsed.GetRequiredValue(RoleOption), ignoreCase: true);
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        ChatClient client = await opened.ConnectAsync(cancellation);
        if (client.Registry.User(handle) is not null)
            throw new FailureException(ExitCode.Refused, "handle-taken", $"{handle} is in the community already.", "an invite is for a new person");
        CommunityOptions.RequireAdmin(client);
        opened.TouchIsFor($"to invite {handle}");
        using InviteLink invite = await client.InviteAsync(handle, TimeSpan.FromDays(days), role).WaitAsync(cancellation);
        string link = invite.ToLink();
        opened.Screen.Result(new InviteReport(handle.ToString(), role.ToString().ToLowerInvariant(), link, days), ToolsJson.Default.InviteReport, console =>
        {
            // Not by the console, which folds: a link with a line break in it is none.
            console.Profile.Out.Writer.WriteLine(link);
            if (Console.IsOutputRedirected)
                return;
            foreach (string line in TerminalQr.Lines(invite.ToQr()))
                console.WriteLine(line);
        });
        opened.Screen.Note($"For {handle} alone, once, within {days} days. Whoever reads it can enrol as {handle}: send it where nobody else reads.");
        if (role == Role.Bot)
            opened.Screen.Note($"The bot enters no room until its role names some: hwchat-tools role {handle} bot --room ROOM");
    }
}

/// <summary>What --json prints of an invite. The link is a secret.</summary>
internal sealed record InviteReport(string Handle, string Role, string Link, int Days);
