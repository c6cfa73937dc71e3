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
        root.Add(plain);
        ProfileOptions.AddTo(root);
        root.SetAction((parsed, _) =>
        {
            var touch = new SimulatedTouch { IsAutomatic = Console.IsInputRedirected };
            TouchKey? key = parsed.GetValue(ProfileOptions.Token)?.StartsWith("sim:", StringComparison.Ordinal) == true ? new TouchKey(touch.Press, touch.Release) : null;
            try
            {
                var wish = new ProfileWish(parsed.GetValue(ProfileOptions.Vault), parsed.GetValue(ProfileOptions.Token), touch, Waits: true);
                return Task.FromResult(Faces.Run(interruption, new FaceWish(parsed.GetValue(plain), parsed.GetValue(ProfileOptions.Pin), key), async (desk, _) => await OpenAsync(wish, desk, interruption.Token)));
            }
            catch (Exception failure) when (failure is not IOException and not UnauthorizedAccessException && Failures.IsExpected(failure) && !interruption.Token.IsCancellationRequested)
            {
                Console.Error.WriteLine($"error: {Failures.TextOf(failure)}");
                return Task.FromResult(Failed);
            }
        });
    }

    private static async Task<IAsyncDisposable> OpenAsync(ProfileWish wish, Desk desk, CancellationToken cancel)
    {
        PersonProfile profile = await PersonProfile.OpenAsync(wish, desk, cancel);
        try
        {
            desk.Begin(profile.Client);
            desk.BeginToConnect();
            return profile;
        }
        catch
        {
            await profile.DisposeAsync();
            throw;
        }
    }
}
