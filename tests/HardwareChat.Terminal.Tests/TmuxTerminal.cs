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
    public static TmuxTerminal Open()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "tmux"))))
            Assert.Skip("tmux is not installed");
        var terminal = new TmuxTerminal();
        terminal.Run("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "env -i PATH=/usr/bin:/bin HOME=/nonexistent TERM=screen PS1='$ ' sh");
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

    /// <summary>What is on the screen.</summary>
    public string Screen() => Run("capture-pane", "-p");

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
