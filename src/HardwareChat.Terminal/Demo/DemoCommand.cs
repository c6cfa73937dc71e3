using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Relay;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Terminal.Demo;

/// <summary>demo: what a token does for HardwareChat, with a simulated one, in a folder that is removed at the end.</summary>
internal static class DemoCommand
{
    private const int Failed = 1;
    private const int NoTouch = 16;
    private const int Interrupted = 130;

    public static Command Create()
    {
        var script = new Option<bool>("--script") { Description = "Run without a keyboard: touches are given by themselves." };
        var command = new Command("demo", "A relay, a community and three people with simulated tokens, in one process: enrol, enter by a pass phrase, chat, revoke.") { script };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(script), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool isScript, CancellationToken cancellation)
    {
        string folder = Directory.CreateTempSubdirectory("hwchat-demo-").FullName;
        using var touch = new DemoTouch(!isScript && !Console.IsInputRedirected);
        await using CancellationTokenRegistration interruption = cancellation.Register(touch.GiveUp);
        try
        {
            await new ChatStory(folder, isScript || Console.IsInputRedirected ? new AutomaticTouch() : touch, Console.Out).RunAsync();
            return 0;
        }
        catch (TouchTimedOutException)
        {
            await Console.Error.WriteLineAsync(cancellation.IsCancellationRequested
                ? "error: interrupted; nothing was signed."
                : touch.WasGivenUp ? "error: you gave up the touch; nothing was signed." : "error: no touch came, so nothing was signed.\nhint: run the demo again and press t");
            return cancellation.IsCancellationRequested ? Interrupted : NoTouch;
        }
        catch (Exception failure) when (failure is TokenException or DemoFailedException or ConnectionException or RelayException or CommunityException or RoomException or StoreException or VaultException)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
            return Failed;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>A step of the demo did not come out as it must.</summary>
internal sealed class DemoFailedException(string message) : Exception(message);
