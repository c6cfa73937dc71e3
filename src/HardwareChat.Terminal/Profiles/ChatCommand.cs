using System.CommandLine;
using HardwareChat.Terminal.Conversation;

namespace HardwareChat.Terminal.Profiles;

/// <summary>hwchat without a verb: opens the person's vault and shows a face.</summary>
internal static class ChatCommand
{
    private const int Failed = 1;

    /// <summary>Gives the root command its options and what it does.</summary>
    public static void AddTo(RootCommand root, Interruption interruption)
    {
        var plain = new Option<bool>("--plain") { Description = "Line mode, for screen readers, pipes and taste." };
        var vault = new Option<string>("--vault") { Description = "The vault's file; hwchat/vault in $XDG_DATA_HOME or ~/.local/share if not given." };
        var token = new Option<string>("--token") { Description = "The token that opens it, as serial:N or sim:NAME; whichever does if not given." };
        var pin = new Option<int?>("--pin-fd") { Description = "An open file descriptor whose first line is the PIN." };
        foreach (Option option in (Option[])[plain, vault, token, pin])
            root.Add(option);
        root.SetAction((parsed, _) =>
        {
            var touch = new SimulatedTouch { IsAutomatic = Console.IsInputRedirected };
            TouchKey? key = parsed.GetValue(token)?.StartsWith("sim:", StringComparison.Ordinal) == true ? new TouchKey(touch.Press, touch.Release) : null;
            try
            {
                return Task.FromResult(Faces.Run(interruption, new FaceWish(parsed.GetValue(plain), parsed.GetValue(pin), key), async (desk, tell) =>
                    await PersonProfile.OpenAsync(parsed.GetValue(vault) ?? PersonProfile.DefaultVault, parsed.GetValue(token), touch, desk, tell, interruption.Token)));
            }
            catch (Exception failure) when (failure is not IOException and not UnauthorizedAccessException && Failures.IsExpected(failure) && !interruption.Token.IsCancellationRequested)
            {
                Console.Error.WriteLine($"error: {Failures.TextOf(failure)}");
                return Task.FromResult(Failed);
            }
        });
    }
}
