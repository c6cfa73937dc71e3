using System.Diagnostics;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Terminal.Demo;

/// <summary>The touch of the demo's token: the key t, or where nobody is at a keyboard, by itself with a line that says so.</summary>
internal sealed class DemoTouch(bool hasKeyboard) : ITouchSource, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _givenUp = new();

    /// <summary>Whether the person pressed q, or Ctrl-C.</summary>
    public bool WasGivenUp => _givenUp.IsCancellationRequested;

    /// <summary>Ends the wait as if no touch had come.</summary>
    public void GiveUp() => _givenUp.Cancel();

    /// <inheritdoc/>
    public bool Wait(byte slot, CancellationToken cancellation)
    {
        if (!hasKeyboard)
        {
            Console.WriteLine("   Standard input is no terminal, so the touch is given by itself.");
            return true;
        }
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _givenUp.Token);
        long start = Stopwatch.GetTimestamp();
        while (!either.IsCancellationRequested)
        {
            int left = Math.Max(0, (int)(TouchEventArgs.Patience - Stopwatch.GetElapsedTime(start)).TotalSeconds);
            Console.Write($"\r   Press t to touch it, q to give up: {left,2} s ");
            while (Console.KeyAvailable)
            {
                char key = char.ToLowerInvariant(Console.ReadKey(intercept: true).KeyChar);
                if (key == 't')
                {
                    Console.WriteLine();
                    return true;
                }
                if (key == 'q')
                    GiveUp();
            }
            either.Token.WaitHandle.WaitOne(Pause);
        }
        Console.WriteLine();
        return false;
    }

    public void Dispose() => _givenUp.Dispose();
}
