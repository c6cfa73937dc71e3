using System.CommandLine;
using System.Diagnostics;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tools;

/// <summary>The touches of a simulated token: the key t at the terminal, "simulate touch" from elsewhere, or each at once.</summary>
internal sealed class PersonTouch : ITouchSource, IDisposable
{
    /// <summary>--auto-touch</summary>
    public static readonly Option<bool> Automatic = new("--auto-touch")
    {
        Description = "Let a simulated token take each touch as given. Without it, and without a terminal, use \"simulate touch\" from elsewhere.",
    };

    // How long a simulated token waits, as a YubiKey does.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Screen _screen;
    private readonly string _token;
    private readonly bool _automatic;
    private readonly CancellationTokenSource _givenUp = new();

    /// <summary>Touches of the token of this name.</summary>
    public PersonTouch(Screen screen, string token, bool automatic)
    {
        _screen = screen;
        _token = token;
        _automatic = automatic;
    }

    /// <summary>What "simulate touch" presses.</summary>
    public TouchButton Button { get; } = new();

    /// <summary>Whether the person pressed q.</summary>
    public bool WasGivenUp => _givenUp.IsCancellationRequested;

    /// <summary>Ends a wait for a touch, and every later one, as if none had come.</summary>
    public void GiveUp() => _givenUp.Cancel();

    /// <inheritdoc/>
    public bool Wait(byte slot, CancellationToken cancellation)
    {
        if (_automatic)
        {
            _screen.Note($"{_token} takes the touch as given (--auto-touch).");
            return true;
        }
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _givenUp.Token);
        using var ended = new CancellationTokenSource();
        Task watching = WatchAsync(ended.Token);
        try
        {
            return Button.Wait(slot, either.Token);
        }
        finally
        {
            ended.Cancel();
            watching.GetAwaiter().GetResult();
        }
    }

    public void Dispose() => _givenUp.Dispose();

    private async Task WatchAsync(CancellationToken ended)
    {
        if (!Screen.HasPerson)
        {
            _screen.Note($"{_token} waits for a touch: hwchat-tools simulate touch {_token["sim:".Length..]}");
            return;
        }
        Task countdown = CountDownAsync(ended);
        await TerminalInput.WatchKeysAsync(
            key =>
            {
                if (key is 't' or 'T')
                    Button.Press();
                else if (key is 'q' or 'Q')
                    GiveUp();
                return key is not ('t' or 'T' or 'q' or 'Q');
            },
            ended);
        await countdown;
    }

    private async Task CountDownAsync(CancellationToken ended)
    {
        long start = Stopwatch.GetTimestamp();
        while (!ended.IsCancellationRequested)
        {
            double left = (Patience - Stopwatch.GetElapsedTime(start)).TotalSeconds;
            Screen.Write($"\r  {_token}: t touches, q gives up, {Math.Max(0, (int)Math.Ceiling(left)),2} s ");
            await Task.Delay(TimeSpan.FromSeconds(1), ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        Screen.Write("\n");
    }
}
