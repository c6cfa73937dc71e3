using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.Tools;

/// <summary>enrol: into a community, by an invite.</summary>
internal static class EnrolCommand
{
    private static readonly Argument<string> Link = new("LINK") { Description = "The invite, in quotes." };

    public static Command Create()
    {
        var command = new Command("enrol", "Enrol your token in a community, by the invite that an admin sent you.") { Link, CommunityOptions.Handle };
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using InviteLink invite = CommunityOptions.LinkOf(parsed.GetRequiredValue(Link));
        await NewMember.EnterAsync(
            parsed, asAdmin: false, (papers, broker, vault, handle) => Enrolling.EnrolAsync(invite, handle, papers, broker, vault, TimeProvider.System, cancellation), cancellation);
    }
}
