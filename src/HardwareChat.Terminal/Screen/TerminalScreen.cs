using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace HardwareChat.Terminal.Screen;

// The one place that changes the terminal: raw mode by the system's own cfmakeraw, so that no layout of termios is assumed, and the sequences of
// xterm that all terminals of today know. Whatever ends the program, Leave comes first; it can be called twice and from any thread.

/// <summary>The terminal as a screen of cells: its alternate screen, raw keys, and pastes marked as such.</summary>
internal sealed partial class TerminalScreen : IDisposable
{
    private const int Input = 0;
    private const int Output = 1;
    private const int TermiosBytes = 512;
    private const int Stop = 19;
    private const int StopMac = 17;

    // Alternate screen, bracketed paste, arrows as arrows.
    private const string Entering = "\e[?1049h\e[?2004h\e[?1l\e>\e[0m\e[2J";
    private const string Leaving = "\e[?2026l\e[?2004l\e[0m\e[?25h\e[?1049l";

    private readonly byte[] _before = GC.AllocateArray<byte>(TermiosBytes, pinned: true);
    private readonly Lock _gate = new();
    private readonly FileStream _output = new(new SafeFileHandle(Output, ownsHandle: false), FileAccess.Write, bufferSize: 0);
    private readonly CanvasWriter _writer = new(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
    private bool _isEntered;

    private TerminalScreen()
    {
    }

    /// <summary>Why this terminal cannot be such a screen; null if it can.</summary>
    public static string? Obstacle => OperatingSystem.IsWindows() ? "the full screen is not there on Windows yet"
        : Console.IsInputRedirected || Console.IsOutputRedirected ? "this is no terminal"
        : Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb" ? "TERM says that this terminal cannot do it" : null;

    /// <summary>Columns and rows.</summary>
    public static (int Width, int Height) Size => (Math.Clamp(Console.WindowWidth, 1, 1000), Math.Clamp(Console.WindowHeight, 1, 1000));

    /// <summary>Takes the terminal.</summary>
    /// <exception cref="IOException">The system does not let its mode be changed.</exception>
    public static TerminalScreen Open()
    {
        var screen = new TerminalScreen();
        if (GetAttributes(Input, screen._before) != 0)
            throw new IOException("the terminal's mode cannot be read");
        screen.Enter();
        return screen;
    }

    /// <summary>Takes the terminal again after <see cref="Leave"/>.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            byte[] raw = GC.AllocateArray<byte>(TermiosBytes, pinned: true);
            _before.CopyTo(raw, 0);
            MakeRaw(raw);
            SetAttributes(Input, 0, raw);
            _isEntered = true;
            _writer.Forget();
            Write(Entering);
        }
    }

    /// <summary>Gives the terminal back as it was.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (!_isEntered)
                return;
            _isEntered = false;
            Write(Leaving);
            SetAttributes(Input, 0, _before);
        }
    }

    /// <summary>Shows a canvas.</summary>
    public void Show(Canvas canvas)
    {
        lock (_gate)
        {
            if (_isEntered)
                Write(_writer.Write(canvas));
        }
    }

    /// <summary>The next canvas is drawn whole, whatever other programs wrote over it.</summary>
    public void Forget()
    {
        lock (_gate)
            _writer.Forget();
    }

    /// <summary>Rings.</summary>
    public void Ring()
    {
        lock (_gate)
        {
            if (_isEntered)
                Write("\a");
        }
    }

    /// <summary>Stops the program, as Ctrl-Z does, with the terminal given back; what follows comes with the signal that continues it.</summary>
    public void Suspend()
    {
        Leave();
        _ = SendSignal(0, OperatingSystem.IsMacOS() ? StopMac : Stop);
    }

    /// <summary>Reads what is typed, on a thread of its own, until the input ends.</summary>
    /// <param name="take">Takes the bytes; an empty piece is the end.</param>
    public static void ReadKeys(Action<byte[]> take) => new Thread(() =>
    {
        using var input = new FileStream(new SafeFileHandle(Input, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        byte[] buffer = new byte[4096];
        int read;
        do
        {
            try
            {
                read = input.Read(buffer);
            }
            catch (IOException)
            {
                // The terminal has gone away: the end, as any other.
                read = 0;
            }
            take(buffer[..read]);
        }
        while (read > 0);
    })
    {
        IsBackground = true,
        Name = "keys",
    }.Start();

    /// <inheritdoc/>
    public void Dispose()
    {
        Leave();
        _output.Dispose();
    }

    private void Write(string text)
    {
        if (text.Length == 0)
            return;
        try
        {
            _output.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (IOException)
        {
            // The terminal has gone away, and SIGHUP is on its way: there is nobody to be told.
        }
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, byte[] attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, byte[] attributes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw(byte[] attributes);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
