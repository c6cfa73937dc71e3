using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.Tools;

/// <summary>enrol: into a community, by an invite.</summary>
internal static class EnrolCommand
{
    private static readonly Argument<string> Link = new("LINK") { Description = "The invite, in quotes." };
    private static readonly Option<bool> Bot = new("--bot") { Description = "Enrol a program: its key in 9A wants no touch, and its PIN comes from --pin-fd. Takes an invite for a bot." };

    public static Command Create()
    {
        var command = new Command("enrol", "Enrol your token in a community, by the invite that an admin sent you.") { Link, CommunityOptions.Handle, Bot };
        command.Validators.Add(static result =>
        {
            if (result.GetValue(Bot) && !PinQuestion.Pin.IsGivenAsDescriptor(result))
                result.AddError("--bot goes with --pin-fd: nobody is there to type a bot's PIN.");
        });
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using InviteLink invite = CommunityOptions.LinkOf(parsed.GetRequiredValue(Link));
        await NewMember.EnterAsync(
            parsed,
            new NewMember.Terms(AsAdmin: false, parsed.GetValue(Bot), null),
            (papers, broker, vault, handle) => vault.Read(PendingEnrolment.Load) is { } pending
                ? Enrolling.ResumeAsync(invite, pending, papers, broker, vault, TimeProvider.System, cancellation)
                : Enrolling.EnrolAsync(invite, handle, papers, broker, vault, TimeProvider.System, cancellation),
            cancellation);
    }
}
