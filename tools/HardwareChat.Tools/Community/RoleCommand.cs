using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Wire;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>role: who is an admin, and which rooms a bot may be in.</summary>
internal static class RoleCommand
{
    private static readonly Argument<string> Whom = new("HANDLE") { Description = "Whose role." };
    private static readonly Argument<string> RoleArgument = new("ROLE") { Description = "member, admin, or bot. A bot stays one, and nobody else becomes one: --role of invite makes bots." };
    private static readonly Option<string[]> Rooms = new("--room") { Description = "A room that the bot may be in, by its id; may be given again. The rooms of before count no more.", HelpName = "ROOM" };
    private static readonly SecretOption Recovery = new("recovery", "the community's recovery key on paper");

    public static Command Create()
    {
        RoleArgument.AcceptOnlyFromAmong("member", "admin", "bot");
        var command = new Command("role", "Make a person an admin, or a member again; or name the rooms of a bot.") { Whom, RoleArgument, Rooms };
        command.Validators.Add(static result =>
        {
            if (result.GetValue(Rooms) is { Length: > 0 } && result.GetValue(RoleArgument) != "bot")
                result.AddError("--room goes with the role bot.");
        });
        Recovery.AddTo(command);
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Handle handle = CommunityOptions.HandleOf(parsed.GetRequiredValue(Whom));
        Role role = Enum.Parse<Role>(parsed.GetRequiredValue(RoleArgument), ignoreCase: true);
        RoomId[] rooms = [.. (parsed.GetValue(Rooms) ?? []).Select(RoomOf)];
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        ChatClient client = await opened.ConnectAsync(cancellation);
        RegistryUser user = CommunityOptions.UserOf(client.Registry, handle);
        if ((user.Role == Role.Bot) != (role == Role.Bot))
            throw new FailureException(ExitCode.Refused, "role-refused", user.Role == Role.Bot ? $"{handle} is a bot, and stays one." : $"{handle} is no bot, and cannot become one.", "hwchat-tools invite HANDLE --role bot makes bots");
        if (role == Role.Admin && !user.Tokens.Any(id => client.Registry.Token(id) is { RevokedAt: null, Keys.SignatureKey: not null }))
            throw new FailureException(ExitCode.Refused, "role-refused", $"{handle} has no token with a key in 9C, with which admins sign.", "hwchat-tools token init --slot 9C, then enrol or add that token");
        opened.TouchIsFor($"to make {handle} {parsed.GetRequiredValue(RoleArgument)}");
        if (Recovery.IsGiven(parsed))
        {
            using RecoveryKey key = RecoveryKeyOf(parsed, opened.Screen);
            await client.ChangeRoleAsync(handle, role, key).WaitAsync(cancellation);
        }
        else
        {
            CommunityOptions.RequireAdmin(client);
            await client.ChangeRoleAsync(handle, role, rooms).WaitAsync(cancellation);
        }
        var report = new RoleReport(handle.ToString(), parsed.GetRequiredValue(RoleArgument), [.. rooms.Select(static room => room.ToString())]);
        opened.Screen.Result(report, ToolsJson.Default.RoleReport, console => console.WriteLine(
            role == Role.Bot ? $"{handle} is a bot, and may be in {rooms.Length} {(rooms.Length == 1 ? "room" : "rooms")}." : $"{handle} is {(role == Role.Admin ? "an admin" : "a member")} now."));
    }

    private static RoomId RoomOf(string text)
    {
        try
        {
            byte[] bytes = Convert.FromHexString(text);
            if (bytes.Length == Digest.Size)
                return new RoomId(new Digest(bytes));
        }
        catch (FormatException)
        {
            // Said below.
        }
        throw new FailureException(ExitCode.Usage, "not-a-room", $"\"{PrintableText.Of(text)}\" is no room's id.", "it has 64 hexadecimal digits; /info in hwchat shows it");
    }

    private static RecoveryKey RecoveryKeyOf(ParseResult parsed, Screen screen)
    {
        using SecretLine line = Recovery.Read(parsed, screen);
        char[] text = GC.AllocateArray<char>(line.Span.Length, pinned: true);
        try
        {
            System.Text.Encoding.ASCII.GetChars(line.Span, text);
            return RecoveryKey.Parse(text);
        }
        catch (DecodeException malformed)
        {
            throw new FailureException(ExitCode.Input, "recovery-malformed", "that is no recovery key: a character is wrong, or some are missing.", malformed, "type it as it stands on paper");
        }
        finally
        {
            Array.Clear(text);
        }
    }
}

/// <summary>What --json prints of a role.</summary>
internal sealed record RoleReport(string Handle, string Role, IReadOnlyList<string> Rooms);
