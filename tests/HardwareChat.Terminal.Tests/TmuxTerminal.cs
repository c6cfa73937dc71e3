using System.Diagnostics;

namespace HardwareChat.Terminal.Tests;

/// <summary>A shell in a real terminal: tmux, with a server of its own.</summary>
internal sealed class TmuxTerminal : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _socket = Path.Combine(Path.GetTempPath(), $"hwchat-tmux-{Guid.NewGuid():N}");

    private TmuxTerminal()
    {
    }

    /// <summary>Opens it; skips the test where there is no tmux.</summary>
    public static TmuxTerminal Open(string environment = "TERM=screen-256color")
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "tmux"))))
            Assert.Skip("tmux is not installed");
        var terminal = new TmuxTerminal();
        terminal.Run("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", $"env -i PATH=/usr/bin:/bin HOME=/nonexistent LANG=C.UTF-8 {environment} PS1='$ ' sh");
        return terminal;
    }

    /// <summary>Types, as keys: "C-c" is Ctrl-C, "Enter" the key.</summary>
    public void Press(params string[] keys) => Run(["send-keys", .. keys]);

    /// <summary>Types a line.</summary>
    public void Type(string line)
    {
        Run("send-keys", "-l", line);
        Press("Enter");
    }

    /// <summary>Types letters.</summary>
    public void Write(string text) => Run("send-keys", "-l", text);

    /// <summary>Pastes, marked as a paste where the program asked for that.</summary>
    public void Paste(string text)
    {
        Run("set-buffer", "--", text);
        Run("paste-buffer", "-p");
    }

    /// <summary>Changes the size.</summary>
    public void Resize(int width, int height) => Run("resize-window", "-x", $"{width}", "-y", $"{height}");

    /// <summary>What is on the screen.</summary>
    public string Screen() => Run("capture-pane", "-p");

    /// <summary>What is on the screen, with the sequences that colour it.</summary>
    public string ColouredScreen() => Run("capture-pane", "-pe");

    /// <summary>Whether the alternate screen is on, the mouse is watched, and the cursor is shown.</summary>
    public string Modes() => Run("display-message", "-p", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}").Trim();

    /// <summary>The program that the shell runs.</summary>
    public int ProgramId()
    {
        using Process process = Process.Start(new ProcessStartInfo("pgrep", ["-P", Run("display-message", "-p", "#{pane_pid}").Trim()]) { RedirectStandardOutput = true })!;
        return int.Parse(process.StandardOutput.ReadToEnd().Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until the text is on the screen no more.</summary>
    public async Task WaitUntilGoneAsync(string text)
    {
        long start = Stopwatch.GetTimestamp();
        while (Screen() is var screen && screen.Contains(text, StringComparison.Ordinal))
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                Assert.Fail($"\"{text}\" did not go:\n{screen}");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Waits until the text is on the screen, and gives all of the screen.</summary>
    public async Task<string> WaitForAsync(string text)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string screen = Screen();
            if (screen.Contains(text, StringComparison.Ordinal))
                return screen;
            if (Stopwatch.GetElapsedTime(start) > Patience)
                Assert.Fail($"\"{text}\" did not come:\n{screen}");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>The terminal is as a shell wants it: no alternate screen, no mouse, a cursor, lines and echo.</summary>
    public async Task AssertSaneAsync()
    {
        Assert.Equal("0 0 1", Modes());
        Type("stty -a | grep -o ' icanon\\| echo ' | tr -d '\\n'; echo .");
        await WaitForAsync(" icanon echo .");
    }

    public void Dispose()
    {
        Run("kill-server");
        File.Delete(_socket);
    }

    private string Run(params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("tmux", ["-S", _socket, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"tmux {string.Join(' ', arguments)}: {error}");
        return output;
    }
}
