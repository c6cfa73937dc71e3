using System.Diagnostics;

namespace HardwareChat.Terminal.Tests;

/// <summary>"hwchat demo", the real executable, without and with a terminal.</summary>
public sealed class DemoTests : IDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "hwchat");

    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-demo-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_step_is_shown_and_nothing_is_left_behind()
    {
        (int code, string output, string error) = await RunAsync(_folder);

        Assert.Equal("", error);
        Assert.Equal(0, code);
        string[] told = [.. output.Split('\n').Where(static line => line.Length > 2 && line[2] == '.')];
        Assert.Equal(12, told.Length);
        Assert.StartsWith(" 1. The relay listens at http://127.0.0.1:", told[0], StringComparison.Ordinal);
        Assert.StartsWith(" 7. carol tries with a wrong phrase: the others skip her knock", told[6], StringComparison.Ordinal);
        Assert.StartsWith("12. Whoever found carol's key is refused", told[11], StringComparison.Ordinal);
        Assert.Contains("Done: 12 steps, each seen to happen. Touches: alice 7, bob 4, carol 5.", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task No_room_for_the_token_is_an_error_line()
    {
        (int code, string output, string error) = await RunAsync(Path.Combine(_folder, "not-there"));

        Assert.Equal("", output);
        Assert.Equal(4, code);
        AssertErrorLine(error);
    }

    [Fact]
    public async Task Output_that_cannot_be_written_is_an_error_line()
    {
        if (!File.Exists("/dev/full"))
            Assert.Skip("there is no /dev/full");

        (int code, _, string error) = await RunAsync(_folder, "sh", "-c", "exec \"$0\" demo >/dev/full", Executable);

        Assert.Equal(4, code);
        AssertErrorLine(error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Folder_of_another_user_is_an_error_line()
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/setpriv"))
            Assert.Skip("another user's run wants root and setpriv");

        (int code, _, string error) = await RunAsync(_folder, "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", Executable, "demo");

        Assert.Equal(4, code);
        AssertErrorLine(error);
    }

    [Fact]
    public async Task Key_t_touches()
    {
        using TmuxTerminal terminal = TmuxTerminal.Open();
        terminal.Type($"TMPDIR={_folder} {Executable} demo; echo ended with $?");
        await terminal.WaitForAsync("Press t to touch it, q to give up");

        terminal.Press("x");
        while (!terminal.Screen().Contains("2. alice founds the community", StringComparison.Ordinal))
        {
            if (terminal.Screen().TrimEnd().Split('\n')[^1].Contains("Press t to touch it", StringComparison.Ordinal))
                terminal.Press("t");
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
        await terminal.WaitForAsync("invite bob]");
        terminal.Press("q");
        Assert.Contains("error: you gave up the touch", await terminal.WaitForAsync("ended with 16"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q", "error: you gave up the touch; nothing was signed.", "ended with 16")]
    [InlineData("C-c", "error: interrupted; nothing was signed.", "ended with 130")]
    public async Task Leaving_the_touch_leaves_a_sane_terminal_and_no_files(string key, string said, string ended)
    {
        using TmuxTerminal terminal = TmuxTerminal.Open();
        terminal.Type($"TMPDIR={_folder} {Executable} demo; echo ended with $?");
        await terminal.WaitForAsync("Press t to touch it, q to give up");

        terminal.Press(key);

        Assert.Contains(said, await terminal.WaitForAsync(ended), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        terminal.Type("stty -a | grep -o ' icanon\\| echo ' | tr -d '\\n'; echo .");
        await terminal.WaitForAsync(" icanon echo .");
    }

    private static void AssertErrorLine(string error)
    {
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(string temporary) => RunAsync(temporary, Executable, "demo");

    private static async Task<(int Code, string Output, string Error)> RunAsync(string temporary, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = temporary;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, error);
    }
}
