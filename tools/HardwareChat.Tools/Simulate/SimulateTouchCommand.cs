using System.CommandLine;
using System.Diagnostics;
using HardwareChat.Tokens.Simulator;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>simulate touch NAME: what a finger would do, while another process waits for it.</summary>
internal static class SimulateTouchCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly Option<int> Wait = new("--wait")
    {
        Description = "Wait up to this many seconds until a touch is wanted.",
        HelpName = "SECONDS",
        CustomParser = Numbers.Count,
    };

    public static Command Create()
    {
        Argument<string> name = SimulateCommand.ExistingName();
        Wait.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 3600)
                result.AddError("--wait takes 0 to 3600 seconds.");
        });
        var command = new Command("touch", "Touch a simulated token that another process uses.") { name, Wait };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, parsed.GetRequiredValue(name), cancellation));
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, string name, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        SimulatedCardStore store = SimulateCommand.OpenStore();
        store.Describe(name);
        var patience = TimeSpan.FromSeconds(parsed.GetValue(Wait));
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            bool inUse = true;
            try
            {
                if (await store.TouchAsync(name, cancellation))
                    break;
            }
            catch (IOException)
            {
                // Nobody has the token open; perhaps soon.
                inUse = false;
            }
            if (Stopwatch.GetElapsedTime(start) >= patience)
            {
                throw inUse
                    ? new FailureException(ExitCode.NoTouch, "touch-not-wanted", $"sim:{name} does not wait for a touch now.", "--wait SECONDS waits until it does")
                    : new FailureException(ExitCode.NoToken, "token-not-in-use", $"no process uses sim:{name} now, so nothing waits for a touch.", "start what needs the touch first, or use --wait SECONDS");
            }
            await Task.Delay(Pause, cancellation);
        }
        screen.Result(new TouchReport("sim:" + name, true), ToolsJson.Default.TouchReport, console => console.WriteLine($"Touched sim:{name}."));
    }
}
