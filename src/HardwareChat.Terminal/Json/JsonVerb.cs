using System.CommandLine;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Profiles;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Json;

/// <summary>hwchat json: see docs/JSON.md.</summary>
internal static class JsonVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Interruption interruption)
    {
        var command = new Command("json", "For programs: commands and events, a JSON object a line, on standard input and output.");
        ProfileOptions.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            using var session = new JsonSession(StandardOutput.Write, parsed.GetValue(ProfileOptions.Pin));
            var wish = new ProfileWish(parsed.GetValue(ProfileOptions.Vault), parsed.GetValue(ProfileOptions.Token), new SimulatedTouch(), Waits: true);
            return await session.RunAsync(wish, Console.OpenStandardInput(), interruption.Token);
        });
        return command;
    }
}
