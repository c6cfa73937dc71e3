using System.CommandLine;
using HardwareChat.Relay;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Terminal.Demo;

/// <summary>demo: the whole product in one process, with simulated tokens, in a folder that is removed at the end.</summary>
internal static class DemoCommand
{
    private const int Failed = 1;

    public static Command Create(Interruption interruption)
    {
        var script = new Option<bool>("--script") { Description = "Tell the whole story without a keyboard, checking each step." };
        var plain = new Option<bool>("--plain") { Description = "Line mode, for screen readers, pipes and taste." };
        var command = new Command("demo", "A relay, a community and three people with simulated tokens, in one process: you are alice, and bob and carol answer.") { script, plain };
        command.SetAction(async (parsed, _) =>
        {
            string folder = Directory.CreateTempSubdirectory("hwchat-demo-").FullName;
            try
            {
                return await (parsed.GetValue(script) || (Console.IsInputRedirected && !parsed.GetValue(plain)) ? ScriptAsync(folder, interruption) : Task.FromResult(Live(folder, interruption, parsed.GetValue(plain))));
            }
            catch (Exception failure) when (failure is DemoFailedException or StoreException or TouchTimedOutException or (not OperationCanceledException and not IOException and not UnauthorizedAccessException) && Failures.IsExpected(failure))
            {
                await Console.Error.WriteLineAsync($"error: {Failures.TextOf(failure)}");
                return Failed;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    private static async Task<int> ScriptAsync(string folder, Interruption interruption)
    {
        await new ChatStory(folder, new AutomaticTouch(), Console.Out, interruption.Token).RunAsync();
        return 0;
    }

    private static int Live(string folder, Interruption interruption, bool isPlain)
    {
        DemoHouse? house = null;
        var key = new TouchKey(() => house?.Touch.Press(), () => house?.Touch.Release());
        return Faces.Run(interruption, new FaceWish(isPlain, null, key), async (desk, tell) =>
        {
            house = await DemoHouse.BuildAsync(folder, desk, tell, interruption.Token);
            if (Console.IsInputRedirected)
                house.Touch.IsAutomatic = true;
            return house;
        });
    }
}

/// <summary>A step of the demo did not come out as it must.</summary>
internal sealed class DemoFailedException(string message) : Exception(message);
