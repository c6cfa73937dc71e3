using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.FullScreen;
using HardwareChat.Terminal.Plain;
using HardwareChat.Terminal.Screen;

namespace HardwareChat.Terminal;

/// <summary>Which face a person sees, and its life: shown, run, and taken away so that the terminal is as it was.</summary>
internal static class Faces
{
    /// <summary>Exit code of a program that a signal has ended.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs the face that the terminal can show, over a desk that <paramref name="begin"/> fills.</summary>
    /// <param name="interruption">The signals.</param>
    /// <param name="wish">What the person wants.</param>
    /// <param name="begin">Gives the desk its engine, telling what happens meanwhile; what it returns is disposed at the end.</param>
    /// <returns>The exit code.</returns>
    public static int Run(Interruption interruption, FaceWish wish, Func<Desk, Action<string>, Task<IAsyncDisposable>> begin)
    {
        string? obstacle = wish.IsPlain ? null : TerminalScreen.Obstacle;
        if (obstacle is not null)
            Console.Error.WriteLine($"Line mode, since {obstacle}.");
        if (wish.IsPlain || obstacle is not null || OperatingSystem.IsWindows())
            return FaceLoop.Run(loop => RunPlainAsync(loop, interruption, wish, begin));

        // Outside of the loop: what breaks the loop is told on a terminal that is as it was.
        using TerminalScreen screen = TerminalScreen.Open();
        return RunFull(screen, interruption, wish, begin);
    }

    [UnsupportedOSPlatform("windows")]
    private static int RunFull(TerminalScreen screen, Interruption interruption, FaceWish wish, Func<Desk, Action<string>, Task<IAsyncDisposable>> begin)
        => FaceLoop.Run(loop => RunFullAsync(loop, screen, interruption, wish, begin));

    [UnsupportedOSPlatform("windows")]
    private static async Task<int> RunFullAsync(FaceLoop loop, TerminalScreen screen, Interruption interruption, FaceWish wish, Func<Desk, Action<string>, Task<IAsyncDisposable>> begin)
    {
        var desk = new Desk(loop) { TouchKey = wish.TouchKey };
        void LeaveAtOnce(object? sender, EventArgs e) => screen.Leave();

        // Whatever ends the program without asking: a defect on any thread, a second signal, or Environment.Exit.
        AppDomain.CurrentDomain.UnhandledException += LeaveAtOnce;
        AppDomain.CurrentDomain.ProcessExit += LeaveAtOnce;
        interruption.Ending = screen.Leave;
        try
        {
            var face = new FullScreenFace(desk, loop, screen, interruption.Interrupt);
            using PosixSignalRegistration resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => loop.Post(static () => { }));
            using PosixSignalRegistration stopped = PosixSignalRegistration.Create(PosixSignal.SIGTSTP, context =>
            {
                context.Cancel = true;
                loop.Post(face.Suspend);
            });
            using PosixSignalRegistration continued = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => loop.Post(face.Resume));
            await using CancellationTokenRegistration end = interruption.Token.Register(() => loop.Post(desk.Leave));
            face.Draw();
            IAsyncDisposable engine = await begin(desk, line => loop.Post(() => desk.Tell(line)));
            try
            {
                await face.RunAsync();
                desk.Leave();
            }
            finally
            {
                // The terminal first: what is still to be ended may take a moment.
                screen.Leave();
                await engine.DisposeAsync();
            }
        }
        finally
        {
            interruption.Ending = null;
            AppDomain.CurrentDomain.UnhandledException -= LeaveAtOnce;
            AppDomain.CurrentDomain.ProcessExit -= LeaveAtOnce;
        }
        return interruption.Token.IsCancellationRequested ? Interrupted : 0;
    }

    private static async Task<int> RunPlainAsync(FaceLoop loop, Interruption interruption, FaceWish wish, Func<Desk, Action<string>, Task<IAsyncDisposable>> begin)
    {
        var desk = new Desk(loop) { TouchKey = wish.TouchKey };
        var face = new PlainFace(desk, loop, PlainInput.Standard(wish.PinDescriptor), Console.Out);
        interruption.GivesUp = () => GiveUp(loop, desk);
        await using CancellationTokenRegistration end = interruption.Token.Register(() => loop.Post(desk.Leave));
        try
        {
            await using IAsyncDisposable engine = await begin(desk, line => loop.Post(() => desk.Tell(line)));
            await face.RunAsync();

            // Before the engine ends: what is still under way knows then that it may be cut off.
            desk.Leave();
        }
        finally
        {
            interruption.GivesUp = null;
        }
        return interruption.Token.IsCancellationRequested ? Interrupted : 0;
    }

    private static bool GiveUp(FaceLoop loop, Desk desk)
    {
        bool waits = desk.Touch is not null;
        if (waits)
            loop.Post(() => desk.GiveUp());
        return waits;
    }
}

/// <summary>What a person wants of a face.</summary>
/// <param name="IsPlain">Line mode, whatever the terminal can do.</param>
/// <param name="PinDescriptor">Where the PIN comes from, if not from the terminal.</param>
/// <param name="TouchKey">The simulated token's button.</param>
internal sealed record FaceWish(bool IsPlain, int? PinDescriptor, TouchKey? TouchKey);
